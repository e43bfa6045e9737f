package mirror

// A queue has the newest commit first, so that the lines of history that were
// merged are together again when they come to where they parted.
type queue []*step

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].commit.Committer.When.After(q[j].commit.Committer.When)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(s any)   { *q = append(*q, s.(*step)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	*q = (*q)[:last]
	return s
}

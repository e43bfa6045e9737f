package store

import "hash/maphash"

// tree is an ordered map whose nodes never change: put and delete give a new
// tree that shares all but the path to the key. It is balanced as a treap,
// with the hash of a key as its random rank: a node's rank is never below its
// children's, which alone gives a depth of about 2 log2 n.
type tree struct {
	key         string
	value       []byte
	rank        uint64
	left, right *tree
}

var rankSeed = maphash.MakeSeed()

func (t *tree) get(key string) []byte {
	for t != nil {
		switch {
		case key < t.key:
			t = t.left
		case key > t.key:
			t = t.right
		default:
			return t.value
		}
	}
	return nil
}

func (t *tree) put(key string, value []byte) *tree {
	return t.insert(&tree{key: key, value: value, rank: maphash.String(rankSeed, key)})
}

func (t *tree) insert(n *tree) *tree {
	switch {
	case t == nil:
		return n
	case n.key == t.key:
		return &tree{n.key, n.value, n.rank, t.left, t.right}
	case n.rank > t.rank:
		n.left, n.right = t.split(n.key)
		return n
	case n.key < t.key:
		return &tree{t.key, t.value, t.rank, t.left.insert(n), t.right}
	default:
		return &tree{t.key, t.value, t.rank, t.left, t.right.insert(n)}
	}
}

// split gives what is below and what is above a key that t does not hold: a
// key that it held would have the rank to have been met before.
func (t *tree) split(key string) (below, above *tree) {
	if t == nil {
		return nil, nil
	}
	if key < t.key {
		below, above = t.left.split(key)
		return below, &tree{t.key, t.value, t.rank, above, t.right}
	}
	below, above = t.right.split(key)
	return &tree{t.key, t.value, t.rank, t.left, below}, above
}

// delete gives t without a key that it holds.
func (t *tree) delete(key string) *tree {
	switch {
	case key < t.key:
		return &tree{t.key, t.value, t.rank, t.left.delete(key), t.right}
	case key > t.key:
		return &tree{t.key, t.value, t.rank, t.left, t.right.delete(key)}
	default:
		return merge(t.left, t.right)
	}
}

// merge joins two trees of which every key of the first is the lesser.
func merge(a, b *tree) *tree {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.rank > b.rank:
		return &tree{a.key, a.value, a.rank, a.left, merge(a.right, b)}
	default:
		return &tree{b.key, b.value, b.rank, merge(a, b.left), b.right}
	}
}

// scan yields the keys in [from, to) and tells whether it was let go on.
func (t *tree) scan(from, to string, yield func(string, []byte) bool) bool {
	if t == nil {
		return true
	}
	if from < t.key && !t.left.scan(from, to, yield) {
		return false
	}
	below := to == "" || t.key < to
	if below && from <= t.key && !yield(t.key, t.value) {
		return false
	}
	return !below || t.right.scan(from, to, yield)
}

func (t *tree) last() *tree {
	for t != nil && t.right != nil {
		t = t.right
	}
	return t
}

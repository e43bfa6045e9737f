package jiratest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// find gives what a query finds, in its order. Values that do not exist are
// an error, or warnings where the query is not to be validated.
func (j *Jira) find(q query) (found []*document, warnings []string, err error) {
	tree, order, err := parseJQL(q.JQL)
	if err != nil {
		return nil, nil, err
	}
	if tree == nil && j.cloud() {
		return nil, nil, refuse(400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
	}
	b := &builder{jira: j, now: j.time(), zone: j.zone()}
	wanted := b.build(tree, false)
	compare := b.order(order)
	if strict := fmt.Sprint(q.Validate); len(b.faults) > 0 && strict != "false" && strict != "none" {
		return nil, nil, refusal{status: 400, messages: b.faults}
	}
	if b.fatal {
		return nil, nil, refusal{status: 400, messages: b.faults}
	}
	now := j.indexNow()
	for _, i := range j.candidates(tree) {
		d := i.indexed(now)
		if slices.Contains(q.Reconcile, i.id) {
			d = i.alive()
		}
		if d != nil && j.searchable(d) && wanted(d) {
			found = append(found, d)
		}
	}
	slices.SortStableFunc(found, compare)
	return found, b.faults, nil
}

// candidates are the issues that a query may find: all, unless a label must
// be there.
func (j *Jira) candidates(tree node) []*issue {
	switch n := tree.(type) {
	case clause:
		if n.field == "labels" && (n.operator == "=" || n.operator == "in") && !slices.ContainsFunc(n.values, value.empty) {
			return j.labelled(n.values)
		}
	case both:
		for _, part := range n {
			if few := j.candidates(part); len(few) < len(j.order) {
				return few
			}
		}
	}
	return j.order
}

func (j *Jira) labelled(values []value) (found []*issue) {
	seen := map[int]bool{}
	for _, v := range values {
		for _, i := range j.byLabel[v.text] {
			if !seen[i.id] {
				seen[i.id] = true
				found = append(found, i)
			}
		}
	}
	return found
}

func (j *Jira) searchable(d *document) bool { return j.may("BROWSE_PROJECTS") && !d.project.Archived }

// order gives how two documents are compared; without ORDER BY the newest
// comes first, as with Jira's default.
func (b *builder) order(terms []orderTerm) func(x, y *document) int {
	var all []func(x, y *document) int
	for _, t := range terms {
		compare := comparisons[canonical[t.field]]
		if compare == nil {
			b.complain("Field '%s' does not exist or you do not have permission to view it.", t.field)
			b.fatal = true
			continue
		}
		if t.descending {
			all = append(all, func(x, y *document) int { return -compare(x, y) })
			continue
		}
		all = append(all, compare)
	}
	return func(x, y *document) int {
		for _, compare := range all {
			if c := compare(x, y); c != 0 {
				return c
			}
		}
		return cmp.Compare(y.id, x.id)
	}
}

// comparisons by which results can be ordered. Times are ordered by the
// second, as the index has them.
var comparisons = map[string]func(x, y *document) int{
	"updated": func(x, y *document) int {
		return x.updated.Truncate(time.Second).Compare(y.updated.Truncate(time.Second))
	},
	"created": func(x, y *document) int {
		return x.created.Truncate(time.Second).Compare(y.created.Truncate(time.Second))
	},
	"key": func(x, y *document) int {
		return cmp.Or(cmp.Compare(x.project.Key, y.project.Key), cmp.Compare(keyNumber(x.key), keyNumber(y.key)))
	},
}

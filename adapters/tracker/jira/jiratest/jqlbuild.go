package jiratest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// canonical are the fields that can be asked for, by all their names.
var canonical = map[string]string{
	"project": "project", "key": "key", "issuekey": "key", "id": "key", "issue": "key", "parent": "parent",
	"labels": "labels", "status": "status", "statuscategory": "statusCategory", "component": "component",
	"assignee": "assignee", "reporter": "reporter", "issuetype": "issuetype", "type": "issuetype",
	"updated": "updated", "updateddate": "updated", "created": "created", "createddate": "created",
}

// A builder makes a test of documents from a parsed query and holds the
// query's values against the instance.
type builder struct {
	jira   *Jira
	now    time.Time
	zone   *time.Location
	faults []string
	fatal  bool // a fault that validateQuery=false does not forgive
}

type condition func(*document) bool

func (b *builder) complain(format string, args ...any) {
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// build makes a condition. A negation goes down to the clauses, as with Jira:
// neither "labels = x" nor its negation finds an issue without labels.
func (b *builder) build(tree node, negate bool) condition {
	switch n := tree.(type) {
	case nil:
		return func(*document) bool { return true }
	case negated:
		return b.build(n.node, !negate)
	case both:
		return b.join(n, negate, negate)
	case either:
		return b.join(n, negate, !negate)
	}
	return b.clause(tree.(clause), negate)
}

// join makes one condition of several: any is enough, or all must hold.
func (b *builder) join(parts []node, negate, any bool) condition {
	var all []condition
	for _, p := range parts {
		all = append(all, b.build(p, negate))
	}
	return func(d *document) bool {
		for _, part := range all {
			if part(d) == any {
				return any
			}
		}
		return !any
	}
}

var opposite = map[string]string{
	"=": "!=", "!=": "=", "in": "not in", "not in": "in", "is": "is not", "is not": "is", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
}

func (b *builder) clause(c clause, negate bool) condition {
	if negate {
		c.operator = opposite[c.operator]
	}
	never := func(*document) bool { return false }
	if c.field == "" {
		b.complain("Field '%s' does not exist or you do not have permission to view it.", c.name)
		b.fatal = true
		return never
	}
	switch {
	case !b.supports(c):
		b.complain("The operator '%s' is not supported by the '%s' field.", c.operator, c.name)
		b.fatal = true
		return never
	case strings.HasPrefix(c.operator, "is"):
		return b.empty(c)
	case c.field == "updated" || c.field == "created":
		return b.dated(c)
	case c.field == "key" && strings.ContainsAny(c.operator, "<>"):
		return b.keyed(c)
	}
	return b.oneOf(c)
}

// supports tells whether a field has the operator. Only Cloud's parent can be
// empty.
func (b *builder) supports(c clause) bool {
	ordered := strings.ContainsAny(c.operator, "<>")
	switch c.field {
	case "updated", "created":
		return strings.ContainsAny(c.operator, "<>=")
	case "key":
		return !strings.HasPrefix(c.operator, "is")
	case "labels", "component", "assignee", "reporter":
		return !ordered
	case "parent":
		return !ordered && (b.jira.cloud() || !strings.HasPrefix(c.operator, "is"))
	}
	return !ordered && !strings.HasPrefix(c.operator, "is")
}

func (b *builder) empty(c clause) condition {
	if !c.values[0].empty() {
		b.complain("The operator '%s' requires the value 'EMPTY' or 'NULL'.", c.operator)
		b.fatal = true
	}
	want := c.operator == "is"
	return func(d *document) bool { return want == (len(d.attributes(c.field)) == 0) }
}

// keyed compares issues by their keys.
func (b *builder) keyed(c clause) condition {
	id, ok := b.issue(c, c.values[0].text)
	if !ok {
		return func(*document) bool { return false }
	}
	other := b.jira.stored(id)
	return func(d *document) bool { return holds(c.operator, comparisons["key"](d, &other.document)) }
}

// holds tells whether an operator is true of how two things compare.
func holds(operator string, order int) bool {
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "!=":
		return order != 0
	}
	return order == 0
}

// oneOf is equality with one value or several, EMPTY among them.
func (b *builder) oneOf(c clause) condition {
	want := c.operator == "=" || c.operator == "in"
	var wanted []string
	emptiness := false
	for _, v := range c.values {
		if v.empty() && b.supports(clause{field: c.field, operator: "is"}) {
			emptiness = true
			continue
		}
		wanted = append(wanted, b.resolve(c, v)...)
	}
	return func(d *document) bool {
		has := d.attributes(c.field)
		if len(has) == 0 {
			return emptiness && want
		}
		return slices.ContainsFunc(has, func(h string) bool { return slices.Contains(wanted, h) }) == want
	}
}

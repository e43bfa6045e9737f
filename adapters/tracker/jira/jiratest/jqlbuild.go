package jiratest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// canonical are the fields that can be asked for, by all their names.
var canonical = map[string]string{
	"project": "project", "key": "key", "issuekey": "key", "id": "key", "issue": "key", "parent": "parent",
	"labels": "labels", "status": "status", "statuscategory": "statusCategory",
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
		for _, holds := range all {
			if holds(d) == any {
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
	emptiness := c.operator == "is" || c.operator == "is not"
	dated := c.field == "updated" || c.field == "created"
	supported := !strings.ContainsAny(c.operator, "<>")
	switch {
	case emptiness:
		supported = c.field == "labels" || c.field == "parent"
	case dated:
		supported = strings.ContainsAny(c.operator, "<>=")
	}
	if !supported {
		b.complain("The operator '%s' is not supported by the '%s' field.", c.operator, c.name)
		b.fatal = true
		return never
	}
	switch {
	case emptiness:
		return b.empty(c)
	case dated:
		return b.dated(c)
	}
	return b.oneOf(c)
}

func (b *builder) empty(c clause) condition {
	if !c.values[0].empty() {
		b.complain("The operator '%s' requires the value 'EMPTY' or 'NULL'.", c.operator)
		b.fatal = true
	}
	want := c.operator == "is"
	return func(d *document) bool {
		return want == (c.field == "labels" && len(d.labels) == 0 || c.field == "parent" && d.parent == 0)
	}
}

// oneOf is equality with one value or several.
func (b *builder) oneOf(c clause) condition {
	want := c.operator == "=" || c.operator == "in"
	var wanted []string
	for _, v := range c.values {
		if text, ok := b.resolve(c, v); ok {
			wanted = append(wanted, text)
		}
	}
	return func(d *document) bool {
		has := d.attributes(c.field)
		hit := slices.ContainsFunc(has, func(h string) bool { return slices.Contains(wanted, h) })
		return len(has) > 0 && hit == want
	}
}

// attributes are what a document has for a field, as resolve gives it.
func (d *document) attributes(field string) []string {
	switch field {
	case "project":
		return []string{d.project.id}
	case "key":
		return []string{strconv.Itoa(d.id)}
	case "labels":
		return d.labels
	case "status":
		return []string{d.status}
	case "statusCategory":
		return []string{d.statusOf().Category}
	case "parent":
		if d.parent != 0 {
			return []string{strconv.Itoa(d.parent)}
		}
	}
	return nil
}

// resolve gives what a value stands for, or complains that nothing does.
func (b *builder) resolve(c clause, v value) (string, bool) {
	switch c.field {
	case "project":
		if p := b.jira.project(v.text); p != nil && !p.Archived {
			return p.id, true
		}
	case "key", "parent":
		return b.issue(c, v.text)
	case "labels":
		return v.text, true
	case "status":
		for _, p := range b.jira.projects {
			if s, ok := p.Workflow.status(v.text); ok {
				return s.Name, true
			}
		}
	case "statusCategory":
		categories := map[string]string{"to do": "new", "new": "new", "2": "new", "in progress": "indeterminate", "indeterminate": "indeterminate", "4": "indeterminate", "done": "done", "3": "done"}
		if key, ok := categories[strings.ToLower(v.text)]; ok {
			return key, true
		}
	}
	b.complain("The value '%s' does not exist for the field '%s'.", v.text, c.name)
	return "", false
}

func (b *builder) issue(c clause, text string) (string, bool) {
	i := b.jira.issue(text)
	if i != nil {
		return strconv.Itoa(i.id), true
	}
	_, err := strconv.Atoi(text)
	project, number, dashed := strings.Cut(text, "-")
	switch {
	case err == nil:
		b.complain("A value with ID '%s' does not exist for the field '%s'.", text, c.name)
	case !dashed || project == "" || strings.Trim(number, "0123456789") != "" || number == "":
		b.complain("The issue key '%s' for field '%s' is invalid.", text, c.name)
	default:
		b.complain("An issue with key '%s' does not exist for field '%s'.", text, c.name)
	}
	return "", false
}

package jiratest

import (
	"fmt"
	"strings"
)

// A node is a condition: clause, both, either or negated; nil is none.
type node any

type (
	both    []node
	either  []node
	negated struct{ node }
)

// A clause is a field, an operator and its values.
type clause struct {
	field    string // canonical, "" when it is unknown
	name     string // as it was written
	operator string // "=", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"
	values   []value
}

type value struct {
	text     string
	quoted   bool
	function bool // text is its name
}

func (v value) empty() bool {
	return !v.quoted && !v.function && (strings.EqualFold(v.text, "empty") || strings.EqualFold(v.text, "null"))
}

type orderTerm struct {
	field      string
	descending bool
}

// maxDepth of parentheses and negations.
const maxDepth = 200

type parser struct {
	tokens []token
	depth  int
}

// parseJQL gives a query's condition and its order.
func parseJQL(jql string) (node, []orderTerm, error) {
	tokens, err := scanJQL(jql)
	if err != nil {
		return nil, nil, err
	}
	p := &parser{tokens: tokens}
	var tree node
	if !p.done() && !p.at("order") {
		if tree, err = p.either(); err != nil {
			return nil, nil, err
		}
	}
	order, err := p.order()
	if err == nil && !p.done() {
		err = p.expected("'OR', 'AND' or 'ORDER BY'")
	}
	return tree, order, err
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) take() token {
	t := p.tokens[0]
	if t.kind != endToken {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) done() bool { return p.peek().kind == endToken }

// at tells whether a keyword comes next.
func (p *parser) at(keyword string) bool {
	return p.peek().kind == wordToken && strings.EqualFold(p.peek().text, keyword)
}

func (p *parser) took(keyword string) bool {
	if p.at(keyword) {
		p.take()
		return true
	}
	return false
}

func (p *parser) sign(text string) bool {
	if t := p.peek(); t.kind == signToken && t.text == text {
		p.take()
		return true
	}
	return false
}

func (p *parser) expected(what string) error {
	t := p.peek()
	if t.kind == endToken {
		return jqlError(fmt.Sprintf("Expecting %s before the end of the query.", what), t.offset)
	}
	return jqlError(fmt.Sprintf("Expecting %s but got '%s'.", what, t.text), t.offset)
}

func (p *parser) either() (node, error) {
	return p.list("or", p.both, func(all []node) node { return either(all) })
}

func (p *parser) both() (node, error) {
	return p.list("and", p.term, func(all []node) node { return both(all) })
}

func (p *parser) list(keyword string, part func() (node, error), join func([]node) node) (node, error) {
	var all []node
	for {
		n, err := part()
		if err != nil {
			return nil, err
		}
		all = append(all, n)
		if !p.took(keyword) {
			break
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return join(all), nil
}

func (p *parser) term() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, jqlError("The query is nested too deeply.", p.peek().offset)
	}
	defer func() { p.depth-- }()
	switch {
	case p.took("not") || p.sign("!"):
		n, err := p.term()
		return negated{n}, err
	case p.sign("("):
		n, err := p.either()
		if err == nil && !p.sign(")") {
			err = p.expected("')'")
		}
		return n, err
	}
	return p.clause()
}

func (p *parser) clause() (node, error) {
	t := p.peek()
	if t.kind != wordToken && t.kind != stringToken {
		return nil, p.expected("either a field name or '('")
	}
	if t.kind == wordToken && reserved(t.text) {
		return nil, jqlError(fmt.Sprintf("'%s' is a reserved JQL word. You must surround it in quotation marks to use it as a field name.", t.text), t.offset)
	}
	p.take()
	c := clause{field: canonical[strings.ToLower(t.text)], name: t.text}
	var err error
	if c.operator, err = p.operator(); err != nil {
		return nil, err
	}
	c.values, err = p.values(strings.HasSuffix(c.operator, "in"))
	return c, err
}

func (p *parser) operator() (string, error) {
	for _, sign := range []string{"=", "!=", "<=", ">=", "<", ">"} {
		if p.sign(sign) {
			return sign, nil
		}
	}
	switch {
	case p.took("in"):
		return "in", nil
	case p.took("is"):
		if p.took("not") {
			return "is not", nil
		}
		return "is", nil
	case p.at("not") && len(p.tokens) > 1 && strings.EqualFold(p.tokens[1].text, "in"):
		p.tokens = p.tokens[2:]
		return "not in", nil
	}
	return "", p.expected("operator: '=', '!=', '<', '>', '<=', '>=', 'IN', 'IS', 'NOT IN'")
}

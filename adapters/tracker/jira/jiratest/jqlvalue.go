package jiratest

import (
	"fmt"
	"strings"
)

func (p *parser) values(list bool) ([]value, error) {
	if !list {
		v, err := p.value()
		return []value{v}, err
	}
	if !p.sign("(") {
		return p.function()
	}
	var all []value
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		all = append(all, v)
		if p.sign(")") {
			return all, nil
		}
		if !p.sign(",") {
			return nil, p.expected("')' or ','")
		}
	}
}

func (p *parser) value() (value, error) {
	t := p.peek()
	v := value{text: t.text, quoted: t.kind == stringToken}
	switch {
	case t.kind != wordToken && t.kind != stringToken:
		return v, p.expected("either a value, list or function")
	case !v.quoted && !v.empty() && reserved(t.text):
		return v, jqlError(fmt.Sprintf("'%s' is a reserved JQL word. You must surround it in quotation marks to use it as a value.", t.text), t.offset)
	}
	p.take()
	if !p.sign("(") {
		return v, nil
	}
	v.text, v.function = strings.ToLower(t.text), true
	if !functions[v.text] || !p.sign(")") {
		return v, jqlError(fmt.Sprintf("Unable to find JQL function '%s()'.", t.text), t.offset)
	}
	return v, nil
}

// functions that this package knows; none takes an argument.
var functions = map[string]bool{"currentuser": true, "subtaskissuetypes": true, "standardissuetypes": true}

// function stands for a list.
func (p *parser) function() ([]value, error) {
	if t := p.peek(); t.kind != wordToken || len(p.tokens) < 2 || p.tokens[1].text != "(" {
		return nil, p.expected("'('")
	}
	v, err := p.value()
	return []value{v}, err
}

func (p *parser) order() ([]orderTerm, error) {
	if !p.took("order") {
		return nil, nil
	}
	if !p.took("by") {
		return nil, p.expected("'BY'")
	}
	var all []orderTerm
	for {
		t := p.peek()
		if t.kind != wordToken && t.kind != stringToken {
			return nil, p.expected("a field name")
		}
		p.take()
		term := orderTerm{field: strings.ToLower(t.text)}
		if p.took("desc") {
			term.descending = true
		} else {
			p.took("asc")
		}
		all = append(all, term)
		if !p.sign(",") {
			return all, nil
		}
	}
}

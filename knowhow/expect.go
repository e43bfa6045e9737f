package knowhow

import (
	"regexp"
	"strconv"

	"github.com/theory/jsonpath"
	"gopkg.in/yaml.v3"
)

// get reads a URL with parameters; nil is a faulty one.
func (x *indexer) get(n *yaml.Node) *Get {
	text := x.text(n, "get")
	if text == "" {
		return nil
	}
	if _, err := parseTarget(text); err != nil {
		x.fault(n, "get %v", err)
		return nil
	}
	return &Get{URL: text}
}

// path reads a JSON path by the parser that will follow it, so that what is
// accepted here works there.
func (x *indexer) path(n *yaml.Node) string {
	text := x.text(n, "json")
	if text == "" {
		return ""
	}
	if _, err := jsonpath.Parse(text); err != nil {
		x.fault(n, "json is no JSON path of RFC 9535 (%v); correct it, such as $.status.db", err)
	}
	return text
}

// expect reads what is expected of an answer or, without one, of a program.
func (x *indexer) expect(n *yaml.Node, answer bool) *Expect {
	e := new(Expect)
	x.mapping(n, "expect", expectShape, keys{
		"exit":    func(n *yaml.Node) { e.Exit = x.exit(n, answer) },
		"matches": func(n *yaml.Node) { e.Matches = x.search(n) },
		"compare": func(n *yaml.Node) {
			one := func(n *yaml.Node) { e.Compare = append(e.Compare, x.compare(n)) }
			if n.Kind == yaml.SequenceNode {
				x.list(n, "compare", one)
				return
			}
			one(n)
		},
	})
	return e
}

func (x *indexer) exit(n *yaml.Node, answer bool) *int {
	least, most, what := 0, 255, "the exit status of a program"
	if answer {
		least, most, what = 100, 599, "the status of an answer"
	}
	status, err := strconv.Atoi(n.Value)
	if n.ShortTag() != "!!int" || err != nil || status < least || status > most {
		x.fault(n, "exit is %s here and must be a number from %d to %d, without quotes; correct it", what, least, most)
	}
	return &status
}

func (x *indexer) search(n *yaml.Node) *Search {
	text := x.text(n, "matches")
	if text == "" {
		return nil
	}
	s, err := newSearch(text)
	if err != nil {
		x.fault(n, "matches is no RE2 expression (%v); correct it", err)
	}
	return s
}

var compared = regexp.MustCompile(comparison["pattern"].(string))

func (x *indexer) compare(n *yaml.Node) Compare {
	text := x.text(n, "compare")
	m := compared.FindStringSubmatch(text)
	if text == "" || m == nil {
		if text != "" {
			x.fault(n, "compare is %s and must be one of <, <=, >, >=, == and != before a number, such as \"< 90\"; correct it", shown(text))
		}
		return Compare{}
	}
	limit, err := strconv.ParseFloat(m[2], 64)
	if err != nil {
		x.fault(n, "compare is %s, a number beyond reason; correct it", shown(text))
	}
	return Compare{Op: m[1], Number: limit}
}

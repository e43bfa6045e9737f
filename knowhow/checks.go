package knowhow

import (
	"fmt"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// The time a check gets when the file does not say, and the most it can get.
const (
	defaultTimeout = 10 * time.Second
	maxTimeout     = time.Minute
)

// check reads one definition under checks. A faulty one is known all the
// same, so that its uses are not reported too.
func (x *indexer) check(key, value *yaml.Node) {
	c := &Check{Name: x.id(key, "a check's name"), Where: Bot, Timeout: defaultTimeout, at: x.at(key)}
	var holes, get, where, expect *yaml.Node
	var json string
	x.mapping(value, "a check", checkShape, keys{
		"run":     func(n *yaml.Node) { holes = n; c.Run = x.arguments(n) },
		"get":     func(n *yaml.Node) { holes, get = n, n; c.Get = x.get(n) },
		"json":    func(n *yaml.Node) { json = x.path(n) },
		"where":   func(n *yaml.Node) { where = n; c.Where = x.where(n) },
		"timeout": func(n *yaml.Node) { c.Timeout = x.timeout(n) },
		"params": func(n *yaml.Node) {
			x.pairs(n, "params", func(key, value *yaml.Node) { c.Params = append(c.Params, x.param(key, value)) })
		},
		"expect": func(n *yaml.Node) { expect = n },
	})
	if c.Get != nil {
		c.Get.JSON = json
	}
	if where != nil && c.Get != nil && c.Where == Server {
		x.fault(where, "a check with get asks from the bot's own host; write where: %s, or remove it", Bot)
	}
	if expect != nil {
		c.Expect = x.expect(expect, get != nil)
	}
	if holes != nil {
		x.references(holes, c)
	}
	x.checks[key.Value] = c
	x.base.checks = append(x.base.checks, c)
}

func (x *indexer) arguments(n *yaml.Node) []string {
	var args []string
	x.list(n, "run", func(n *yaml.Node) { args = append(args, x.text(n, "an argument")) })
	if len(args) > 0 && reference.MatchString(args[0]) {
		x.fault(n.Content[0], "the program to run must not come from a ticket; write its name")
	}
	return args
}

func (x *indexer) where(n *yaml.Node) string {
	where := x.text(n, "where")
	if where != "" && where != Bot && where != Server {
		x.fault(n, "checks cannot run on %q; write %q for the bot's own host, or %q for the server that the ticket names", where, Bot, Server)
	}
	return where
}

func (x *indexer) timeout(n *yaml.Node) time.Duration {
	d, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d <= 0 || d > maxTimeout {
		x.fault(n, "timeout must be a time such as 10s, more than nothing and at most %v; correct it", maxTimeout)
		return defaultTimeout
	}
	return d
}

func (x *indexer) param(key, value *yaml.Node) Param {
	p := Param{Name: key.Value, at: x.at(key)}
	if !isParamName(p.Name) {
		x.fault(key, "a parameter's name is made of letters, digits, - and _; rename %q", p.Name)
	}
	var preset *yaml.Node
	x.mapping(value, "a parameter", paramShape, keys{
		"from":    func(n *yaml.Node) { p.From = x.text(n, "from"); p.at = x.at(n) },
		"pattern": func(n *yaml.Node) { p.Pattern = x.pattern(n, "a parameter's pattern") },
		"default": func(n *yaml.Node) { p.Default = x.text(n, "a parameter's default"); preset = n },
	})
	if p.Default != "" && p.Pattern != nil {
		if err := p.Pattern.Check(p.Default); err != nil {
			x.fault(preset, "the default %v", err)
		}
	}
	return p
}

// references holds the {names} in the arguments or the URL against the
// parameters.
func (x *indexer) references(holes *yaml.Node, c *Check) {
	used := make(map[string]bool)
	for _, text := range slices.Concat(holes.Content, []*yaml.Node{holes}) {
		for _, m := range reference.FindAllStringSubmatch(text.Value, -1) {
			used[m[1]] = true
			if !c.hasParam(m[1]) {
				x.fault(text, "the parameter {%s} is not defined; define it under params, or correct the name", m[1])
			}
		}
	}
	in := "run"
	if c.Get != nil {
		in = "get"
	}
	for _, p := range c.Params {
		if isParamName(p.Name) && !used[p.Name] {
			*x.faults = append(*x.faults, p.at.fault("the parameter "+p.Name+" is not used in "+in+"; write {"+p.Name+"} there or remove it"))
		}
		if err := c.Get.refuses(p.Name, p.Default); err != nil && p.Default != "" {
			*x.faults = append(*x.faults, p.at.fault(fmt.Sprintf("the default of %s %v", p.Name, err)))
		}
	}
}

func isParamName(s string) bool { return reference.FindString("{"+s+"}") == "{"+s+"}" }

func (c *Check) hasParam(name string) bool {
	for _, p := range c.Params {
		if p.Name == name {
			return true
		}
	}
	return false
}

package knowhow

import (
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
	var run *yaml.Node
	seen := x.mapping(value, "a check", keys{
		"run":     func(n *yaml.Node) { run = n; c.Run = x.arguments(n) },
		"where":   func(n *yaml.Node) { c.Where = x.where(n) },
		"timeout": func(n *yaml.Node) { c.Timeout = x.timeout(n) },
		"params": func(n *yaml.Node) {
			x.pairs(n, "params", func(key, value *yaml.Node) { c.Params = append(c.Params, x.param(key, value)) })
		},
	})
	x.need(value, "a check", seen, "run")
	if run != nil {
		x.references(run, c)
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
	if where != "" && where != Bot {
		x.fault(n, "checks cannot run on %q; the only place there is is %q, the bot's own host", where, Bot)
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
	seen := x.mapping(value, "a parameter", keys{
		"from":    func(n *yaml.Node) { p.From = x.text(n, "from"); p.at = x.at(n) },
		"pattern": func(n *yaml.Node) { p.Pattern = x.pattern(n, "a parameter's pattern") },
		"default": func(n *yaml.Node) { p.Default = x.text(n, "a parameter's default"); preset = n },
	})
	x.need(value, "a parameter", seen, "from", "pattern")
	if p.Default != "" && p.Pattern != nil {
		if err := p.Pattern.Check(p.Default); err != nil {
			x.fault(preset, "the default %v", err)
		}
	}
	return p
}

// references holds the {names} in the arguments against the parameters.
func (x *indexer) references(run *yaml.Node, c *Check) {
	used := make(map[string]bool)
	for _, arg := range run.Content {
		for _, m := range reference.FindAllStringSubmatch(arg.Value, -1) {
			used[m[1]] = true
			if !c.hasParam(m[1]) {
				x.fault(arg, "the parameter {%s} is not defined; define it under params, or correct the name", m[1])
			}
		}
	}
	for _, p := range c.Params {
		if isParamName(p.Name) && !used[p.Name] {
			*x.faults = append(*x.faults, p.at.fault("the parameter "+p.Name+" is not used in run; write {"+p.Name+"} there or remove it"))
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

package knowhow

// AlertFields are what an alert says about itself, as far as entries ask.
type AlertFields struct {
	Source  string
	Host    string
	Service string
	Check   string
	Summary string
	Labels  map[string]string
}

// A Matcher recognises alerts by globs over their fields: * stands for any
// characters, ? for one; case and width are ignored. An empty glob asks for
// nothing, and everything that is asked for must match.
type Matcher struct {
	Source  string
	Host    string
	Service string
	Check   string
	Summary string
	Labels  map[string]string
}

// Match tells whether the alert has everything the matcher asks for.
func (m Matcher) Match(a AlertFields) bool {
	for label, pattern := range m.Labels {
		if value, ok := a.Labels[label]; !ok || !glob(pattern, value) {
			return false
		}
	}
	return glob(m.Source, a.Source) && glob(m.Host, a.Host) && glob(m.Service, a.Service) &&
		glob(m.Check, a.Check) && glob(m.Summary, a.Summary)
}

// glob takes time proportional to the product of both lengths at worst: on a
// mismatch only the last star takes one character more.
func glob(pattern, value string) bool {
	if pattern == "" || pattern == "*" {
		return true
	}
	p, v := []rune(Fold(pattern)), []rune(Fold(value))
	star, from := -1, 0
	i := 0
	for j := 0; j < len(v); {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == v[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

package rule

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// The grammar of rules, as it stands in a configuration. Patterns are RE2;
// (?m) lets ^ and $ be the ends of a line.
//
//	mail:
//	  ready: [zabbix, nagios]      # the sets that come with Tebiki, in the order in
//	                               # which they are asked after the rules. Default: all
//	  zone: Asia/Tokyo             # of times that say none, in all rules. Default: the
//	                               # mail's own
//	  rules:
//	    - name: backup             # how reports call it
//	      when:                    # all must match
//	        from: '@backup\.example\.jp'
//	        to: ...                # as all of these, where it is wanted
//	        subject: ...
//	        body: ...
//	        headers: {X-Mailer: ...}
//	      each:                    # when a mail holds several alerts:
//	        start: '(?m)^Labels$'  # where each begins
//	        under: '(?m)^\[\d+\] (?P<status>Firing|Resolved)$'   # headings over them
//	      read:                    # in this order; a field that has a value keeps it
//	        - in: subject          # or from, to, body (default), header.NAME, a field
//	          match: '^\[(?P<status>\w+)\] (?P<host>\S+)'
//	        - match: 'code (?P<code>\d+)'
//	          optional: true       # the rule takes the mail without it, too
//	        - lines:               # "key: value" lines, see readLines
//	            host: [Host, ホスト名]
//	            severity: 重要度
//	        - in: rest
//	          pairs: label         # all "name = value" lines become label.NAME
//	      words:                   # what the sender's words mean
//	        status:                # to problem, recovery, flapping or note
//	          recovery: [復帰]
//	        severity: {critical: [重度の障害]}
//	      need: [host]             # without these the rule does not take the mail
//	      zone: Asia/Tokyo         # the same for this rule
//	      alert:                   # what its parts are made of. Default: the field of
//	        source: backup         # that name; source is the rule's name, and the key
//	        host: ${host}          # is made of host, service and check
//	        service: ...
//	        check: backup ${job|topic}
//	        severity: ${severity:-warning}
//	        status: ${status}
//	        key: ${host} ${job}
//	        summary: ${message|subject}
//	        link: ${url}
//	        time: ${date} ${clock}
//	        labels: {code: '${code}'}
//	        labels_of: [label]     # all fields of pairs become labels, too

// parts are the keys of alert that are templates.
var parts = []string{sourcePart, keyPart, hostPart, servicePart, checkPart, severityPart, statusPart, summaryPart, linkPart, timePart}

// rule reads one. What refers to fields is read last, whatever the order in
// the file, since it is held against those that are read.
func (r *reader) rule(n *yaml.Node) *rule {
	out := &rule{file: r.file, line: n.Line, words: map[string]words{}, alert: map[string]template{}}
	k := &known{}
	later := map[string]*yaml.Node{}
	keep := func(key string) func(*yaml.Node) { return func(n *yaml.Node) { later[key] = n } }
	r.mapping(n, "a rule", keys{
		"name":  func(n *yaml.Node) { out.name = r.text(n, "name") },
		"when":  func(n *yaml.Node) { out.when = r.when(n) },
		"words": func(n *yaml.Node) { r.words(n, out.words) },
		"zone":  func(n *yaml.Node) { out.zone = r.zone(n) },
		"each":  keep("each"), "read": keep("read"), "need": keep("need"), "alert": keep("alert"),
	}, "name", "when")
	if n := later["each"]; n != nil {
		out.each = r.each(n, k)
	}
	if n := later["read"]; n != nil {
		r.list(n, "read", func(n *yaml.Node) { out.steps = append(out.steps, r.step(n, k)) })
	}
	if n := later["need"]; n != nil {
		r.list(n, "need", func(n *yaml.Node) {
			name := r.text(n, "a needed field")
			r.field(n, "need", name, k)
			out.need = append(out.need, name)
		})
	}
	if n := later["alert"]; n != nil {
		r.alert(n, out, k)
	}
	return out
}

// when reads the conditions. Those of short texts are tried first.
func (r *reader) when(n *yaml.Node) (out []condition) {
	add := func(text string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			if p := r.pattern(n, "when."+text); p != nil {
				out = append(out, condition{text, p})
			}
		}
	}
	r.mapping(n, "when", keys{
		fromText: add(fromText), toText: add(toText), subjectText: add(subjectText), bodyText: add(bodyText),
		"headers": func(n *yaml.Node) {
			r.pairs(n, "headers", func(key, value *yaml.Node) { add(headerText + key.Value)(value) })
		},
	})
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		r.fault(n, "when asks for nothing, so that the rule would take every mail; say which, or write subject: .* for all")
	}
	rank := []string{subjectText, fromText, toText, "", bodyText}
	slices.SortStableFunc(out, func(a, b condition) int { return rankOf(rank, a.text) - rankOf(rank, b.text) })
	return out
}

func rankOf(rank []string, text string) int {
	if i := slices.Index(rank, text); i >= 0 {
		return i
	}
	return slices.Index(rank, "")
}

func (r *reader) each(n *yaml.Node, k *known) *pieces {
	out := &pieces{}
	r.mapping(n, "each", keys{
		"start": func(n *yaml.Node) { out.start = r.pattern(n, "each.start") },
		"under": func(n *yaml.Node) { out.under = r.pattern(n, "each.under") },
	}, "start")
	if out.under != nil {
		r.groups(n, out.under, k)
	}
	if out.start == nil {
		return nil
	}
	return out
}

// groups takes the fields that a pattern reads.
func (r *reader) groups(n *yaml.Node, p *regexp.Regexp, k *known) (some bool) {
	for _, name := range p.SubexpNames() {
		if name == "" {
			continue
		}
		some = true
		r.newField(n, name, k)
	}
	return some
}

// newField takes the name of a field that is read.
func (r *reader) newField(n *yaml.Node, name string, k *known) {
	if slices.Contains(mailTexts, name) {
		r.fault(n, "%q is a text of every mail; call the field something else", name)
		return
	}
	if !fieldName.MatchString(name) || strings.Contains(name, ".") {
		r.fault(n, "%q is no name of a field; use letters, digits, - and _", name)
		return
	}
	k.names = append(k.names, name)
}

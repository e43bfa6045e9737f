package rule_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"tebiki/adapters/source/mail/rule"
)

// Every fault comes with its place and what to do.
func TestFaults(t *testing.T) {
	_, err := rule.Parse("r.yaml", faultyRules)
	var faults rule.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff(strings.TrimSpace(faultyRulesWant), faults.Error()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for text, want := range map[string]string{
		"":                                "r.yaml:1:1: there is nothing here; write rules, or remove the file",
		"a: [":                            "r.yaml:1:1: this is not YAML: did not find expected node content; correct it here or near here",
		"rules: []\n---\n":                "r.yaml:2:1: a second YAML document begins here; remove the line with ---",
		"- &a {name: x, when: {from: x}}": "r.yaml:1:3: anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins with one of them",
		"x":                               "r.yaml:1:1: mail must be a mapping (key: value); write one",
		"rules: x":                        "r.yaml:1:8: rules must be a list; write lines beginning with \"- name: ...\"",
		"rules: []\nrules: []":            "r.yaml:2:1: \"rules\" is given twice, first on line 1; keep one of them",
		"mail: {rulez: []}":               "r.yaml:1:7: mail has neither rules nor ready; add one of them",
		"zone: Tokyo":                     "r.yaml:1:7: \"Tokyo\" is no time zone; write one such as Asia/Tokyo",
		"zone: &z UTC":                    "r.yaml:1:7: anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins with one of them",
		"team: sre":                       "r.yaml:1:1: mail has no key \"team\"; it may be ready, rules, zone",
	} {
		if _, err := rule.Parse("r.yaml", text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

const faultyRules = `mail:
  ready: [zabix, cron, cron]
  rules:
    - name: one
      wenn: {subject: x}
      when: {subjekt: x, body: '(x', headers: [a]}
      each: {under: '(?P<from>x)'}
      read:
        - {in: subjct, match: backup}
        - {lines: {host: [Host, ''], a.b: x}, pairs: x}
        - {lines: {host: Host}, optional: maybe}
        - 7
      words: {status: {recoverd: [x]}, colour: {a: b}}
      zone: Tokyo
      need: [hots]
      alert: {key: '${hots} ${host', summary: '${}', labels: {a: '${y.z}'}, labels_of: y, tags: z}
    - name: one
      when: {}
    - when: {from: "a\nb"}
      name: !!binary eA==
`

const faultyRulesWant = `
r.yaml:2:11: there is no ready set "zabix"; did you mean zabbix?
r.yaml:2:24: the ready set "cron" is named twice; remove one
r.yaml:5:7: a rule has no key "wenn"; did you mean when?
r.yaml:6:14: when has no key "subjekt"; did you mean subject?
r.yaml:6:32: when.body is no RE2 expression (missing closing ): ` + "`" + `(x` + "`" + `); correct it
r.yaml:6:47: headers must be a mapping (key: value); write one
r.yaml:7:13: "from" is a text of every mail; call the field something else
r.yaml:7:13: each has no start; add it
r.yaml:9:16: in: there is no field "subjct"; did you mean subject?
r.yaml:9:31: match reads no field; name a group: (?P<host>\S+)
r.yaml:10:11: a step of read has 2 of match, lines and pairs; give it one
r.yaml:10:33: a line's key must be text; write it
r.yaml:10:38: "a.b" is no name of a field; use letters, digits, - and _
r.yaml:11:33: only match can be optional; lines and pairs always are: see need
r.yaml:11:43: optional is "maybe"; write true or false
r.yaml:12:11: a step of read must be a mapping (key: value); write one
r.yaml:13:24: "recoverd" is no status; did you mean recovery?
r.yaml:13:40: words are for a part of the alert, and "colour" is none; it may be source, key, host, service, check, severity, status, summary, link, time
r.yaml:14:13: "Tokyo" is no time zone; write one such as Asia/Tokyo
r.yaml:15:14: need: there is no field "hots"; did you mean host?
r.yaml:16:20: key: "${host" has no end; write ${name}, and $$ for a dollar
r.yaml:16:47: summary: ${} names no field; write ${name}, ${name|other} or ${name:-text}
r.yaml:16:66: the label a: there is no field "y.z"; it may be address, body, domain, first_line, from, header.NAME, host, subject, to, topic, x.NAME
r.yaml:16:88: no step reads pairs: y; did you mean x?
r.yaml:16:91: alert has no key "tags"; it may be check, host, key, labels, labels_of, link, service, severity, source, status, summary, time
r.yaml:17:7: a rule named "one" is on line 4 already; give this one another name
r.yaml:18:13: when asks for nothing, so that the rule would take every mail; say which, or write subject: .* for all
r.yaml:19:20: when.from holds a line break or another character that cannot be seen; remove it, or write \n in a pattern
r.yaml:20:13: name has the YAML tag !!binary; remove the tag
`

func TestRead(t *testing.T) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("alerts: {}\nmail:\n  rules:\n    - {name: mine, when: {subjct: x}}\n  imap: {host: x}\n"), &doc); err != nil {
		t.Fatal(err)
	}
	_, err := rule.Read("tebiki.yaml", doc.Content[0].Content[3])
	if want := "tebiki.yaml:4:27: when has no key \"subjct\"; did you mean subject?"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

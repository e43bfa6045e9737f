package knowhow

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// beginning is a knowhow.yaml that has no entry yet.
const beginning = `# What Tebiki knows about each component. tebiki check finds what is wrong
# here; an editor does with a schema beside this file:
#   tebiki knowhow schema > knowhow.schema.json
# yaml-language-server: $schema=knowhow.schema.json

components:
`

// entry is the starter's, without the indentation of its list.
func (s Starter) entry() []string {
	return []string{
		"- name: " + quoted(s.Component),
		"  # title: {ja: ..., en: ...}    for people; and aliases: [...], other words that find it",
		"  request_type: request",
		"  # team: ...                    whose work it is, by its id in the roster",
		"  # fields:                      what the request form asks for",
		"  #   - {name: path, label: {ja: ..., en: ...}, pattern: ..., required: true}",
		"  # alerts:                      served if one matches; for those the request_type is incident",
		"  #   - {check: '*...*'}",
		"  subtickets:",
		"    - title: {ja: 作業する, en: Do the work}",
		"      document: " + quoted(s.Document),
		"      # checks: [...]            names of checks, defined under checks",
	}
}

// addEntry puts an entry after the last one of components, above what
// belongs to the next key.
func addEntry(index string, entry []string) (string, error) {
	lines := strings.SplitAfter(index, "\n")
	at, indent, err := afterComponents(index, lines)
	if err != nil {
		return "", err
	}
	end := "\n"
	if strings.Contains(index, "\r\n") {
		end = "\r\n"
	}
	var b strings.Builder
	b.WriteString(strings.Join(lines[:at], ""))
	if at > 0 && lines[at-1] != "" && !strings.HasSuffix(lines[at-1], "\n") {
		b.WriteString(end)
	}
	if index != beginning {
		b.WriteString(end)
	}
	for _, line := range entry {
		b.WriteString(indent + line + end)
	}
	b.WriteString(strings.Join(lines[at:], ""))
	return b.String(), nil
}

// afterComponents gives how many lines stand before the new entry, and how
// far it is indented.
func afterComponents(index string, lines []string) (int, string, error) {
	if index == beginning {
		return len(lines), "  ", nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(index), &doc); err != nil {
		return 0, "", fmt.Errorf("read %s: %w", File, err)
	}
	at := len(lines)
	var list *yaml.Node
	for i, root := 0, doc.Content[0].Content; i+1 < len(root); i += 2 {
		switch {
		case list != nil:
			return beforeComments(lines, root[i].Line-1), strings.Repeat(" ", list.Column-1), nil
		case root[i].Value == "components":
			list = root[i+1]
		}
	}
	if list == nil || list.Style&yaml.FlowStyle != 0 || doc.Content[0].Style&yaml.FlowStyle != 0 {
		return 0, "", errors.New("components are written in brackets: write them as lines that begin with \"- \" before something is added")
	}
	return at, strings.Repeat(" ", list.Column-1), nil
}

// beforeComments goes up from a key over blank lines and the comments that
// belong to it, which begin where it does.
func beforeComments(lines []string, key int) int {
	for key > 0 {
		line := strings.TrimRight(lines[key-1], "\r\n")
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			break
		}
		key--
	}
	return key
}

var unquoted = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// quoted writes text that YAML reads back as it is.
func quoted(s string) string {
	if unquoted.MatchString(s) && s != "null" {
		return s
	}
	text, err := json.Marshal(s)
	if err != nil { // strings have none
		return "''"
	}
	return string(text)
}

// text is the starter's document.
func (s Starter) text(lang string) string {
	front := fmt.Sprintf("---\ntitle: %s\nowner: %s\nreviewed: %s\nreview_after: 30d # %s\n---\n",
		quoted(s.Component), quoted(s.Owner), s.Day.Format(time.DateOnly), startWords[lang].soon)
	return front + startWords[lang].body
}

var startWords = map[string]struct{ soon, body string }{
	English: {"a beginning; take this out when the document is written", `
## TODO

- [ ] What the ticket must say before the work begins, and whom to ask

## Procedure

1. What is done, step by step, with the commands

## Checks

What the checks' output means, and what to do when it is not as expected.

## Special specifications

Servers and customers for which something else is right.
`},
	Japanese: {"書きかけ。書き終えたらこの行を消す", `
## TODO

- [ ] 作業前にチケットで確かめること、足りないときに聞く相手

## 手順

1. 実際の手順とコマンドを順に書く

## 確認

確認コマンドの出力の読み方と、期待と違うときにすること。

## 特記事項

ほかと扱いが違うサーバーや顧客。
`},
}

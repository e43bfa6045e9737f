package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/bot/flowtest"
	"tebiki/bot/sample"
	"tebiki/bot/text"
)

// A gallery is an office in which all speak one language, and whose messages
// in Slack are held against golden files.
type gallery struct {
	*slackOffice
	p text.Printer
}

// always lets the same person be on call on whatever day the test runs.
func always() []string {
	start := time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	return []string{"start: 2026-11-23, days: 7", "start: " + start + ", days: 300", "2026-12-31T09:00, until: 2027-01-01T09:00", "2019-12-31T09:00, until: 2020-01-01T09:00"}
}

// inEnglish makes the sample's Japanese team one that speaks English.
var inEnglish = []string{"lang: ja  ", "lang: en  ", "田中 葵", "Aoi Tanaka", "佐藤 健", "Ken Sato", "鈴木 さくら", "Sakura Suzuki", "インフラチーム", "Infrastructure"}

// openGallery opens an office. Garcia is of the team, and Slack does not know
// that address.
func openGallery(t *testing.T, lang string, replace ...string) *gallery {
	t.Helper()
	replace = append(replace, "Luis García, team: platform-en", "Luis García, team: infra-jp")
	replace = append(replace, always()...)
	if lang == text.English {
		replace = append(replace, inEnglish...)
	}
	return &gallery{openSlackOfficeWith(t, filesWith(t, steady), replace...), text.For(lang, nil)}
}

// filesWith are the sample's, with something else in some places.
func filesWith(t testing.TB, other *strings.Replacer) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(sample.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sample.FS(), name)
		files[name] = &fstest.MapFile{Data: []byte(other.Replace(string(data)))}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// steady are checks that print the same everywhere.
var steady = strings.NewReplacer(
	"[getent, hosts, '{name}.{zone}']", "[test, '{name}.{zone}', '=', taken]",
	"[getent, ahosts, '{target}']", "[echo, '192.0.2.33 {target}']",
	"[cat, /etc/resolv.conf]", "[echo, 'nameserver 192.0.2.53']",
)

// golden holds what Slack was given against a file: the text that
// notifications show, and the blocks.
func (g *gallery) golden(name, text string, blocks json.RawMessage) {
	g.t.Helper()
	got := g.steadied(text + "\n\n" + indented(g.t, blocks))
	flowtest.Golden(g.t, filepath.Join("slack", name+"."+g.p.Lang()+".golden"), got)
}

// indented writes JSON as people read it.
func indented(t *testing.T, data json.RawMessage) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// volatile is what differs from run to run: names that the fake gives to
// blocks, moments, how long a check took, and how many tickets of somebody's
// the watch has seen so far.
var volatile = []struct {
	pattern *regexp.Regexp
	steady  string
}{
	{regexp.MustCompile(`\n *"block_id": "b\d{6}",`), ""},
	{regexp.MustCompile(`!date\^\d+\^`), "!date^1763996700^"},
	{regexp.MustCompile(`\d+月\d+日\([日月火水木金土]\) \d\d:\d\d`), "11月25日(水) 05:05"},
	{regexp.MustCompile(`(Sun|Mon|Tue|Wed|Thu|Fri|Sat) \d+ [A-Z][a-z]{2} \d\d:\d\d`), "Wed 25 Nov 05:05"},
	{regexp.MustCompile(`\b\d\d:\d\d\b`), "05:05"},
	{regexp.MustCompile(`\d+\.\d( s\b|秒)`), "0.1$1"},
	{regexp.MustCompile(`\(\d+(件| open)(・当番|, on call)?\)`), "(3$1$2)"},
}

func (g *gallery) steadied(s string) string {
	s = strings.ReplaceAll(s, g.url(), "https://tebiki.example")
	for _, v := range volatile {
		s = v.pattern.ReplaceAllString(s, v.steady)
	}
	return s
}

type seen = func(slacktest.Message) bool

func with(button string) seen {
	return func(m slacktest.Message) bool { return slices.ContainsFunc(m.Controls, isButton(button)) }
}

func not(is seen) seen { return func(m slacktest.Message) bool { return !is(m) } }

func each(all ...seen) seen {
	return func(m slacktest.Message) bool {
		return !slices.ContainsFunc(all, func(is seen) bool { return !is(m) })
	}
}

// says finds a message by the beginning of a sentence, up to what is filled in.
func (g *gallery) says(key string, args ...any) seen { return shows(g.p.Say(key, args...)) }

// direct holds a person's direct message, once it is as it should be.
func (g *gallery) direct(name, person string, all ...seen) slacktest.Message {
	g.t.Helper()
	return g.hold(name, person, "", all...)
}

// channel holds a message in the team's channel, as a person sees it there.
func (g *gallery) channel(name, person string, all ...seen) slacktest.Message {
	g.t.Helper()
	return g.hold(name, person, "C0INFRA", all...)
}

func (g *gallery) hold(name, person, channel string, all ...seen) slacktest.Message {
	g.t.Helper()
	m := g.sees(slackID(person), channel, name, each(all...))
	g.golden(name, m.Text, m.Blocks)
	return m
}

// types types a command in the team's channel.
func (g *gallery) types(person, command, words string) {
	g.t.Helper()
	g.ws.Person(slackID(person)).Command(command, words, "C0INFRA")
}

// home holds a person's home, once it shows all these words.
func (g *gallery) home(name, person string, words ...string) {
	g.t.Helper()
	p := g.ws.Person(slackID(person))
	p.OpenHome()
	g.eventually("the home of "+person, func() bool {
		home := p.Home()
		return home != nil && shows(words...)(slacktest.Message{Shown: home.Shown})
	})
	g.golden(name, "", p.Home().Blocks)
}

// form holds a window that somebody has, once it shows these words.
func (g *gallery) form(name, person, words string) slacktest.View {
	g.t.Helper()
	v := g.window(slackID(person), words)
	g.golden(name, fmt.Sprintf("%s [%s] [%s]", v.Title, v.Submit, v.Cancel), v.Blocks)
	return v
}

func slackID(person string) string { return "U0" + strings.ToUpper(person) }

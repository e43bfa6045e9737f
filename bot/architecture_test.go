package main

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The architecture is a table. Packages of this module are named as folders,
// "bot/..." is a folder and all below it, and a module of others stands for
// all its packages. Whoever changes the shape changes this table, and says in
// the package's doc comment why.

// imports says what a package may import besides the standard library. The
// first line that matches its folder counts.
const imports = `
	adapters                        -
	adapters/inprocess              -
	adapters/fake                   -
	adapters/prose                  github.com/yuin/goldmark
	adapters/lanes                  -
	adapters/tracker                adapters
	adapters/chat                   -
	adapters/phone                  -
	adapters/inventory              -
	adapters/source                 github.com/expr-lang/expr gopkg.in/yaml.v3
	adapters/source/mail            github.com/emersion/go-message golang.org/x/net golang.org/x/text
	adapters/source/mail/rule       adapters/source adapters/source/mail golang.org/x/text gopkg.in/yaml.v3
	adapters/source/mail/imap/imaptest github.com/emersion/go-imap github.com/emersion/go-sasl
	adapters/source/mail/imap       adapters github.com/emersion/go-imap github.com/emersion/go-sasl
	adapters/source/mail/smtp       github.com/emersion/go-smtp
	adapters/source/mail/mailtest   -

	adapters/tracker/trackertest    adapters adapters/tracker github.com/google/go-cmp pgregory.net/rapid
	adapters/tracker/markuptest     adapters/chat adapters/prose github.com/google/go-cmp pgregory.net/rapid
	adapters/tracker/local          adapters adapters/tracker store
	adapters/tracker/remote         adapters adapters/inprocess
	adapters/tracker/fields         adapters/chat
	adapters/tracker/once           adapters adapters/lanes store
	adapters/tracker/jira/wiki      adapters/chat adapters/prose github.com/yuin/goldmark
	adapters/tracker/jira/jiratest/contract adapters/tracker/jira/jiratest github.com/getkin/kin-openapi
	adapters/tracker/jira/jiratest  adapters/inprocess adapters/fake
	adapters/tracker/jira/...       adapters adapters/tracker adapters/tracker/jira/... adapters/tracker/remote adapters/tracker/once adapters/tracker/fields adapters/chat adapters/lanes adapters/prose store github.com/andygrunwald/go-jira
	adapters/tracker/redmine/textile  adapters/prose github.com/yuin/goldmark
	adapters/tracker/redmine/markdown adapters/prose github.com/yuin/goldmark
	adapters/tracker/redmine/...    adapters adapters/tracker adapters/tracker/redmine/... adapters/tracker/remote adapters/tracker/once adapters/tracker/fields adapters/chat adapters/lanes adapters/prose store

	adapters/chat/chattest          adapters adapters/chat github.com/google/go-cmp pgregory.net/rapid
	adapters/chat/console           adapters adapters/chat store
	adapters/chat/slack/slacktest   adapters/chat/slack/... adapters/inprocess adapters/fake github.com/slack-go/slack github.com/gorilla/websocket
	adapters/chat/slack/...         adapters adapters/chat adapters/lanes adapters/prose adapters/chat/slack/... store github.com/slack-go/slack github.com/gorilla/websocket github.com/yuin/goldmark golang.org/x/time

	adapters/phone/phonetest        adapters adapters/phone github.com/google/go-cmp pgregory.net/rapid
	adapters/phone/console          adapters adapters/phone store
	adapters/phone/speech/...       adapters adapters/lanes adapters/phone adapters/phone/speech/...
	adapters/phone/asterisk/asterisktest adapters/inprocess adapters/fake github.com/gorilla/websocket
	adapters/phone/asterisk/...     adapters adapters/lanes adapters/phone adapters/phone/asterisk/... adapters/phone/speech adapters/phone/speech/wave store github.com/CyCoreSystems/ari github.com/gorilla/websocket

	adapters/inventory/inventorytest adapters adapters/inventory github.com/google/go-cmp pgregory.net/rapid
	adapters/inventory/file         adapters adapters/inventory gopkg.in/yaml.v3 golang.org/x/text
	adapters/inventory/http         adapters adapters/inprocess adapters/inventory adapters/tracker/remote github.com/theory/jsonpath golang.org/x/sync

	adapters/web                    adapters adapters/tracker adapters/chat adapters/phone adapters/inventory adapters/source github.com/yuin/goldmark golang.org/x/time gopkg.in/yaml.v3

	knowhow                         gopkg.in/yaml.v3 github.com/theory/jsonpath
	knowhow/keys                    golang.org/x/crypto
	knowhow/check/checktest         knowhow/check
	knowhow/check/ssh/sshtest       golang.org/x/crypto
	knowhow/check/ssh               knowhow/check knowhow/keys golang.org/x/crypto
	knowhow/check/http              knowhow/check knowhow/keys github.com/theory/jsonpath
	knowhow/source                  knowhow knowhow/source/address knowhow/source/forge knowhow/source/mirror
	knowhow/source/gittest          -
	knowhow/source/forge            knowhow/source/address
	knowhow/source/mirror           knowhow/keys knowhow/source/address github.com/go-git/go-git github.com/go-git/go-billy golang.org/x/crypto
	knowhow/...                     knowhow gopkg.in/yaml.v3

	escalation                      escalation/schedule
	escalation/schedule             -
	escalation/runner               escalation store store/outbox

	store                           -
	store/storetest                 store github.com/google/go-cmp pgregory.net/rapid
	store/bolt                      store go.etcd.io/bbolt
	store/etcd                      store go.etcd.io/etcd
	store/outbox                    store

	bot                             bot/... adapters/... knowhow/... escalation/... store/... github.com/alecthomas/kong
	bot/app                         bot/... adapters/... knowhow/... escalation/... store/... github.com/prometheus/client_golang golang.org/x/sync
	bot/config                      bot/... adapters/source adapters/source/mail/rule escalation/... knowhow/check knowhow/source/address knowhow/source/forge gopkg.in/yaml.v3 github.com/theory/jsonpath
	bot/holiday                     github.com/emersion/go-ical github.com/teambition/rrule-go
	bot/text                        adapters/chat gopkg.in/yaml.v3
	bot/brief                       bot/... adapters/... knowhow/... escalation/... github.com/yuin/goldmark
	bot/flowtest                    bot/... adapters/... store/... github.com/google/go-cmp
	bot/...                         bot/... adapters/... knowhow/... escalation/... store/...
`

// vendors says who alone may import a module, in tests too.
const vendors = `
	go.etcd.io/bbolt                store/bolt
	go.etcd.io/etcd                 store/etcd
	github.com/slack-go/slack       adapters/chat/slack/...
	github.com/andygrunwald/go-jira adapters/tracker/jira/...
	github.com/CyCoreSystems/ari    adapters/phone/asterisk/...
	github.com/alecthomas/kong      bot
	github.com/chromedp/chromedp    bot
	github.com/prometheus/client_golang bot/app
	github.com/emersion/go-ical     bot/holiday
	github.com/emersion/go-message  adapters/source/mail/...
	github.com/go-git/go-git        knowhow/source/mirror
	github.com/go-git/go-billy      knowhow/source/mirror
	github.com/expr-lang/expr       adapters/source
	github.com/emersion/go-imap     adapters/source/mail/imap/...
	github.com/emersion/go-sasl     adapters/source/mail/imap/...
	github.com/emersion/go-smtp     adapters/source/mail/smtp
	github.com/ikawaha/kagome       knowhow/search
	github.com/ikawaha/kagome-dict  knowhow/search
`

// helpful is what every test may import besides: modules that help to test,
// and the packages of its own tree.
var helpful = []string{"github.com/google/go-cmp", "pgregory.net/rapid", "go.uber.org/goleak", "github.com/getkin/kin-openapi", "github.com/santhosh-tekuri/jsonschema", "github.com/yuin/goldmark",
	"golang.org/x/text", "github.com/ikawaha/kagome", "github.com/ikawaha/kagome-dict"} // search is measured against these

// topLevel is all that lies in the module's folder, besides dotfiles.
var topLevel = []string{"bot", "adapters", "knowhow", "escalation", "store", "go.mod", "go.sum", "Dockerfile", "README.md"}

const module = "tebiki"

// A listed package is what go list tells of one.
type listed struct {
	Dir, ImportPath                    string
	GoFiles, IgnoredGoFiles            []string
	Imports, TestImports, XTestImports []string
}

// folder is the package's, from the module's.
func (p *listed) folder() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json", "./...")
	cmd.Dir = ".."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// A line is one of a table's.
type line struct {
	subject string
	allowed []string
}

func lines(table string) (out []line) {
	for l := range strings.Lines(table) {
		if words := strings.Fields(l); len(words) > 0 {
			out = append(out, line{words[0], slices.DeleteFunc(words[1:], func(w string) bool { return w == "-" })})
		}
	}
	return out
}

// within tells whether a package is in what a word of the table stands for.
func within(word, pkg string) bool {
	tree, below := strings.CutSuffix(word, "/...")
	return pkg == tree || (below || isForeign(word)) && strings.HasPrefix(pkg, tree+"/")
}

// isForeign tells modules of others by the dot in their host's name.
func isForeign(name string) bool {
	host, _, _ := strings.Cut(name, "/")
	return strings.Contains(host, ".")
}

func withinAny(words []string, pkg string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return within(w, pkg) })
}

// foreign gives the imports that are not of the standard library, ours by
// their folders.
func foreign(imported []string) (out []string) {
	for _, i := range imported {
		if ours, ok := strings.CutPrefix(i, module+"/"); ok {
			out = append(out, ours)
		} else if isForeign(i) {
			out = append(out, i)
		}
	}
	return out
}

func TestImports(t *testing.T) {
	table, alone := lines(imports), lines(vendors)
	for _, p := range packages(t) {
		i := slices.IndexFunc(table, func(l line) bool { return within(l.subject, p.folder()) })
		if i < 0 {
			t.Errorf("%s has no line in the table of imports", p.folder())
			continue
		}
		checkImports(t, &p, "imports", p.Imports, table[i].allowed, alone)
		checkImports(t, &p, "imports in its tests", slices.Concat(p.TestImports, p.XTestImports), forTests(&p, table[i].allowed), alone)
	}
}

func checkImports(t *testing.T, p *listed, how string, imported, allowed []string, alone []line) {
	t.Helper()
	for _, i := range foreign(imported) {
		if !withinAny(allowed, i) {
			t.Errorf("%s %s %s, which the architecture does not allow: allowed are %q", p.folder(), how, i, allowed)
		}
		for _, v := range alone {
			if within(v.subject, i) && !withinAny(v.allowed, p.folder()) {
				t.Errorf("%s %s %s, which is only for %q", p.folder(), how, i, v.allowed)
			}
		}
	}
}

// forTests gives what a package's tests may import: what it may itself, the
// stores when it uses one, and what is helpful.
func forTests(p *listed, allowed []string) []string {
	out := slices.Concat(allowed, helpful, []string{tree(p.folder()) + "/..."})
	if withinAny(allowed, "store") {
		out = append(out, "store/...")
	}
	if tree(p.folder()) == "bot" {
		out = append(out, "adapters/...", "knowhow/...", "escalation/...", "store/...", "github.com/chromedp/chromedp")
	}
	return out
}

// tree is the part of the module that a package belongs to: of the adapters,
// all that belongs to one port.
func tree(folder string) string {
	parts := strings.Split(folder, "/")
	if parts[0] == "adapters" {
		return strings.Join(parts[:min(2, len(parts))], "/")
	}
	return parts[0]
}

// The table itself allows nothing that the design forbids.
func TestTable(t *testing.T) {
	core := []string{"adapters", "knowhow", "escalation"}
	for _, l := range lines(imports) {
		from := strings.Split(l.subject, "/")[0]
		for _, word := range l.allowed {
			to := strings.Split(word, "/")[0]
			if to == "bot" && from != "bot" {
				t.Errorf("%s may import %s", l.subject, word)
			}
			if from != to && slices.Contains(core, from) && slices.Contains(core, to) {
				t.Errorf("%s may import %s", l.subject, word)
			}
		}
	}
}

// Each package says in one doc comment what it is for.
func TestPackageComments(t *testing.T) {
	for _, p := range packages(t) {
		var in []string
		for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if f.Doc == nil {
				continue
			}
			in = append(in, name)
			if want := "Package " + f.Name.Name + " "; f.Name.Name != "main" && !strings.HasPrefix(f.Doc.Text(), want) {
				t.Errorf("%s/%s: its doc comment does not begin with %q", p.folder(), name, want)
			}
		}
		if len(in) != 1 && len(p.GoFiles) > 0 {
			t.Errorf("%s has %d package comments %q, want one", p.folder(), len(in), in)
		}
	}
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s lies at the top, where the design has no place for it", e.Name())
		}
	}
}

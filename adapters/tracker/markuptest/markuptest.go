// Package markuptest holds what turns Markdown into a tracker's markup
// against what every such package promises: outside text stays text, blocks
// are closed wherever a text is cut, and documents read as their golden files.
//
// A recogniser of its own tells what the tracker would act on. It is the
// caller's, written from the tracker's documentation and not from the package.
package markuptest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tebiki/adapters/chat"
	"tebiki/adapters/prose"
)

// A Markup is a package under test.
type Markup struct {
	Render, Escape func(string) string
	Cut            func(markup string, limit int, note string) string
	Size           func(string) int

	Live   func(markup string) string // what the tracker would act on, "" for nothing
	Open   func(markup string) string // a block that is not closed or closed twice, "" for none
	Pieces []string                   // of which hostile texts are made
}

// Run tries all that needs no examples. Golden files are in testdata.
func (m Markup) Run(t *testing.T) {
	t.Run("golden", func(t *testing.T) { golden(t, m.Render) })
	t.Run("nothing comes alive", m.nothingComesAlive)
	t.Run("a long text", m.saysThatItCut)
	t.Run("blocks are closed", m.closes)
}

// Hostile draws a text made of pieces.
func (m Markup) Hostile(t *rapid.T) string { return draw(t, m.Pieces, 14) }

func draw(t *rapid.T, pieces []string, most int) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, most).Draw(t, "text"), "")
}

func (m Markup) nothingComesAlive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := m.Hostile(t)
		for _, markup := range []string{m.Escape(s), m.Render(chat.Escape(s)), m.Render("a " + chat.Line(s))} {
			m.checkDead(t, s, markup)
		}
	})
}

func (m Markup) checkDead(t failer, s, markup string) {
	if found := m.Live(markup); found != "" {
		t.Errorf("%q becomes %q, where %q is live", s, markup, found)
	}
}

func (m Markup) saysThatItCut(t *testing.T) {
	got := m.Render(strings.Repeat("これは長い。\n\n", prose.MaxBytes/10))
	if len(got) > prose.MaxBytes+10 || !strings.HasSuffix(got, "これは長い。\n\n…") {
		t.Errorf("%d bytes, ending with %q", len(got), got[len(got)-30:])
	}
}

func (m Markup) closes(t *testing.T) {
	blocks := append([]string{"```\n", "```go\n", "> ", "- ", "1. ", "\n\n", "    ", "**", "~~", "[a](https://e.example)", "| a | b |\n|---|---|\n| c |", "# "}, m.Pieces...)
	rapid.Check(t, func(t *rapid.T) {
		markup := m.Render(draw(t, blocks, 40))
		m.check(t, markup, 1<<20)
		limit := rapid.IntRange(40, 400).Draw(t, "limit")
		cut := m.Cut(markup, limit, "and so on")
		m.check(t, cut, limit)
		if cut != markup && !strings.HasSuffix(cut, "\n\nand so on") && cut != "and so on" {
			t.Errorf("%q does not end with the note", cut)
		}
	})
}

type failer interface{ Errorf(string, ...any) }

// check fails on what is open, and on what is too long.
func (m Markup) check(t failer, s string, limit int) {
	if m.Size(s) > limit || !utf8.ValidString(s) {
		t.Errorf("%d characters, at most %d: %.200q", m.Size(s), limit, s)
	}
	if open := m.Open(s); open != "" {
		t.Errorf("%s is open, or closed twice, in %.300q", open, s)
	}
}

// Fuzz tries any text, from seeds on.
func (m Markup) Fuzz(f *testing.F, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		markup := m.Render(s)
		m.check(t, markup, 1<<20)
		m.check(t, m.Cut(markup, 60, "more"), 60)
		m.checkDead(t, s, m.Escape(s))
	})
}

package chattest

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"tebiki/adapters"
	"tebiki/adapters/chat"
)

func refusedMessages(t *testing.T, b *bench) {
	buttons := func(n int) (out []chat.Button) {
		for i := range n {
			out = append(out, chat.Button{ID: "b", Value: fmt.Sprint(i), Label: "B"})
		}
		return out
	}
	for name, m := range map[string]chat.Message{
		"no key":             {To: "tanaka", Title: "t"},
		"no title":           {To: "tanaka", Key: "k"},
		"a blank title":      {To: "tanaka", Key: "k", Title: " \n "},
		"a nameless button":  {To: "tanaka", Key: "k", Title: "t", Buttons: []chat.Button{{Label: "B"}}},
		"an empty button":    {To: "tanaka", Key: "k", Title: "t", Buttons: []chat.Button{{ID: "b"}}},
		"a thousand buttons": {To: "tanaka", Key: "k", Title: "t", Buttons: buttons(1000)},
		"an empty choice":    {To: "tanaka", Key: "k", Title: "t", Buttons: []chat.Button{{ID: "b", Label: "B", Choices: []chat.Choice{{Value: "v"}}}}},
	} {
		b.wantCode(name, b.chat.Send(t.Context(), m), adapters.Refused)
	}
	for _, to := range []string{"", "\x00"} {
		b.wantCode(fmt.Sprintf("an address %q", to), b.chat.Send(t.Context(), chat.Message{To: to, Key: "k", Title: "t"}), adapters.NotFound)
	}
	if got := b.keys("tanaka"); len(got) != 0 {
		t.Errorf("refused messages are there: %v", got)
	}
	m := note("five", "t")
	m.Buttons = buttons(5)
	b.send(m)
}

// hostileText sends what alerts may hold, escaped as the flows do.
func hostileText(t *testing.T, b *bench) {
	for i, text := range []string{
		"<script>alert(1)</script>", "<!channel> <@U123> @here", "[x](http://evil.example)", "*b* _i_ ~s~ `c`",
		"https://evil.example/?a=b&c=d", "日本語の　文", "# heading", "1. list", "a | b", "&lt;b&gt;",
	} {
		key := fmt.Sprint("m", i)
		m := note(key, text)
		m.Sections = []chat.Section{{Heading: text, Markdown: chat.Escape(text) + "\n\n" + chat.Fence(text)}}
		m.Buttons = []chat.Button{{ID: "b", Value: text, Label: text}}
		b.send(m)
	}
	for i, text := range []string{"nul\x00nul", "esc\x1b[2J", "\u202egnp.exe", "bad\xff\xfe", "a\r\nb\u2028c"} {
		m := note(fmt.Sprint("x", i), text)
		m.Sections = []chat.Section{{Heading: text, Markdown: text}}
		b.send(m)
	}
	for _, m := range b.read(t, "tanaka") {
		if !utf8.ValidString(m.Title+m.Text) || strings.ContainsAny(m.Title, "\n\r\x00\x1b") {
			t.Errorf("%s shows the title %q and the text %q", m.Key, m.Title, m.Text)
		}
	}
	first := b.read(t, "tanaka")[0]
	if first.Title != "<script>alert(1)</script>" {
		t.Errorf("the title is no longer the text it was: %q", first.Title)
	}
}

// hugeMessages may be refused; what is taken must show its beginning and
// tell that it was cut.
func hugeMessages(t *testing.T, b *bench) {
	const size = 4 << 20
	section := note("section", "t")
	section.Sections = []chat.Section{{Markdown: "begin " + strings.Repeat("漢字 ", size/7)}}
	fenced := note("fenced", "t")
	fenced.Sections = []chat.Section{{Markdown: "begin\n" + chat.Fence(strings.Repeat("line\n", size/5))}}
	many := note("many", "t")
	for range 500 {
		many.Sections = append(many.Sections, chat.Section{Markdown: "begin"})
	}
	title := note("title", strings.Repeat("長い ", size/7))
	for _, m := range []chat.Message{section, fenced, many, title} {
		if err := b.chat.Send(t.Context(), m); err != nil {
			b.wantCode(m.Key, err, adapters.Refused)
		}
	}
	for _, m := range b.read(t, "tanaka") {
		cut := len(m.Text) < size && len(m.Title) < size
		if m.Key == "title" && (m.Title == "" || cut && !strings.HasSuffix(m.Title, "…")) {
			t.Errorf("the huge title ends without a sign that it was cut: %.40q", m.Title)
		}
		if m.Key == "title" {
			continue
		}
		if !strings.HasPrefix(m.Text, "begin") || cut && !strings.Contains(m.Text, "…") || !utf8.ValidString(m.Text) {
			t.Errorf("%s shows %d bytes without the beginning or a sign that it was cut", m.Key, len(m.Text))
		}
	}
}

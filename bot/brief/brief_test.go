package brief

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"pgregory.net/rapid"

	"tebiki/adapters/chat"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
)

var hostile = "# x\r\n> **b** `c` <script>alert(1)</script> [l](javascript:x) <!channel> @here &lt; \\\x1b[31m\u202e |a| ```\n---\n1. a"

func html(t testing.TB, markdown string) string {
	t.Helper()
	var b bytes.Buffer
	if err := goldmark.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHeadline(t *testing.T) {
	for _, c := range []struct {
		alert escalation.Alert
		want  string
	}{
		{escalation.Alert{Host: "web1", Summary: "disk full"}, "web1: disk full"},
		{escalation.Alert{Host: "web1", Summary: "web1 is down"}, "web1 is down"},
		{escalation.Alert{Service: "shop", Check: "http"}, "shop: http"},
		{escalation.Alert{Key: "k"}, "k"},
		{escalation.Alert{}, "?"},
		{escalation.Alert{Host: "a\nb", Summary: "x\x00\x1b\u202e\t y"}, "a b: x y"},
		{escalation.Alert{Summary: strings.Repeat("あ", 100_000)}, strings.Repeat("あ", 199) + "…"},
	} {
		if got := Headline(&c.alert); got != c.want {
			t.Errorf("%.60q: got %q, want %q", c.alert.Summary, got, c.want)
		}
	}
}

// TestPlain: any bytes become one line of at most so many characters.
func TestPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, limit := string(rapid.SliceOf(rapid.Byte()).Draw(t, "text")), rapid.IntRange(1, 50).Draw(t, "max")
		got := Plain(s, limit)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > limit || strings.ContainsAny(got, "\n\r\t\x00\x1b") || got != strings.TrimSpace(got) {
			t.Fatalf("%q at most %d became %q", s, limit, got)
		}
	})
}

func TestAlertStaysText(t *testing.T) {
	a := escalation.Alert{Source: hostile, Severity: hostile, Host: hostile, Service: hostile, Check: hostile, Summary: hostile, Link: "javascript:alert(1)",
		Labels: map[string]string{hostile: hostile}, At: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)}
	for _, lang := range []string{text.English, text.Japanese} {
		got := html(t, Alert(text.For(lang, nil).Fixed(), &a))
		for _, tag := range []string{"<h1", "<a ", "<script", "<strong", "<code", "<blockquote", "<ol", "<hr", "<table", "\x1b", "\u202e"} {
			if strings.Contains(got, tag) {
				t.Errorf("%s: an alert made a %q:\n%s", lang, tag, got)
			}
		}
		if !strings.Contains(got, "&lt;script&gt;alert(1)") {
			t.Errorf("its text is gone:\n%s", got)
		}
	}
}

func TestAlertIsCut(t *testing.T) {
	a := escalation.Alert{Host: strings.Repeat("h", 1<<17), Summary: strings.Repeat("*", 1<<17), Labels: map[string]string{}}
	for i := range 1000 {
		a.Labels[strings.Repeat("l", i+1)] = strings.Repeat("v", 1000)
	}
	if got := Alert(text.For("en", nil), &a); len(got) > 32<<10 || !utf8.ValidString(got) {
		t.Errorf("an alert fills %d bytes", len(got))
	}
}

func TestLink(t *testing.T) {
	for _, c := range []struct{ label, url, want string }{
		{"Open", "https://a.example/x", "[Open](<https://a.example/x>)"},
		{"Open", "/tickets/T-1", "[Open](</tickets/T-1>)"},
		{"a]b", "https://a.example/> <b", `[a\]b](<https://a.example/%3E%20%3Cb>)`},
		{"x", "javascript:alert(1)", "x"},
		{"x", "JavaScript:alert(1)", "x"},
		{"x", "data:text/html,x", "x"},
		{"x", "//evil.example", "x"},
		{"x", `/\evil.example`, "x"},
		{"x", "", "x"},
		{"x", "http://a.example/\n\x00b\\", "[x](<http://a.example/b%5C>)"},
		{"x", "https://a.example/" + strings.Repeat("a", 1<<16), "x"},
	} {
		if got := Link(c.label, c.url); got != c.want {
			t.Errorf("%.40q: got %.80q, want %q", c.url, got, c.want)
		}
	}
}

// TestLinkHolds: whatever label and address, it is one link or none.
func TestLinkHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		label, url := rapid.String().Draw(t, "label"), "https://"+rapid.String().Draw(t, "url")
		var b bytes.Buffer
		if err := goldmark.Convert([]byte("("+Link(label, url)+")"), &b); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); strings.Count(got, "<a ") != 1 || !strings.HasSuffix(got, "</a>)</p>\n") || !strings.HasPrefix(got, "<p>(<a ") {
			t.Fatalf("%q to %q: %s", label, url, got)
		}
	})
}

func TestSpoken(t *testing.T) {
	for _, c := range []struct {
		name, markdown string
		max            int
		want           []string
	}{
		{"list", "- [ ] Free **10 %** first\n- [x] Look at `df -h`\n", 100, []string{"Free 10 % first", "Look at df -h"}},
		{"no code, headings, markup", "# Head\n\nSay *this* [here](https://x).\n\n```\nrm -rf /\n```\n\n<div>no</div>\n\n    code\n", 100, []string{"Say this here."}},
		{"sentences", "One. Two! Three is v1.2.3. 四です。五です!", 100, []string{"One.", "Two!", "Three is v1.2.3.", "四です。", "五です!"}},
		{"ends with a sentence", "One two three. Four five.\n\nSix.", 10, []string{"One two three."}},
		{"exactly", "12345\n\n6", 5, []string{"12345"}},
		{"escapes and entities", `a \* b &amp; c ` + "`\\*`", 100, []string{`a * b & c \*`}},
		{"nested", "1. Delete:\n   - logs\n   - cache\n2. Look", 100, []string{"Delete:", "logs", "cache", "Look"}},
		{"soft break", "one\ntwo", 100, []string{"one two"}},
		{"nothing", "", 100, nil},
		{"no room", "text", 0, nil},
	} {
		if d := cmp.Diff(c.want, Spoken(c.markdown, c.max)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func FuzzSpoken(f *testing.F) {
	f.Add(hostile, 100)
	f.Add("- [ ] a\n\n&#0; &#x110000; ", 3)
	f.Fuzz(func(t *testing.T, markdown string, limit int) {
		for _, s := range Spoken(markdown, limit) {
			if s == "" || strings.Contains(s, "\n") {
				t.Errorf("%q is spoken as %q", markdown, s)
			}
		}
	})
}

func TestResults(t *testing.T) {
	p := text.For("en", nil)
	at := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	got := Results(p, []check.Result{
		{Check: "disk-space", Command: "df -h", Text: "``` \n# no heading\n<b>\x1b[1m", Reason: check.Ran, Started: at, Took: 1500 * time.Millisecond, Exit: 1},
		{Check: "inodes", Reason: check.Refused, Err: "the host `x` does **not** fit", Started: at},
	})
	page := html(t, got)
	if strings.Contains(page, "<h1") || strings.Contains(page, "<b>") || strings.Contains(page, "\x1b") || strings.Count(page, "<strong>") != 2 {
		t.Errorf("the results:\n%s", page)
	}
	for _, want := range []string{"$ df -h", "1.5 s", "exit status 1", "was not run", "does **not** fit"} {
		if !strings.Contains(page, want) {
			t.Errorf("the results lack %q:\n%s", want, page)
		}
	}
	if Results(p, nil) != "" {
		t.Error("no results are something")
	}
}

func TestBody(t *testing.T) {
	got := Body(chat.Section{Markdown: "intro"}, chat.Section{Heading: "A # b\nc", Markdown: "text"})
	if want := "intro\n\n## A \\# b c\n\ntext"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDoc(t *testing.T) {
	d := &knowhow.Doc{Title: "Disk *full*", Owner: "sato", Reviewed: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), TODO: "do", Procedure: "how", Special: " \n", Checks: "look"}
	who, err := roster.New([]roster.Person{{ID: "sato", Name: "*Sato* Ken", Team: "jp"}}, []roster.Team{{ID: "jp", Leader: "sato", Lang: "en", Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range Doc(text.For("en", time.FixedZone("X", -11*3600)), d, nil) {
		got = append(got, s.Heading+" "+map[bool]string{true: "folded"}[s.Folded])
	}
	if d := cmp.Diff([]string{"To do ", "Procedure folded", "How to check folded"}, got); d != "" {
		t.Error(d)
	}
	for _, zone := range []int{-11, 0, 9} {
		src := Source(text.For("en", time.FixedZone("X", zone*3600)), who, d, "javascript:x")
		if !strings.Contains(src, "2 Nov 2026") || !strings.Contains(html(t, src), "kept by *Sato* Ken,") || strings.Contains(html(t, src), "<em>") || strings.Contains(html(t, src), "<a ") {
			t.Errorf("zone %d: %s", zone, src)
		}
	}
}

package mail

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func parse(t testing.TB, lines ...string) Message {
	t.Helper()
	m, err := Parse(strings.NewReader(strings.Join(lines, "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func file(t testing.TB, name string) Message {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	m, err := Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestParse(t *testing.T) {
	got := file(t, "mime-alternative")
	want := Message{
		ID:   "mime-alternative@example.jp 2026-11-25T01:23:46Z",
		From: "運用監視 <ops@example.jp>", To: "alerts@example.jp, 当番 <duty@example.jp>", Subject: "【障害】 db05",
		Date:        time.Date(2026, 11, 25, 10, 23, 46, 0, time.FixedZone("", 9*60*60)),
		Text:        "ホスト名：db05\nサービス：受注DB\n内容：レプリケーションが遅延しています\n",
		Attachments: []string{"障害.pdf"},
	}
	want.Header = got.Header
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got.Header.Get("content-TYPE") == "" || got.Header.Get("X-None") != "" || got.Header[0].Name != "From" {
		t.Errorf("the header is %v", got.Header)
	}
}

// The mail that was forwarded counts, and who forwarded it is known.
func TestForwarded(t *testing.T) {
	m := file(t, "mime-forwarded")
	if m.Subject != "Problem: ping" || !strings.Contains(m.Text, "拠点ルータ②") || !strings.HasPrefix(m.ID, "inner-1@") {
		t.Errorf("the mail is %+v", m)
	}
	if len(m.Forwarded) != 1 || m.Forwarded[0].Get("Subject") != "Fwd: これもお願いします" {
		t.Errorf("it was forwarded by %v", m.Forwarded)
	}
	two := file(t, "mime-forwarded-two").All()
	if len(two) != 2 || two[0].Subject != "Cron <root@web01> /bin/true" || two[1].Subject != "DegradedArray event on /dev/md1:nas01" || two[0].Also != nil {
		t.Fatalf("the mails are %+v", two)
	}
	for _, m := range two {
		if len(m.Forwarded) != 1 || m.Forwarded[0].Get("Subject") != "2 mails" {
			t.Errorf("%s was forwarded by %v", m.Subject, m.Forwarded)
		}
	}
	twice := parse(t, "Subject: outer", "Content-Type: message/rfc822", "", "Subject: middle", "Content-Type: message/rfc822", "", "Subject: inner", "", "text")
	if twice.Subject != "inner" || len(twice.Forwarded) != 2 || twice.Forwarded[0].Get("Subject") != "outer" || twice.Forwarded[1].Get("Subject") != "middle" {
		t.Errorf("forwarded twice: %+v", twice)
	}
	kept := parse(t, "Subject: disk full", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "on web01", "--b", "Content-Type: message/rfc822", "", "X: y", "", "--b--")
	if kept.Subject != "disk full" || kept.Text != "on web01" || len(kept.Notes) != 1 {
		t.Errorf("the attached mail is empty: %+v", kept)
	}
	if bounce := file(t, "mime-bounce"); !strings.HasPrefix(bounce.Subject, "Undelivered") || bounce.Also != nil || !strings.Contains(bounce.Text, "Action: failed") {
		t.Errorf("the bounce is %+v", bounce)
	}
}

func TestParts(t *testing.T) {
	part := func(kind, text string) string { return "--b\r\nContent-Type: " + kind + "\r\n\r\n" + text + "\r\n" }
	multi := func(kind string, parts ...string) string {
		return "Content-Type: multipart/" + kind + "; boundary=b\r\n\r\n" + strings.Join(parts, "") + "--b--\r\n"
	}
	for _, c := range []struct {
		name, mail, text string
		attachments      int
	}{
		{"plain before html", multi("alternative", part("text/plain", "plain"), part("text/html", "<p>html")), "plain", 0},
		{"plain before html, in whatever order", multi("alternative", part("text/html", "<p>html"), part("text/plain", "plain")), "plain", 0},
		{"html that is related to pictures is html", multi("alternative", part("multipart/related; boundary=c", "--c\r\nContent-Type: text/html\r\n\r\n<p>html\r\n--c--"), part("text/plain", "plain")), "plain", 0},
		{"html when plain is blank", multi("alternative", part("text/plain", " \r\n"), part("text/html", "<p>html")), "html\n", 0},
		{"all texts of mixed", multi("mixed", part("text/plain", "one"), part("image/png; name=a.png", "x"), part("text/html", "<b>two</b>")), "one\n\ntwo\n", 1},
		{"text that is attached is not read", multi("mixed", part("text/plain", "one"), part("text/plain\r\nContent-Disposition: attachment; filename=log.txt", "two")), "one", 1},
		{"no parts", multi("mixed"), "", 0},
		{"a part without header", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b--", "text", 0},
		{"what is around", "Content-Type: multipart/mixed; boundary=b\r\n\r\nbefore\r\n" + part("text/plain", "text") + "--b--\r\nafter", "text", 0},
		{"a boundary that begins another", "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part("text/plain", "--bx\r\ntext") + "--b--", "--bx\ntext", 0},
		{"line feeds alone", strings.ReplaceAll(multi("mixed", part("text/plain", "text")), "\r", ""), "text", 0},
		{"no charset, no type", "Content-Type: text\r\n\r\nplain text", "plain text\n", 0},
		{"a type that is none", "Content-Type: \x00\x01;;=\r\n\r\nplain text", "plain text\n", 0},
		{"no empty line after the header", "Subject: x\r\nplain text: with a colon\r\nplain text\r\n", "plain text: with a colon\nplain text\n", 0},
	} {
		m, err := Parse(strings.NewReader(c.mail))
		if err != nil || m.Text != c.text || len(m.Attachments) != c.attachments {
			t.Errorf("%s: %q, %q, %v, want %q", c.name, m.Text, m.Attachments, err, c.text)
		}
	}
}

func TestIdentity(t *testing.T) {
	const date, id = "Date: Wed, 25 Nov 2026 10:23:46 +0900", "Message-ID: <a@b>"
	one := parse(t, id, date, "Subject: x", "", "text").ID
	for name, m := range map[string]Message{
		"another way":         parse(t, "Received: from x", id, date, "Subject: [list 1] x", "", "text", "-- ", "list"),
		"the case of headers": parse(t, "MESSAGE-id:<a@b>", date),
	} {
		if m.ID != one {
			t.Errorf("%s: %q, want %q", name, m.ID, one)
		}
	}
	seen := map[string]string{one: "one"}
	for name, m := range map[string]Message{
		"another day, from a device with one Message-ID": parse(t, id, "Date: Thu, 26 Nov 2026 10:23:46 +0900"),
		"no date":         parse(t, id),
		"no id":           parse(t, date, "Subject: x", "", "text"),
		"another text":    parse(t, date, "Subject: x", "", "text 2"),
		"another subject": parse(t, date, "Subject: x text", "", ""),
		"a long id":       parse(t, "Message-ID: <"+strings.Repeat("x", 10_000)+">", date),
		"nothing":         parse(t, "", ""),
	} {
		if m.ID == "" || len(m.ID) > 256 || seen[m.ID] != "" {
			t.Errorf("%s has the ID %q of %s", name, m.ID, seen[m.ID])
		}
		seen[m.ID] = name
	}
}

func TestUnreadable(t *testing.T) {
	if _, err := Parse(strings.NewReader("")); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty mail: %v", err)
	}
	broken := errors.New("the connection is gone")
	for _, start := range []string{"", "Subject: x\n", "Subject: x\n\ntext", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext"} {
		if _, err := Parse(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("after %q: %v", start, err)
		}
	}
	f, err := os.Open(filepath.Join("testdata", "mime-forwarded.eml"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if m, err := Parse(iotest.OneByteReader(f)); err != nil || m.ID != file(t, "mime-forwarded").ID {
		t.Errorf("byte by byte: %v, %v", m, err)
	}
}

// Endless gives a text over and over.
type endless struct {
	text string
	at   int
	read int
}

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = e.text[e.at]
		e.at = (e.at + 1) % len(e.text)
	}
	e.read += len(b)
	return len(b), nil
}

// No mail takes more than its share of memory and time.
func TestBounds(t *testing.T) {
	for name, c := range map[string]struct{ head, rest string }{
		"header":           {"", "X-Long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"},
		"field":            {"Subject: ", "x"},
		"fold":             {"Subject: x\r\n", " x\r\n"},
		"words":            {"Subject: ", "=?utf-8?B?YQ==?= "},
		"half words":       {"Subject: ", "=?a?b?"},
		"text":             {"Subject: x\r\n\r\n", "text\r\n"},
		"line":             {"Subject: x\r\n\r\n", "x"},
		"html":             {"Content-Type: text/html\r\n\r\n", "<table><tr><td><a href='http://x/'>x"},
		"tag":              {"Content-Type: text/html\r\n\r\n<a ", "x=y "},
		"base64":           {"Content-Transfer-Encoding: base64\r\n\r\n", "YWJj"},
		"quoted-printable": {"Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=\r\n=41"},
		"jis":              {"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", "\x1b$B%H\x1b(B"},
		"parts":            {"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\nx\r\n"},
		"part's header":    {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", "X-Y: z\r\n"},
		"mails":            {"", "Content-Type: message/rfc822\r\n\r\n"},
		"many mails":       {"Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n"},
		"deep parts":       {"", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"},
		"attachment":       {"Content-Type: application/pdf\r\n\r\n", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			e := &endless{text: c.rest}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			m, err := Parse(io.MultiReader(strings.NewReader(c.head), e))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if err != nil || e.read > MaxMail+1<<16 || took > 5*time.Second {
				t.Errorf("read %d bytes in %v, %v", e.read, took, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 48<<20 {
				t.Errorf("it took %d MiB", used>>20)
			}
			wantReadable(t, m)
		})
	}
}

// wantReadable holds a mail against what Message promises.
func wantReadable(t *testing.T, m Message) {
	t.Helper()
	if m.ID == "" || len(m.Text) > MaxText || len(m.Notes) > MaxNotes || len(m.All()) > MaxParts || len(m.Forwarded) > MaxDepth+1 {
		t.Errorf("%q: %d bytes, %d notes, %d mails, %d times forwarded", m.ID, len(m.Text), len(m.Notes), len(m.All()), len(m.Forwarded))
	}
	if !utf8.ValidString(m.Text) || strings.ContainsFunc(m.Text, unwanted) {
		t.Errorf("the text is not plain: %.200q", m.Text)
	}
	lines := append([]string{m.From, m.To, m.Subject}, m.Attachments...)
	for _, f := range m.Header {
		lines = append(lines, f.Value)
	}
	for _, s := range append(lines, m.Notes...) {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("no plain line: %.200q", s)
		}
	}
	for i := range m.Also {
		wantReadable(t, m.Also[i])
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.eml")
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte("Content-Type: \x01/\n\nx"))
	f.Add([]byte("Content-Type: multipart/alternative\n\n--a\nContent-Type: message/rfc822\n\n--a"))
	f.Add([]byte("Content-Type: text/html; charset=iso-2022-jp\n\n\x1b$B\x1b$(<td><a href=http://\x0e\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(strings.NewReader(string(raw)))
		if err != nil {
			if len(raw) > 0 {
				t.Errorf("%v", err)
			}
			return
		}
		wantReadable(t, m)
		again, err := Parse(strings.NewReader(string(raw)))
		if diff := cmp.Diff(m, again); err != nil || diff != "" {
			t.Errorf("read twice it differs: %v\n%s", err, diff)
		}
	})
}

func ExampleParse() {
	m, err := Parse(strings.NewReader("Subject: =?ISO-2022-JP?B?GyRCPmMzMhsoQg==?= web01\nContent-Type: text/html\n\n<tr><td>Host</td><td>web01</td></tr>"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Subject)
	fmt.Print(m.Text)
	// Output:
	// 障害 web01
	// Host | web01
}

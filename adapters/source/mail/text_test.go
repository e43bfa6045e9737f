package mail

import (
	"bytes"
	"strings"
	"testing"
)

func TestUnflow(t *testing.T) {
	for _, c := range []struct {
		raw   string
		delSp bool
		want  string
	}{
		{"one \ntwo\nthree\n", false, "one two\nthree\n"},
		{"障害が \n発生\n", true, "障害が発生\n"},
		{" From here\n-- \nname\n", false, "From here\n-- \nname\n"},
		{"> a \n> b\nc \n", false, "> a b\nc "},
		{"> a \nb\n", false, "> a \nb\n"},
		{"", false, ""},
	} {
		if got := unflow(c.raw, c.delSp); got != c.want {
			t.Errorf("%q is %q, want %q", c.raw, got, c.want)
		}
	}
}

func TestReadable(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"cells", "<table><tr><th>Host</th><td> <b>web01</b> </td></tr><tr><td>State<td>DOWN</table>", "Host | web01\nState | DOWN\n"},
		{"blocks in cells", "<tr><td><p>a</p></td><td><div>b</div></td></tr><p>c", "a | b\n\nc\n"},
		{"tables for the layout", "<table><tr><td></td><td><table><tr><td>Labels<br>a = b<br></td></tr></table></td></tr></table>", "Labels\na = b\n"},
		{"links", `see <a href="https://example.jp/t?a=1&amp;b=2">here</a>, <a href="https://example.jp/">https://example.jp/</a>, <a href="javascript:x">no</a>`,
			"see here <https://example.jp/t?a=1&b=2>, https://example.jp/, no\n"},
		{"a link that is not closed", `<a href="http://a.example/">one<a href="http://b.example/">two`, "one <http://a.example/>two <http://b.example/>\n"},
		{"lines", "a<br>b<br/><br />c<hr>d<h1>e</h1>f", "a\nb\n\nc\n\nd\n\ne\n\nf\n"},
		{"blanks", " a\n  b&nbsp;&nbsp;c&#12288;d ", "a b c　d\n"},
		{"what nobody sees", "<html><head><title>t</title><style>x{}</style></head><body><script>if (a<b) {}</script>a<!-- b --></body>", "a\n"},
		{"lists and verbal text", "<ul><li>a</li><li>b</ul><pre>x  y\n z</pre>", "- a\n- b\n\nx  y\n z\n"},
		{"a picture", `<img src="cid:1" alt="DOWN">`, "DOWN\n"},
		{"what nobody sees, and no end of it", "<template/><p>DOWN", "DOWN\n"},
		{"nothing", "<p></p>", ""},
		{"not closed at all", "<div><a href=", ""},
	} {
		if got := readable(c.raw); got != c.want {
			t.Errorf("%s: %q is\n%q, want\n%q", c.name, c.raw, got, c.want)
		}
	}
	if got := readable(strings.Repeat("<table><tr><td>", 100_000) + "end"); !strings.Contains(got, "end") {
		t.Errorf("deep tables: %d bytes", len(got))
	}
}

func TestMeta(t *testing.T) {
	for raw, want := range map[string]string{
		`<html><head><meta charset="Shift_JIS">`:                               "Shift_JIS",
		`<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=EUC-JP">`: "EUC-JP",
		strings.Repeat(" ", 3000) + `<meta charset="utf-8">`:                   "",
		`<p>charset=x</p>`: "",
	} {
		if got := metaCharset([]byte(raw)); got != want {
			t.Errorf("%.60q says %q, want %q", raw, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	if got := cut("障害", 5); got != "障" {
		t.Errorf("cut gives %q", got)
	}
	if got := plainText("a\x00b\r\nc\rd\x1b[1;31mred\x1b[0m\ufeff\xff"); got != "ab\nc\ndred\ufffd" {
		t.Errorf("plain text is %q", got)
	}
	if !bytes.Equal(fromQuoted(nil, true), nil) {
		t.Error("nothing becomes something")
	}
}

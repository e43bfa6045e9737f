package mail

import (
	"testing"

	"golang.org/x/text/encoding/japanese"
)

func TestWords(t *testing.T) {
	sjis := encoded(t, japanese.ShiftJIS, "障害通知")
	for _, c := range []struct{ name, raw, want string }{
		{"one word", "=?ISO-2022-JP?B?GyRCPmMzMhsoQg==?= web01", "障害 web01"},
		{"a language", "=?ISO-2022-JP*ja?B?GyRCPmMzMhsoQg==?=", "障害"},
		{"two words", "=?UTF-8?B?6Zqc?=\t=?utf-8?B?5a6z?=", "障害"},
		{"a character broken between words", "=?UTF-8?B?6Zo=?= =?UTF-8?B?nOWusw==?=", "障害"},
		{"base64 broken between words", "=?UTF-8?B?6Zqc5a?= =?UTF-8?B?6z?=", "障害"},
		{"both encodings", "=?UTF-8?Q?=E9=9A?= =?UTF-8?B?nOWusw==?=", "障害"},
		{"two charsets", "=?UTF-8?B?6Zqc?= =?ISO-2022-JP?B?GyRCMzIbKEI=?=", "障害"},
		{"text between", "=?UTF-8?B?6Zqc?= - =?UTF-8?B?5a6z?= end", "障 - 害 end"},
		{"no blank between", "[=?UTF-8?B?6Zqc?==?UTF-8?B?5a6z?=]", "[障害]"},
		{"in quotes", `"=?UTF-8?B?6Zqc5a6z?=" <a@example.jp>`, `"障害" <a@example.jp>`},
		{"blanks within", "=?UTF-8?Q?Disk is full_now?=", "Disk is full now"},
		{"the wrong charset", "=?ISO-8859-1?B?" + b64(sjis) + "?=", "障害通知"},
		{"a charset that nobody knows", "=?x-none?B?" + b64(sjis) + "?=", "障害通知"},
		{"no word: encoding", "=?UTF-8?X?abc?=", "=?UTF-8?X?abc?="},
		{"no word: no end", "=?UTF-8?B?abc", "=?UTF-8?B?abc"},
		{"no word: not much", "=?=?=??", "=?=?=??"},
		{"raw shift_jis", string(sjis) + " x", "障害通知 x"},
		{"raw jis", "\x1b$B>c32\x1b(B x", "障害 x"},
		{"raw utf-8 beside a word", "障害 =?UTF-8?B?6Zqc?=", "障害 障"},
	} {
		if got := decodeWords(c.raw, ""); got != c.want {
			t.Errorf("%s: %q is %q, want %q", c.name, c.raw, got, c.want)
		}
	}
}

func TestParameters(t *testing.T) {
	for _, c := range []struct{ raw, value, name, want string }{
		{`text/plain; charset=iso-2022-jp; format=flowed`, "text/plain", "charset", "iso-2022-jp"},
		{`Text/Plain;charset="UTF-8";`, "text/plain", "charset", "UTF-8"},
		{`text/plain; charset=; x`, "text/plain", "charset", ""},
		{`text/plain; ; charset = a ; charset=b`, "text/plain", "charset", "a"},
		{`multipart/mixed; boundary="a;b=c\"d"`, "multipart/mixed", "boundary", `a;b=c"d`},
		{`multipart/mixed; boundary="open`, "multipart/mixed", "boundary", "open"},
		{`attachment; filename*=UTF-8''%E9%9A%9C%E5%AE%B3.txt`, "attachment", "filename", "障害.txt"},
		{`attachment; filename*=iso-2022-jp'ja'%1B$B%3Ec32%1B(B.txt`, "attachment", "filename", "障害.txt"},
		{`attachment; filename*0*=utf-8'ja'%E9%9A%9C%E5; filename*1*=%AE%B3; filename*2=".txt"`, "attachment", "filename", "障害.txt"},
		{`attachment; filename*1=b; filename*0=a; filename=c`, "attachment", "filename", "ab"},
		{`attachment; filename*=%zz`, "attachment", "filename", "%zz"},
		{``, "", "", ""},
	} {
		value, params := parameters(c.raw)
		if value != c.value || params[c.name] != c.want {
			t.Errorf("%s is %q with %s=%q, want %q, %q", c.raw, value, c.name, params[c.name], c.value, c.want)
		}
	}
}

func TestTransfer(t *testing.T) {
	for _, c := range []struct {
		raw, want string
		whole     bool
	}{
		{"YWJj\r\nZGVm", "abcdef", true}, {"YWI=", "ab", true}, {"YWI=YWI=", "abab", true}, {"YW I\n=\n", "ab", true},
		{"YWJjZ", "abc", false}, {"YWI", "ab", false}, {"YW*Jj", "abc", false}, {"", "", true}, {"====", "", true},
	} {
		if got, whole := fromBase64([]byte(c.raw)); string(got) != c.want || whole != c.whole {
			t.Errorf("base64 %q is %q, %t, want %q, %t", c.raw, got, whole, c.want, c.whole)
		}
	}
	for raw, want := range map[string]string{
		"a=3D=\nb": "a=b", "a= \t\r\nb": "ab", "=e9=9a=9c": "障", "50=% =": "50=% =", "a=": "a=", "a= ": "a", "a_b": "a_b",
	} {
		if got := fromQuoted([]byte(raw), false); string(got) != want {
			t.Errorf("quoted-printable %q is %q, want %q", raw, got, want)
		}
	}
}

// A text whose encoding is not what it says is still read.
func TestWrongTransfer(t *testing.T) {
	for _, text := range []string{"ホスト名：web01 が停止しました。\n", "The disk of web01 is full, and nobody knows why.\n"} {
		m := parse(t, "Subject: x", "Content-Transfer-Encoding: base64", "", text)
		if m.Text != text || len(m.Notes) == 0 {
			t.Errorf("%q became %q, %q", text, m.Text, m.Notes)
		}
	}
	if m := parse(t, "Content-Transfer-Encoding: x-none", "", "=41"); m.Text != "=41\n" {
		t.Errorf("an encoding that nobody knows: %q", m.Text)
	}
}

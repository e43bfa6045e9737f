package mail

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
)

// said is what a Japanese monitoring mail says, with characters that only
// CP932 has: NEC's ① and ㈱, IBM's 髙.
const said = "【障害】ディスク使用率が90%を超えました。\nホスト名：web01\n①確認 ㈱髙橋商店\n"

func encoded(t testing.TB, enc encoding.Encoding, s string) []byte {
	t.Helper()
	out, err := enc.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatalf("encode %q: %v", s, err)
	}
	return out
}

func TestDecode(t *testing.T) {
	kanaText := "【ｱﾗｰﾄ】ﾃﾞｨｽｸ使用率ｶﾞ超過"
	for _, c := range []struct {
		name, label string
		raw         []byte
		want, used  string
	}{
		{"ascii, whatever it says", "shift_jis", []byte("plain"), "plain", ""},
		{"shift_jis", "Shift_JIS", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"cp932 by its other name", "\"Windows-31J\"", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"euc-jp", "x-euc-jp", encoded(t, japanese.EUCJP, said), said, eucName},
		{"utf-8", "UTF-8", []byte(said), said, utf8Name},
		{"jis", "ISO-2022-JP", encoded(t, japanese.ISO2022JP, said), said, jisName},
		{"jis that is called ms", "iso-2022-jp-ms", encoded(t, japanese.ISO2022JP, said), said, jisName},

		{"no label, shift_jis", "", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"no label, euc-jp", "", encoded(t, japanese.EUCJP, said), said, eucName},
		{"no label, utf-8", "", []byte(said), said, utf8Name},
		{"no label, jis", "", encoded(t, japanese.ISO2022JP, said), said, jisName},
		{"us-ascii is shift_jis", "us-ascii", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"iso-8859-1 is shift_jis", "iso-8859-1", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"iso-8859-1 is euc-jp", "iso-8859-1", encoded(t, japanese.EUCJP, said), said, eucName},
		{"iso-8859-1 is utf-8", "iso-8859-1", []byte(said), said, utf8Name},
		{"utf-8 is jis", "utf-8", encoded(t, japanese.ISO2022JP, said), said, jisName},
		{"utf-8 is shift_jis", "utf-8", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"utf-8 is euc-jp", "utf-8", encoded(t, japanese.EUCJP, said), said, eucName},
		{"jis is shift_jis", "iso-2022-jp", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"jis is utf-8", "iso-2022-jp", []byte(said), said, utf8Name},
		{"shift_jis is utf-8", "shift_jis", []byte(said), said, utf8Name},
		{"shift_jis is euc-jp", "shift_jis", encoded(t, japanese.EUCJP, said), said, eucName},
		{"euc-jp is shift_jis", "euc-jp", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"a label nobody knows", "x-mojibake", encoded(t, japanese.ShiftJIS, said), said, sjisName},

		{"half-width kana in shift_jis", "shift_jis", encoded(t, japanese.ShiftJIS, kanaText), kanaText, sjisName},
		{"half-width kana without label", "", encoded(t, japanese.ShiftJIS, kanaText), kanaText, sjisName},
		{"half-width kana in euc-jp", "euc-jp", encoded(t, japanese.EUCJP, kanaText), kanaText, eucName},
		{"kanji alone in euc-jp", "", encoded(t, japanese.EUCJP, "監視装置異常"), "監視装置異常", eucName},
		{"kanji alone in shift_jis", "", encoded(t, japanese.ShiftJIS, "監視装置異常"), "監視装置異常", sjisName},

		{"french", "iso-8859-1", []byte("Le seuil est d\xe9pass\xe9 \xe0 midi, d\xe9j\xe0."), "Le seuil est dépassé à midi, déjà.", "windows-1252"},
		{"german", "", []byte("Festplatte f\xfcr die \xdcberwachung gr\xf6\xdfer"), "Festplatte für die Überwachung größer", "windows-1252"},
		{"russian", "koi8-r", []byte("\xee\xc5\xd4"), "Нет", "koi8-r"},
		{"utf-16 that looks like ASCII", "UTF-16BE", []byte("0B0D0F"), "あいう", "utf-16be"},
		{"quotes of windows-1252", "windows-1252", []byte("\x93disk\x94 \x96 100 \x80"), "“disk” – 100 €", "windows-1252"},

		{"two wrong bytes among many", "shift_jis", append(encoded(t, japanese.ShiftJIS, said), 0xff, 'x'), said + "\ufffdx", sjisName},
		{"utf-8 cut in a character", "utf-8", []byte(said + "超過")[:len(said)+5], said + "超\ufffd", utf8Name},
	} {
		got, used := decode(c.raw, c.label)
		if got != c.want || used != c.used {
			t.Errorf("%s: %q as %s\nwant %q as %s", c.name, got, used, c.want, c.used)
		}
	}
}

func TestISO2022JP(t *testing.T) {
	const (
		open  = "\x1b$B"
		close = "\x1b(B"
	)
	for _, c := range []struct{ name, raw, want string }{
		{"kana by escape sequence, CP50221", "\x1b(I1.W" + close + "!", "ｱｮﾗ" + "!"},
		{"kana by shift, CP50222", "a\x0e1.\x0fb", "aｱｮb"},
		{"kana of eight bits, CP50220", open + "%H" + close + "\xb1\xae" + open + "%H" + close, "トｱｮト"},
		{"the sets of 1978 and 1990, and the wrong JIS-Roman", "\x1b$@%H\x1b(H\x1b&@\x1b$B%H\x1b(J", "トト"},
		{"JIS X 0212", "\x1b$(D0!" + close, "丂"},
		{"JIS X 0213", "\x1b$(Q%H" + close, "ト"},
		{"Chinese and Korean, ISO-2022-JP-2", "\x1b$A0!\x1b$(C0!" + close, "啊가"},
		{"NEC's circled figures", open + "-!-\"" + close, "①②"},
		{"NEC's choice of IBM's characters", open + "yc" + close, "夋"},
		{"no way back at the end of the line", open + "%H\nHost: a\n" + open + "%H", "ト\nHost: a\nト"},
		{"a blank within", open + "%H %H" + close, "ト ト"},
		{"half a character", open + "%H%" + close + ".", "ト\ufffd."},
		{"a code without a character", open + ")!" + close + ".", "\ufffd."},
		{"a terminal's colours beside it", "\x1b[31m" + open + "%H" + close + "\x1b[0m", "ト"},
	} {
		if got := plainText(decodeJIS([]byte(c.raw))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got, _ := decode([]byte(c.raw), "ISO-2022-JP"); plainText(got) != c.want {
			t.Errorf("%s, by its label: %q, want %q", c.name, got, c.want)
		}
	}
}

// Detection is for short texts too: subjects.
func TestDetectShort(t *testing.T) {
	for _, s := range []string{
		"障害発生", "ホスト停止", "復旧しました", "【警告】CPU使用率", "[PROBLEM] web01 ディスク容量不足", "サーバ監視 異常検知", "死活監視:NG",
		"バックアップ失敗", "温度異常 ラックA-3", "定期レポート", "【重要】メール送信エラー", "ＣＰＵ高負荷",
	} {
		for name, enc := range japaneseEncodings {
			if got, used := decode(encoded(t, enc, s), ""); got != s {
				t.Errorf("%q in %s was read as %q in %s", s, name, got, used)
			}
		}
	}
}

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

func TestMender(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for _, c := range []struct{ name, raw, want string }{
		{"as it is", "A: b\r\n c\r\n\r\nbody\r\n", "A: b\n c\n\nbody\n"},
		{"a mailbox's line", "From a@b Mon\nA: b\n\nbody", "A: b\n\nbody\n"},
		{"no empty line", "A: b\nThe body begins.\nAnd ends.\n", "A: b\n\nThe body begins.\nAnd ends.\n"},
		{"rubbish within", "A: b\nwarning from cron\nC: d\n\nx\n", "A: b\nC: d\n\nx\n"},
		{"no header", "disk is full\nvery\n", "\ndisk is full\nvery\n"},
		{"a fold without field", " x\nA: b\n\n", "A: b\n\n"},
		{"a long field", "A: " + long + "\n\nb\n", "A: " + long + "\n\nb\n"},
		{"too long a field", "A: b\nC: " + strings.Repeat(long, 7) + "\n\nb\n", "A: b\n"},
		{"empty", "", ""},
	} {
		got, err := readAll(newMender(newBuf(c.raw), nil))
		if c.name == "too long a field" {
			if err != nil || len(got) > MaxHeader+5000 || !strings.HasPrefix(got, c.want) || !strings.HasSuffix(got, "\nb\n") {
				t.Errorf("%s: %d bytes, %v", c.name, len(got), err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	got, _ := readAll(newMender(newBuf("--b\nA: b\n--b\nno header\n--b--\n"), []byte("--b")))
	if want := "--b\nA: b\n\n--b\n\nno header\n--b--\n"; got != want {
		t.Errorf("parts: %q, want %q", got, want)
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

package mail

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
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
	chinese := "磁盘空间不足，请检查服务器。主机：web01 严重性：高"
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

		{"gb2312 is shift_jis", "gb2312", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"gb18030 is shift_jis, a word", "gb18030", encoded(t, japanese.ShiftJIS, "テスト"), "テスト", sjisName},
		{"euc-kr is shift_jis", "ks_c_5601-1987", encoded(t, japanese.ShiftJIS, "web01 応答なし"), "web01 応答なし", sjisName},
		{"big5 is shift_jis", "big5", encoded(t, japanese.ShiftJIS, said), said, sjisName},
		{"shift_jis is euc-jp, a word", "shift_jis", encoded(t, japanese.EUCJP, "テスト"), "テスト", eucName},
		{"chinese", "gb2312", encoded(t, simplifiedchinese.GBK, chinese), chinese, "gb2312"},
		{"chinese of many strokes", "big5", encoded(t, traditionalchinese.Big5, "磁碟空間不足，請檢查伺服器"), "磁碟空間不足，請檢查伺服器", "big5"},
		{"korean", "euc-kr", encoded(t, korean.EUCKR, "디스크 공간이 부족합니다"), "디스크 공간이 부족합니다", "euc-kr"},
		{"japanese in gb2312", "gb2312", encoded(t, simplifiedchinese.GBK, "サーバが停止しました"), "サーバが停止しました", "gb2312"},

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

// Of all the Japanese in the corpus, line by line, hardly any is misread
// without a label, and none with the right one.
func TestDetectCorpus(t *testing.T) {
	text, err := os.ReadFile("testdata/mails.txt")
	if err != nil {
		t.Fatal(err)
	}
	tried, wrongly := 0, 0
	for line := range strings.Lines(string(text)) {
		line = strings.Trim(line, "⟦⟧×↻\n")
		if isASCII(line) {
			continue
		}
		for name, enc := range japaneseEncodings {
			raw, err := enc.NewEncoder().Bytes([]byte(line))
			if err != nil || name == eucName && strings.ContainsFunc(line, func(r rune) bool { return r >= 0xff61 && r <= 0xff9f }) {
				continue // a character of UTF-8 only, or kana that nobody writes in this charset
			}
			tried++
			if got, _ := decode(raw, ""); got != line {
				wrongly++
				t.Logf("%q in %s was read as %q", line, name, got)
			}
			if got, used := decode(raw, name); got != line {
				t.Errorf("%q labelled %s was read as %q in %s", line, name, got, used)
			}
		}
	}
	if tried < 150 || wrongly*50 > tried {
		t.Errorf("%d of %d were misread", wrongly, tried)
	}
}

package brief

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestAloud(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"en", "", ""},
		{"en", "disk full", "disk full"},
		{"en", "web-1.tokyo.example.jp: disk full (95%)", "web 1: disk full (95 percent)"},
		{"en", "db01 is down, db-12 is up", "db 0 1 is down, db 12 is up"},
		{"en", "no answer from 10.0.0.1", "no answer from 10 dot 0 dot 0 dot 1"},
		{"en", "see https://grafana.example.com/d/abc?x=1&y=2 now", "see a link now"},
		{"en", "see <https://x.example/a|the graph>.", "see a link the graph"},
		{"en", "[the graph](https://x.example/a_(b)) fell", "the graph fell"},
		{"en", "pod 3f2a9c1b-1111-2222-3333-444455556666 died", "pod an identifier died"},
		{"en", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8.", "commit an identifier."},
		{"en", "at 1764081234567", "at a long number"},
		{"en", "token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "token an identifier"},
		{"en", "<b>CPU</b> &lt;script&gt;alert(1)&lt;/script&gt; <!channel> <@U12>", "CPU script alert(1) script"},
		{"en", "load 5 < 10 and 7 > 3", "load 5 10 and 7 3"},
		{"en", "\x1b[31mred\x1b[0m \x00\u202eabc\u200b\n\tdef \xff", "red abc def"},
		{"en", "**disk** `/var/log` is __full__!!!!! -----", "disk var log is full"},
		{"en", "| a | b |\n|---|---|\n# c\n> d", "a b c d"},
		{"en", "🔥🔥 fire ✅ 20°C", "fire 20°C"},
		{"en", "took 30s, 10GB of 3.5 TB on v1.2.3", "took 30s, 10GB of 3.5 TB on v1.2.3"},
		{"en", "e.g. nginx.service failed", "e.g. nginx.service failed"},
		{"en", strings.Repeat("word ", 1000), strings.TrimSpace(strings.Repeat("word ", 39)) + " word"},
		{"ja", "web-1.tokyo.example.jp: Disk full。", "ウェブ 1: ディスク 満杯。"},
		{"ja", "https://x.example/a?b=%E3%81%82#cを確認", "リンク を確認"},
		{"ja", "接続エラー https://x.example/a。確認してください", "接続エラー リンク 。確認してください"},
		{"ja", "backup failed on node-3", "バックアップ 失敗 on ノード 3"},
		{"ja", "【緊急】サーバー「web1」が停止", "緊急 サーバー ウェブ 1 が停止"},
		{"ja", "サーバーweb1とdb01.tokyo.example.jpがdown、id 3f2a9c1b77。", "サーバーウェブ 1とdb 0 1がダウン、id ID。"},
		{"ja", strings.Repeat("あ", 100_000), strings.Repeat("あ", 200)},
		{"fr", "see https://x.example", "see a link"},
	} {
		if got := Aloud(c.text, c.lang); got != c.want {
			t.Errorf("%s %.60q: got %q, want %q", c.lang, c.text, got, c.want)
		}
	}
}

func TestHostAloud(t *testing.T) {
	for _, c := range []struct{ lang, host, want string }{
		{"en", "", ""},
		{"en", "web-1", "web 1"},
		{"en", "web-1.tokyo.example.jp", "web 1"},
		{"en", "db01", "db 0 1"},
		{"en", "db12", "db 12"},
		{"en", "r2d2", "r 2 d 2"},
		{"en", "esx-1024", "esx 1 0 2 4"},
		{"en", "web-1:9100", "web 1"},
		{"en", "mail_gw-03a", "mail gw 0 3 a"},
		{"en", "10.0.3.14", "10 dot 0 dot 3 dot 14"},
		{"en", "2001:db8::1", "an IP address"},
		{"en", ".hidden.example", "hidden"},
		{"en", "-", ""},
		{"en", "a\x00b\x1b[31m<c>\u202e", "a b 31 m c"},
		{"en", strings.Repeat("x", 10_000), strings.Repeat("x", 63)},
		{"ja", "web-1.example.jp", "ウェブ 1"},
		{"ja", "prod-db01", "本番 db 0 1"},
		{"ja", "10.0.3.14", "10 ドット 0 ドット 3 ドット 14"},
		{"ja", "本番データベース２", "本番データベース ２"},
	} {
		if got := HostAloud(c.host, c.lang); got != c.want {
			t.Errorf("%s %.60q: got %q, want %q", c.lang, c.host, got, c.want)
		}
	}
}

// checkAloud: one line without signs that are markup somewhere, and not long.
func checkAloud(t *testing.T, from, said string, max int) {
	t.Helper()
	if !utf8.ValidString(said) || utf8.RuneCountInString(said) > max || said != strings.TrimSpace(said) || strings.ContainsAny(said, "<>[]{}|\\`*#\"$;") {
		t.Errorf("%q is said as %q", from, said)
	}
	if strings.ContainsFunc(said, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) && r != ' '
	}) {
		t.Errorf("%q is said with signs that are none: %q", from, said)
	}
	if strings.Contains(said, "://") {
		t.Errorf("%q is said with an address: %q", from, said)
	}
}

func FuzzAloud(f *testing.F) {
	for _, s := range []string{hostile, "web-1.example.jp: x", "https://a.example/b", "&lt;b&gt;", "[a](b)", "3f2a9c1b-1111-2222-3333-444455556666", "☃️ 10.0.0.1", "a：//b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, lang := range []string{"en", "ja"} {
			checkAloud(t, s, Aloud(s, lang), maxAloud)
			checkAloud(t, s, HostAloud(s, lang), maxHostAloud)
		}
	})
}

// Each reading is for one English word and can be said without a dictionary.
func TestReadings(t *testing.T) {
	for word, said := range readings {
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" || strings.ContainsFunc(said, func(r rune) bool { return r < unicode.MaxASCII }) {
			t.Errorf("%q is read %q", word, said)
		}
	}
}

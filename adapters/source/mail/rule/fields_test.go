package rule

import (
	"strings"
	"testing"
	"time"

	"tebiki/adapters/source/mail"

	"github.com/google/go-cmp/cmp"
)

func TestReadLines(t *testing.T) {
	got := readLines(`Host: web01
Host : second
■ホスト名　：web02
【発生日時】 2026/11/25 10:23
［重要度］：重大
ﾎｽﾄ = 半角
監視項目......: disk
Server | web03
Check: | table with a colon
Empty:
See https://example.jp/: not a key
https://example.jp/x
Info:

   the disk is full
   and more
no key here
  not below a key
Note: first
  second
	third

  after an empty line
内容：httpd が停止
      プロセス数=0
【発生箇所】
拠点A
■障害名

応答なし
System: shop
  Service: http
- a point
* Note
`).values
	want := map[string]string{
		"host": "web01", "ホスト名": "web02", "発生日時": "2026/11/25 10:23", "重要度": "重大", "ホスト": "半角", "監視項目": "disk",
		"server": "web03", "check": "table with a colon", "empty": "", "info": "the disk is full and more", "note": "first second third",
		"内容": "httpd が停止 プロセス数=0", "発生箇所": "拠点A", "障害名": "応答なし", "system": "shop", "service": "http",
	}
	delete(got, "seehttps")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPairsOf(t *testing.T) {
	got := pairsOf("alertname = Disk\n description = one\n two = 2\nand words\n\nempty =\nno pair\n")
	want := [][2]string{{"alertname", "Disk"}, {"description", "one"}, {"two", "2 and words"}, {"empty", "no pair"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTemplate(t *testing.T) {
	r := &reading{texts: &texts{}, fields: []Got{{Name: "a", Value: "A"}, {Name: "b-1.x", Value: "B"}}}
	for text, want := range map[string]string{
		"": "", "x": "x", "${a}": "A", "${none|a}": "A", "${none}": "", "${none|nor:-or}": "or", "${a:-or}": "A", "<${b-1.x}>": "<B>",
		"$$": "$", "$${a}": "${a}", "$$${a}": "$A", "$a $": "$a $", " ${a} ${none}": "A", "${none:-}": "", "${none:-a|b}": "a|b",
	} {
		tmpl, err := parseTemplate(text)
		if got := tmpl.fill(r); err != nil || got != want {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"${", "${a", "x ${}", "${a b}", "${1}", "${a|}", "${|a}", "${:-x}", "${a} ${b"} {
		if _, err := parseTemplate(text); err == nil {
			t.Errorf("%q is a template", text)
		}
	}
}

func TestTimeOf(t *testing.T) {
	tokyo := time.FixedZone("", 9*60*60)
	sent := time.Date(2026, 11, 25, 10, 30, 0, 0, tokyo)
	for text, want := range map[string]string{
		"10:23:45 2026.11.25":                 "2026-11-25T10:23:45+09:00",
		"2026-11-25T10:23:45":                 "2026-11-25T10:23:45+09:00",
		"2026-11-25T10:23:45Z":                "2026-11-25T10:23:45Z",
		"2026-11-25 10:23:45 +0000":           "2026-11-25T10:23:45Z",
		"2026-11-25T10:23:45-05:00":           "2026-11-25T10:23:45-05:00",
		"2026/11/25 10:23":                    "2026-11-25T10:23:00+09:00",
		"2026年11月25日(水) 9時5分3秒":               "2026-11-25T09:05:03+09:00",
		"2026年 1月 2日 03:04":                   "2026-01-02T03:04:00+09:00",
		"Wed Nov 25 10:23:45 JST 2026":        "2026-11-25T10:23:45+09:00",
		"Wed Nov 25 01:23:45 UTC 2026":        "2026-11-25T01:23:45Z",
		"Wed, 25 Nov 2026 10:23:45 +0900":     "2026-11-25T10:23:45+09:00",
		"25-Nov-2026 10:23":                   "2026-11-25T10:23:00+09:00",
		"November 25, 2026 10:23":             "2026-11-25T10:23:00+09:00",
		"Wed 2026-11-25 03:00:12 JST; 1s ago": "2026-11-25T03:00:12+09:00",
		"2026-11-24":                          "2026-11-24T00:00:00+09:00",
		// What is no time, or none to be believed, is when the mail was sent.
		"": "2026-11-25T10:30:00+09:00", "soon": "2026-11-25T10:30:00+09:00", "10:23": "2026-11-25T10:30:00+09:00",
		"2026-13-01 10:00": "2026-11-25T10:30:00+09:00", "2026-02-30": "2026-11-25T10:30:00+09:00", "1970-01-01 00:00:00": "2026-11-25T10:30:00+09:00",
		"9999-99-99 99:99:99": "2026-11-25T10:30:00+09:00",
	} {
		if got := timeOf(text, nil, sent).Format(time.RFC3339); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	berlin := time.FixedZone("CET", 60*60)
	if got := timeOf("2026-11-25 10:00", berlin, sent); !got.Equal(time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("in the rule's zone it is %s", got)
	}
	if got := timeOf("2026-11-25 10:00", nil, time.Time{}); !got.Equal(time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("of a mail without date it is %s", got)
	}
}

// A time without a zone is in that of the rule, of the configuration, of the
// mail's date, of the team: the first of them that there is.
func TestZones(t *testing.T) {
	home := time.FixedZone("home", 5*60*60)
	for _, c := range []struct{ zone, own, date, want string }{
		{"", "", "Wed, 25 Nov 2026 10:30:00 +0900", "2026-11-25T10:00:00+09:00"},
		{"", "", "Wed, 25 Nov 2026 01:30:00 +0000", "2026-11-25T10:00:00Z"},
		{"", "", "Wed, 25 Nov 2026 01:30:00 -0000", "2026-11-25T10:00:00+05:00"},
		{"", "", "", "2026-11-25T10:00:00+05:00"},
		{"Asia/Tokyo", "", "Wed, 25 Nov 2026 01:30:00 +0000", "2026-11-25T10:00:00+09:00"},
		{"Asia/Tokyo", "", "", "2026-11-25T10:00:00+09:00"},
		{"Asia/Tokyo", "UTC", "Wed, 25 Nov 2026 10:30:00 +0900", "2026-11-25T10:00:00Z"},
	} {
		text := "rules: [{name: a, when: {subject: x}, each: {start: at}, read: [{match: 'at (?P<time>.*)'}], alert: {key: k}"
		if c.own != "" {
			text += ", zone: " + c.own
		}
		text += "}]\n"
		if c.zone != "" {
			text += "zone: " + c.zone
		}
		set, err := Parse("r.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.Parse(strings.NewReader("Subject: x\nDate: " + c.date + "\n\nat 2026-11-25 10:00\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := set.WithHome(home).Take(m)[0].Alerts[0].At.Format(time.RFC3339); got != c.want {
			t.Errorf("%+v is %s", c, got)
		}
	}
}

// A problem and its recovery have one topic, and other problems have others.
func TestTopicOf(t *testing.T) {
	for _, same := range [][]string{
		{"【障害】web01 ディスク容量", "【復旧】web01 ディスク容量", "Re: 【障害復旧】 web01 ディスク容量"},
		{"[PROBLEM] web01: disk", "[RECOVERY] web01: disk", "[ops 1234] [RESOLVED] web01: disk"},
		{"CRITICAL: web01 is DOWN", "OK: web01 is UP"},
		{"障害発生のお知らせ（基幹DB）", "障害復旧のお知らせ（基幹DB）"},
		{"ＣＰＵ 異常 web01", "CPU 正常 web01"},
	} {
		for _, s := range same[1:] {
			if topicOf(s) != topicOf(same[0]) || topicOf(s) == "" {
				t.Errorf("%q has the topic %q, %q has %q", same[0], topicOf(same[0]), s, topicOf(s))
			}
		}
	}
	if a, b := topicOf("【障害】web01"), topicOf("【障害】web02"); a == b {
		t.Errorf("both have the topic %q", a)
	}
	if got := topicOf("backup-up.example.jp setup up"); got != "backup-up.example.jp setup" {
		t.Errorf("the topic is %q", got)
	}
}

func TestDamp(t *testing.T) {
	for subject, want := range map[string]string{
		"Report #4711 of 2026-11-25 10:23": "report ## of # #", "Re: Re: [list 12] Job 1a2b3c4d5e6f done": "job # done",
		"転送：ＵＰＳ　３号機": "ups #号機", "deadbeef": "deadbeef", "": "", "web01": "web#",
	} {
		if got := damp(subject); got != want {
			t.Errorf("%q is %q, want %q", subject, got, want)
		}
	}
}

func TestAddressOf(t *testing.T) {
	for from, want := range map[string]string{
		`"監視, 部" <Ops@Example.JP>`: "ops@example.jp", "root@web01 (Cron Daemon)": "root@web01", "root": "root", "": "",
		"a@b <c@d>": "c@d", "<>": "", "x <y": "y",
	} {
		if got := addressOf(from); got != want {
			t.Errorf("%q is %q, want %q", from, got, want)
		}
	}
}

func TestStatusOf(t *testing.T) {
	r := &rule{words: map[string]words{"status": {"復活": recovery, "ok": note}}}
	for word, want := range map[string]string{
		"": problem, "復活": recovery, "OK": note, "ＲＥＳＯＬＶＥＤ": recovery, "復旧": recovery, "Flapping Start": flapping, "謎": problem, "復旧通知": recovery, "[✓ Resolved!]": recovery, "障害のお知らせ": problem, "通知": note, "Acknowledgement": note,
	} {
		if got, known := r.statusOf(word); got != want || known == (word == "謎") {
			t.Errorf("%q is %s, %t", word, got, known)
		}
	}
}

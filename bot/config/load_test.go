package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/bot/roster"
	"tebiki/escalation"
	"tebiki/escalation/schedule"
	"tebiki/knowhow/check"
)

const minimal = `
people: {tanaka: {team: infra}}
teams: {infra: {leader: tanaka, zone: Asia/Tokyo}}
schedules: {infra: {zone: Asia/Tokyo, layers: {primary: {people: [tanaka], start: 2026-11-23}}}}
policies: {infra: {team: infra, steps: [{who: infra/primary, chat: 0s, phone: 2m}]}}
`

func mustLoad(t *testing.T, text string) *Config {
	t.Helper()
	c, err := loadText(text)
	if err != nil {
		t.Fatalf("Load:\n%v", err)
	}
	return c
}

var sameZone = cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })

func TestDefaults(t *testing.T) {
	c := mustLoad(t, minimal)
	tokyo := c.Rules.Schedules["infra"].Zone
	want := &Config{
		Listen: "127.0.0.1:8420", URL: "http://127.0.0.1:8420",
		RequestTeam: "infra", RemindAfter: 8 * time.Hour,
		Phone: Phone{Lines: 4, Ring: 45 * time.Second, Repeat: 2,
			Hotline: Hotline{Lines: 4, Country: "81", Recordings: 500, Keep: 90 * 24 * time.Hour}},
		Checks: Checks{Limits: check.Limits{AtOnce: 4, PerHost: 2, Output: 65536}},
		Roster: c.Roster,

		InventoryFile: "inventory.yaml", KnowhowDir: "knowhow",
		Retain: 400 * 24 * time.Hour,
		Rules: &escalation.Rules{
			Low:    []string{"warning", "info", "low", "minor", "notice", "none"},
			Routes: []escalation.Route{{Policy: "infra"}},
			Policies: map[string]*escalation.Policy{"infra": {
				Name: "infra", Team: "infra", Leader: "tanaka", Repeat: 2,
				Steps: []escalation.PolicyStep{{
					Who:  escalation.Target{Schedule: "infra", Layer: "primary"},
					Via:  []escalation.Delayed{{Channel: escalation.Chat}, {Channel: escalation.Phone, After: 2 * time.Minute}},
					Next: 5 * time.Minute,
				}},
				LeaderPhone: 2 * time.Minute, LeaderEvery: 10 * time.Minute,
			}},
			Schedules: map[string]*schedule.Schedule{"infra": {
				Name: "infra", Zone: tokyo,
				Layers: []schedule.Layer{{
					Name: "primary", People: []string{"tanaka"}, Days: 7, At: 9 * time.Hour,
					Start: time.Date(2026, 11, 23, 12, 0, 0, 0, tokyo),
				}},
			}},
			Match: []string{"host", "service", "labels.report"}, MatchWithin: time.Hour, Subtickets: 20,
			Storm: escalation.Rate{Count: 10, Within: time.Minute}, ListEvery: time.Minute,
			Reopen: 2 * time.Hour, Grace: 5 * time.Minute,
			Flap: escalation.Rate{Count: 2, Within: time.Hour}, FlapQuiet: 10 * time.Minute,
			AckTimeout: time.Hour, ConfirmLimit: 10 * time.Minute,
		},
	}
	if diff := cmp.Diff(want, c, sameZone, cmp.Comparer(func(a, b *roster.Roster) bool { return a == b })); diff != "" {
		t.Errorf("Config (-want +got):\n%s", diff)
	}
	if p, ok := c.Roster.Person("tanaka"); !ok || p.Zone.String() != "Asia/Tokyo" || p.Chat != "tanaka" {
		t.Errorf("tanaka is %+v", p)
	}
}

// Everything that has no default, and every default set otherwise.
const full = `
listen: 0.0.0.0:80
url: https://tebiki.example.jp/
hosts: [tebiki.example.jp, 192.0.2.1]
password: {env: TEBIKI_PASSWORD}
token: {file: token.txt}
people:
  tanaka: {name: 田中 葵, team: infra, phone: 0312345678, chat: U1, mail: t@example.jp, tracker: ta}
  lee: {lang: en, zone: Europe/London, team: other, pin: pbkdf2-sha256$10$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}
teams:
  infra: {name: インフラ, leader: tanaka, channel: "#infra", lang: ja, zone: Asia/Tokyo, morning: 08:30, evening: "17:15", holidays: [2026-12-31], calendar: {file: off.ics, match: 祝日}}
  other: {leader: lee, zone: UTC}
schedules:
  infra:
    zone: America/Sao_Paulo
    layers: {b: {people: [tanaka, lee], start: 2017-10-15, days: 1, at: "00:00"}, a: {people: [lee], start: 2026-11-23}}
    overrides: [{layer: b, person: lee, from: 2026-12-24T09:00, until: 2026-12-25 09:00}]
policies:
  infra: {team: infra, steps: [{who: lee, phone: 0s, chat: 30s, next: 1m}], repeat: 0, leader: {phone: 1m, every: 3m}}
alerts:
  low: []
  routes:
    - {match: {labels.dc: Tokyo*}, policy: infra, hold: {times: 3, within: 5m}}
    - {match: {host: a}, policy: infra, hold: {for: 10m}}
    - {policy: infra}
  match: {fields: [labels.rack], within: 1d, subtickets: 3}
  morning: {kind: "{labels.cluster} {check}", go_on: true}
phone: {lines: 1, ring: 20s, repeat: 3, hotline: {lines: 2, country: 44, recordings: 20, keep: 2d}}
requests: {team: other, remind_after: 2h}
checks: {at_once: 1, output: 1MiB}
inventory: {file: /srv/inv.yaml}
knowhow: {dir: k}
retain: 1d12h
`

func TestFull(t *testing.T) {
	c := mustLoad(t, full)
	brazil := c.Rules.Schedules["infra"].Zone
	// Midnight did not exist there on 2017-10-15; the first turn begins on that day all the same.
	if sh, _ := c.Rules.Schedules["infra"].At("b", time.Date(2017, 10, 16, 0, 0, 0, 0, brazil)); sh.Person != "lee" {
		t.Errorf("on the second day %q is on call", sh.Person)
	}
	if diff := cmp.Diff([]schedule.Override{{Layer: "b", Person: "lee",
		From: time.Date(2026, 12, 24, 9, 0, 0, 0, brazil), Until: time.Date(2026, 12, 25, 9, 0, 0, 0, brazil),
	}}, c.Rules.Schedules["infra"].Overrides, sameZone); diff != "" {
		t.Errorf("overrides (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&escalation.Policy{
		Name: "infra", Team: "infra", Leader: "tanaka",
		Steps: []escalation.PolicyStep{{Who: escalation.Target{Person: "lee"}, Next: time.Minute,
			Via: []escalation.Delayed{{Channel: escalation.Phone}, {Channel: escalation.Chat, After: 30 * time.Second}}}},
		LeaderPhone: time.Minute, LeaderEvery: 3 * time.Minute,
	}, c.Rules.Policies["infra"]); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]escalation.Route{
		{Match: map[string]escalation.Pattern{"labels.dc": "Tokyo*"}, Policy: "infra",
			Hold: escalation.Hold{Rate: escalation.Rate{Count: 3, Within: 5 * time.Minute}}},
		{Match: map[string]escalation.Pattern{"host": "a"}, Policy: "infra", Hold: escalation.Hold{For: 10 * time.Minute}},
		{Policy: "infra"},
	}, c.Rules.Routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	infra, _ := c.Roster.Team("infra")
	if off := infra.Calendar.Off("2028-05-03"); !off || infra.Evening != 17*time.Hour+15*time.Minute || len(c.Calendars) != 1 {
		t.Errorf("the calendar's day is off: %v, the evening is at %s, calendars %d", off, infra.Evening, len(c.Calendars))
	}
	if got := c.Morning.Kind.Of(&escalation.Alert{Check: "disk", Labels: map[string]string{"cluster": "blue"}}); got != "blue disk" || !c.Morning.GoOn {
		t.Errorf("the kind %q, goes on %v", got, c.Morning.GoOn)
	}
	c.Rules, c.Roster, c.Calendars, c.Morning = nil, nil, nil, Morning{}
	if diff := cmp.Diff(&Config{
		Listen: "0.0.0.0:80", URL: "https://tebiki.example.jp", Hosts: []string{"tebiki.example.jp", "192.0.2.1"},
		Password: NewSecret("hunter2"), Token: NewSecret("opensesame"),
		Phone: Phone{Lines: 1, Ring: 20 * time.Second, Repeat: 3,
			Hotline: Hotline{Lines: 2, Country: "44", Recordings: 20, Keep: 48 * time.Hour}}, RequestTeam: "other", RemindAfter: 2 * time.Hour,
		Checks: Checks{Limits: check.Limits{AtOnce: 1, PerHost: 2, Output: 1 << 20}}, InventoryFile: "/srv/inv.yaml", KnowhowDir: "k", Retain: 36 * time.Hour,
	}, c); diff != "" {
		t.Errorf("the rest (-want +got):\n%s", diff)
	}
}

func TestFullRoster(t *testing.T) {
	c := mustLoad(t, full)
	got, ok := c.Roster.ByPhone("0312345678")
	if !ok || got.ID != "tanaka" || got.Lang != "ja" || got.Chat != "U1" || got.Tracker != "ta" || got.Mail != "t@example.jp" {
		t.Errorf("by phone: %+v, %v", got, ok)
	}
	if lee, _ := c.Roster.Person("lee"); lee.PIN != "pbkdf2-sha256$10$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" {
		t.Errorf("lee's PIN is %q", lee.PIN)
	}
	team, _ := c.Roster.Team("infra")
	if team.Morning != 8*time.Hour+30*time.Minute || team.Channel != "#infra" || !team.Holidays["2026-12-31"] {
		t.Errorf("the team is %+v", team)
	}
}

func TestLowIsLowerCase(t *testing.T) {
	c := mustLoad(t, minimal+"alerts: {low: [Warning, 情報]}\n")
	if diff := cmp.Diff([]string{"warning", "情報"}, c.Rules.Low); diff != "" {
		t.Errorf("low (-want +got):\n%s", diff)
	}
}

func TestURLOfListen(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8420": "http://127.0.0.1:8420", "[::1]:80": "http://[::1]:80", "localhost:1": "http://localhost:1",
		":8420": "http://localhost:8420", "0.0.0.0:8420": "http://localhost:8420", "'[::]:8420'": "http://localhost:8420",
	} {
		c := mustLoad(t, minimal+"token: {env: TEBIKI_PASSWORD}\nlisten: '"+strings.Trim(listen, "'")+"'\n")
		if c.URL != want {
			t.Errorf("listen %s: url %q, want %q", listen, c.URL, want)
		}
	}
}

func TestExposed(t *testing.T) {
	for listen, want := range map[string]bool{
		"127.0.0.1:1": false, "127.9.9.9:1": false, "[::1]:1": false, "localhost:1": false,
		":1": true, "0.0.0.0:1": true, "192.0.2.1:1": true, "localhost.example.jp:1": true, "nonsense": true,
	} {
		if got := (&Config{Listen: listen}).Exposed(); got != want {
			t.Errorf("Exposed on %s: %v", listen, got)
		}
		if (&Config{Listen: listen, Token: NewSecret("x")}).Exposed() {
			t.Errorf("Exposed on %s in spite of a token", listen)
		}
	}
}

func TestNoFile(t *testing.T) {
	_, err := Load(fstest.MapFS{}, "tebiki.yaml", testEnv)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "tebiki init") {
		t.Errorf("Load of nothing gave %v", err)
	}
}

func TestAbsoluteSecretFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("absolute\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, minimal+"password: {file: "+file+"}\n")
	if c.Password.Reveal() != "absolute" {
		t.Errorf("the password is %q", c.Password.Reveal())
	}
}

// Waiting for a device, or reading one without an end, would hang the start.
func TestSecretFromOddFiles(t *testing.T) {
	for file, want := range map[string]string{
		"/dev/zero": "not a regular file", "large.txt": "larger than any secret", "/": "not a regular file", "../../x": "open its file",
	} {
		_, err := loadText(minimal + "password: {file: " + file + "}\n")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a secret from %s: %v; want %q", file, err, want)
		}
	}
}

// The YAML package says some lines too low by one.
func TestLineOfWhatIsNotYAML(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: [1, 2\nc: 3\n":         "etc/tebiki.yaml:2: ",
		"a: 1\nb: {c: 1\nd: 2\n":         "etc/tebiki.yaml:2: ",
		"a: 1\nb:\n  - x\n  y: 1\n":      "etc/tebiki.yaml:3: ",
		"a: 1\nb: c: d\n":                "etc/tebiki.yaml:2: ",
		"a: 1\nb:\n\tc: 2\n":             "etc/tebiki.yaml:3: ",
		"a: 1\nb: [\xff]\n":              "etc/tebiki.yaml:1: ", // it does not say
		"a:\n  - {b: 1, c: [}\n  - {}\n": "etc/tebiki.yaml:2: ",
	} {
		if _, err := loadText(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q gives %v; want %s", text, err, want)
		}
	}
}

func TestTracker(t *testing.T) {
	c := mustLoad(t, strings.Replace(minimal, "people: {", "people: {mori: {team: infra, mail: mori@example.jp}, ueda: {team: infra, tracker: u.jiro, mail: ueda@example.jp}, ", 1)+`
tracker:
  kind: jira
  url: https://jira.example.jp/jira
  project: OPS
  mail: bot@example.jp
  token: {file: token.txt}
  type: Task
  subtype: Sub-task
  component: Other
  statuses: {open: [Open, Reopened], fixed: [Resolved], closed: [Closed]}
  priorities: {urgent: Highest, low: Low}
  fields: {host: Server}
  defaults: {Root cause: unknown}
  since: 2026-11-01T09:00
  every: 1m
  link: Blocks
  on_move: {Resolution: Done}
  webhook_secret: {env: TEBIKI_PASSWORD}
`)
	zone, _ := time.LoadLocation("Asia/Tokyo")
	if diff := cmp.Diff(&Tracker{
		Kind: Jira, URL: "https://jira.example.jp/jira", Project: "OPS", Mail: "bot@example.jp", Token: NewSecret("opensesame"),
		Type: "Task", Subtype: "Sub-task", Component: "Other",
		Statuses:   map[string][]string{"open": {"Open", "Reopened"}, "fixed": {"Resolved"}, "closed": {"Closed"}},
		Priorities: map[string]string{"urgent": "Highest", "low": "Low"}, Fields: map[string]string{"host": "Server"},
		Defaults: map[string]string{"Root cause": "unknown"}, Since: time.Date(2026, 11, 1, 9, 0, 0, 0, zone), Every: time.Minute,
		Link: "Blocks", OnMove: map[string]string{"Resolution": "Done"}, WebhookSecret: NewSecret("hunter2"), Listen: "127.0.0.1:8422",
	}, c.Tracker, sameZone); diff != "" {
		t.Errorf("tracker (-want +got):\n%s", diff)
	}
	for address, want := range map[string]string{"mori@example.jp": "mori", "u.jiro": "ueda"} {
		if p, ok := c.Roster.ByTracker(address); !ok || p.ID != want {
			t.Errorf("%s is %q in the tracker", address, p.ID)
		}
	}
}

func TestAsterisk(t *testing.T) {
	c := mustLoad(t, minimal+`
phone:
  asterisk:
    url: https://pbx.example.jp:8089/ari
    user: bot
    password: {file: token.txt}
    app: pager
    caller_id: '"on call" <100>'
    number: PJSIP/{number}@trunk
    sounds: /var/lib/asterisk/sounds
    speech: {en: [espeak-ng, --stdout]}
`)
	if diff := cmp.Diff(&Asterisk{URL: "https://pbx.example.jp:8089/ari", User: "bot", App: "pager", Password: NewSecret("opensesame"), CallerID: `"on call" <100>`,
		Number: "PJSIP/{number}@trunk", Sounds: "/var/lib/asterisk/sounds", Speech: map[string][]string{"en": {"espeak-ng", "--stdout"}}}, c.Phone.Asterisk); diff != "" {
		t.Errorf("asterisk (-want +got):\n%s", diff)
	}
	if c := mustLoad(t, minimal); c.Phone.Asterisk != nil {
		t.Error("calls do not ring in the console")
	}
}

package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tebiki/bot/holiday"
	"tebiki/bot/roster"
)

// A builder makes the Config of the wire types.
type builder struct {
	*reader
	wire    *wire
	secrets secrets

	calendars []*holiday.Calendar // of the teams
}

func (b *builder) build() *Config {
	w := b.wire
	b.essentials()
	c := &Config{
		Listen:      w.Listen,
		Hosts:       w.Hosts,
		Password:    b.secret(at("password"), w.Password),
		Token:       b.secret(at("token"), w.Token),
		Slack:       b.slack(),
		Roster:      b.roster(),
		Rules:       b.rules(),
		Webhooks:    b.webhooks(),
		Mail:        b.mail(),
		Morning:     b.morning(),
		RequestTeam: b.requestTeam(),
		RemindAfter: time.Duration(w.Requests.RemindAfter),
		Phone:       Phone{Lines: w.Phone.Lines, Ring: time.Duration(w.Phone.Ring), Repeat: w.Phone.Repeat, Hotline: b.hotline(), Asterisk: b.asterisk()},
		Checks:      b.checks(),
		KnowhowDir:  w.Knowhow.Dir,
		KnowhowGit:  b.git(),
		Retain:      time.Duration(w.Retain),
	}
	c.Calendars = b.calendars
	if c.Roster == nil {
		c.Tracker = b.tracker(nil)
	} else if team, ok := c.Roster.Team(c.RequestTeam); ok {
		c.Tracker = b.tracker(&team)
	}
	c.InventoryFile, c.Inventory = b.inventory()
	b.listen(c)
	c.URL = b.url()
	b.hosts()
	b.limits()
	b.checkRules(c.Rules)
	return c
}

// essentials are what no default can stand for.
func (b *builder) essentials() {
	for _, e := range []struct {
		key, write string
		n          int
	}{
		{"people", "who there is, such as people: {tanaka: {name: 田中 葵, team: infra}}", len(b.wire.People)},
		{"teams", "a team and who leads it, such as teams: {infra: {leader: tanaka, zone: Asia/Tokyo}}", len(b.wire.Teams)},
		{"schedules", "who is on call, such as schedules: {infra: {zone: Asia/Tokyo, layers: {primary: {people: [tanaka], start: 2026-11-23}}}}", len(b.wire.Schedules)},
		{"policies", "who is paged and when, such as policies: {infra: {team: infra, steps: [{who: infra/primary, chat: 0s, phone: 2m}]}}", len(b.wire.Policies)},
	} {
		if e.n == 0 {
			b.consequence(at(e.key), "nothing is there; write "+e.write)
		}
	}
}

// reference looks up a name that has to stand in another section. Where that
// section is empty its own fault says enough.
func (b *builder) reference(p place, kind, name string, known []string) {
	switch {
	case name == "":
		b.consequence(p, fmt.Sprintf("is missing; write the name of a %s", kind))
	case len(known) > 0 && !slices.Contains(known, name):
		b.fault(p, "there is no %s %q; %s", kind, name, suggest(name, known))
	}
}

// ids checks the names in a section.
func ids[T any](b *builder, section named[T]) {
	for _, it := range section {
		if !roster.ValidID(it.name) {
			b.fault(it.at, "cannot be a name; %s", roster.WantID)
		}
	}
}

// between checks a number.
func (b *builder) between(n, least, most int, keys ...string) {
	if n < least || n > most {
		b.consequence(at(keys...), fmt.Sprintf("is %d; want %d to %d", n, least, most))
	}
}

// lasts checks a length of time.
func (b *builder) lasts(d duration, least, most time.Duration, keys ...string) {
	if t := time.Duration(d); t < least || t > most {
		b.consequence(at(keys...), fmt.Sprintf("is %s; want %s to %s", short(t), short(least), short(most)))
	}
}

// short writes a length of time as people do: 2h, not 2h0m0s.
func short(d time.Duration) string {
	if days := d / (24 * time.Hour); days > 0 && d == days*24*time.Hour {
		return fmt.Sprintf("%dd", days)
	}
	return shortIn(d.String())
}

// shortIn does the same within a sentence.
func shortIn(sentence string) string {
	return strings.ReplaceAll(strings.ReplaceAll(sentence, "m0s", "m"), "h0m", "h")
}

func (b *builder) limits() {
	w := b.wire
	b.between(w.Phone.Lines, 1, 1000, "phone", "lines")
	b.lasts(w.Phone.Ring, 5*time.Second, 5*time.Minute, "phone", "ring")
	b.between(w.Phone.Repeat, 1, 10, "phone", "repeat")
	b.lasts(w.Requests.RemindAfter, time.Minute, 1000*time.Hour, "requests", "remind_after")
	b.lasts(w.Retain, 24*time.Hour, maxDays*24*time.Hour, "retain")
	b.named(w.Knowhow.Dir, "knowhow", "dir")
}

func (b *builder) named(name string, keys ...string) {
	if name == "" {
		b.consequence(at(keys...), "is empty; write a name, or leave the key out")
	}
}

// requestTeam is the team of the configuration, or the first in the file.
func (b *builder) requestTeam() string {
	teams := b.wire.Teams.names()
	name := b.wire.Requests.Team
	if name == "" {
		return strings.Join(teams[:min(1, len(teams))], "")
	}
	b.reference(at("requests", "team"), "team", name, teams)
	return name
}

func (b *builder) listen(c *Config) {
	p := at("listen")
	_, port, err := net.SplitHostPort(c.Listen)
	n, err2 := strconv.Atoi(port)
	if err != nil || err2 != nil || n < 0 || n > 65535 {
		b.consequence(p, fmt.Sprintf("is %q; want an address and a port, such as 127.0.0.1:8420", c.Listen))
		return
	}
	if c.Exposed() {
		b.consequence(p, fmt.Sprintf("%s can be reached from other machines and nothing guards it: set password or token, or listen on 127.0.0.1", c.Listen),
			at("password"), at("token"))
	}
}

// url is the configured one, or that of the address the console listens on.
func (b *builder) url() string {
	w := b.wire
	if w.URL == "" {
		host, port, _ := net.SplitHostPort(w.Listen)
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		return "http://" + net.JoinHostPort(host, port)
	}
	u, err := url.Parse(w.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		b.consequence(at("url"), "this is not the address of a web site; want one such as https://tebiki.example.jp")
	}
	return strings.TrimRight(w.URL, "/")
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

func (b *builder) hosts() {
	for i, h := range b.wire.Hosts {
		if p := at("hosts").index(i); net.ParseIP(h) == nil && !hostName.MatchString(h) {
			b.consequence(p, fmt.Sprintf("is %q; want a host name without scheme and port, such as tebiki.example.jp", h))
		}
	}
}

package config

import (
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"slices"
	"time"

	"tebiki/bot/roster"
)

// The kinds of tracker.
const (
	Jira    = "jira"
	Redmine = "redmine"
)

// A Tracker says where the team keeps its tickets.
type Tracker struct {
	Kind               string
	URL, Project, Mail string
	Token              Secret
	CA                 []byte // PEM of the company's certificates
	Type, Subtype      string // of tickets and sub-tickets
	Component          string // for components that the tracker does not have
	Statuses           map[string][]string
	Priorities         map[string]string
	Fields             map[string]string // a ticket's field -> name of a custom field
	Defaults           map[string]string // name of a field -> value in every ticket
	Since              time.Time         // zero: from the first start on
	Every              time.Duration     // how often it is asked for changes

	Link          string // Jira: of sub-tickets that are linked
	OnMove        map[string]string
	WebhookSecret Secret
	Listen        string // host:port that takes webhooks, when there is a secret

	LabelField string // Redmine: custom field of the labels
	Format     string
}

// tracker makes what the configuration says of a tracker elsewhere; nil when
// Tebiki's own is used.
func (b *builder) tracker(team *roster.Team) *Tracker {
	w, p := b.wire.Tracker, at("tracker")
	if w == nil {
		return nil
	}
	t := &Tracker{
		Kind: w.Kind, URL: w.URL, Project: w.Project, Mail: w.Mail, Type: w.Type, Subtype: w.Subtype, Component: w.Component,
		Statuses: map[string][]string{}, Priorities: texts(w.Priorities), Fields: texts(w.Fields), Defaults: texts(w.Defaults), OnMove: texts(w.OnMove),
		Every: time.Duration(w.Every), Link: w.Link, Listen: w.Listen, LabelField: w.LabelField, Format: w.Format,
		Token: b.trackerToken(w), WebhookSecret: b.secret(p.key("webhook_secret"), w.WebhookSecret),
	}
	for _, it := range w.Statuses {
		t.Statuses[it.name] = it.value
	}
	b.trackerPlace(w)
	b.lasts(w.Every, 5*time.Second, time.Hour, "tracker", "every")
	b.oneOf(p.key("statuses"), w.Statuses.names(), "open", "fixed", "closed")
	b.oneOf(p.key("priorities"), w.Priorities.names(), "urgent", "low")
	b.trackerOnly(w)
	if _, _, err := net.SplitHostPort(w.Listen); err != nil {
		b.consequence(p.key("listen"), "is no address and port; want one such as 127.0.0.1:8422")
	}
	if w.CA != "" {
		t.CA = b.certificates(p.key("ca"), w.CA)
	}
	if w.Since != nil && team != nil {
		t.Since = w.Since.in(team.Zone)
	}
	return t
}

// certificates reads a file of certificates as PEM.
func (b *builder) certificates(p place, name string) []byte {
	f, err := b.secrets.open(name)
	if err != nil {
		b.fault(p, "cannot be opened: %v; write the path of the company's certificates in PEM, or leave this key out", err)
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCertificates))
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(data) {
		b.fault(p, "has no certificate in it; want PEM, with lines such as -----BEGIN CERTIFICATE-----")
	}
	return data
}

// maxCertificates is more than any company has.
const maxCertificates = 4 << 20

func texts(in named[string]) map[string]string {
	out := map[string]string{}
	for _, it := range in {
		out[it.name] = it.value
	}
	return out
}

// trackerToken is the token, or the key, that must be there.
func (b *builder) trackerToken(w *trackerWire) Secret {
	p := at("tracker", "token")
	where := "make one in the profile of the bot's user in Jira"
	if w.Kind == Redmine {
		where = "take the API access key from \"My account\" of the bot's user in Redmine"
	}
	if w.Token == nil {
		b.consequence(p, "is missing: "+where+", and write where it is kept: {env: NAME} or {file: PATH}")
	}
	return b.secret(p, w.Token)
}

func (b *builder) trackerPlace(w *trackerWire) {
	p := at("tracker")
	if w.Kind != Jira && w.Kind != Redmine {
		b.consequence(p.key("kind"), "is no tracker; want jira or redmine, or leave the section out for Tebiki's own")
	}
	if u, err := url.Parse(w.URL); err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		b.consequence(p.key("url"), "is no address; want one such as https://tracker.example.jp")
	}
	if w.Project == "" {
		b.consequence(p.key("project"), "is missing; write the key of the project in Jira (OPS), or its identifier in Redmine (ops)")
	}
}

// trackerOnly tells of keys that the other kind has.
func (b *builder) trackerOnly(w *trackerWire) {
	for _, k := range []struct {
		key, kind string
		given     bool
	}{
		{"mail", Jira, w.Mail != ""}, {"link", Jira, w.Link != ""}, {"on_move", Jira, len(w.OnMove) > 0}, {"webhook_secret", Jira, w.WebhookSecret != nil},
		{"label_field", Redmine, w.LabelField != ""}, {"format", Redmine, w.Format != ""},
	} {
		if k.given && w.Kind != k.kind {
			b.fault(at("tracker", k.key), "means something with kind: %s only; leave it out", k.kind)
		}
	}
	if w.Kind == Redmine && w.Format != "" {
		b.oneOf(at("tracker", "format"), []string{w.Format}, "textile", "markdown", "common_mark")
	}
}

// oneOf checks words against those there are.
func (b *builder) oneOf(p place, given []string, known ...string) {
	for _, g := range given {
		if !slices.Contains(known, g) {
			b.fault(p, "there is no %q; %s", g, suggest(g, known))
		}
	}
}

// inTracker gives a person the address by which the tracker finds them.
func (b *builder) inTracker(p *roster.Person) {
	if p.Tracker == "" && b.wire.Tracker.Kind == Jira {
		p.Tracker = p.Mail
	}
}

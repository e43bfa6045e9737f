package config

import (
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tebiki/bot/roster"
)

// slack makes what the configuration says of Slack; nil when it says nothing.
func (b *builder) slack() *Slack {
	w, p := b.wire.Slack, at("slack")
	if w == nil {
		return nil
	}
	s := &Slack{
		HTTP:     w.Mode == "http",
		BotToken: b.token(p.key("bot_token"), w.BotToken, "xoxb-", "take it from \"OAuth & Permissions\" of the Slack app"),
		Listen:   w.Listen, URL: w.URL, API: w.API, Wait: time.Duration(w.Wait),
	}
	if u, err := url.Parse(w.API); w.API != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "") {
		b.consequence(p.key("api"), "is no address of Slack's API; leave it out, or want one such as https://slack-gov.com/api/")
	}
	b.lasts(w.Wait, time.Second, 5*time.Minute, "slack", "wait")
	switch w.Mode {
	case "socket":
		s.AppToken = b.token(p.key("app_token"), w.AppToken, "xapp-", "make one with the scope connections:write under \"Basic Information\" of the Slack app")
	case "http":
		s.SigningSecret = b.slackByHTTP(p, w)
	default:
		b.fault(p.key("mode"), "is %q; want socket or http", w.Mode)
	}
	return s
}

// token is a secret that must be there and begins in a known way: two tokens
// are easily taken for each other.
func (b *builder) token(p place, w *secretWire, prefix, where string) Secret {
	if w == nil {
		b.consequence(p, "is missing: "+where+", and write where it is kept: {env: NAME} or {file: PATH}")
		return Secret{}
	}
	s := b.secret(p, w)
	if s.IsSet() && !strings.HasPrefix(s.Reveal(), prefix) {
		b.fault(p, "what is kept there does not begin with %s: %s", prefix, where)
	}
	return s
}

func (b *builder) slackByHTTP(p place, w *slackWire) (signing Secret) {
	if w.SigningSecret == nil {
		b.consequence(p.key("signing_secret"), "is missing: take it from \"Basic Information\" of the Slack app, and write where it is kept: {env: NAME} or {file: PATH}")
	}
	if _, _, err := net.SplitHostPort(w.Listen); err != nil {
		b.consequence(p.key("listen"), "is no address and port; want one such as 127.0.0.1:8421")
	}
	signing = b.secret(p.key("signing_secret"), w.SigningSecret)
	if u, err := url.Parse(w.URL); err != nil || u.Scheme != "https" || u.Hostname() == "" {
		b.consequence(p.key("url"), "is not where Slack can reach this program; want a public address such as https://tebiki.example.jp/slack")
	}
	return signing
}

// slackAddress is a person's id in Slack, or a mail address.
var slackAddress = regexp.MustCompile(`^([UW][A-Z0-9]{2,30}|[^@\s]+@[^@\s]+)$`)

// inSlack gives a person the address by which Slack finds them.
func (b *builder) inSlack(at place, p *roster.Person) {
	if p.Chat == "" {
		p.Chat = p.Mail
	}
	switch {
	case p.Chat == "":
		b.fault(at, "cannot be found in Slack; write their mail address there as mail, or their id (U…) as chat")
	case !slackAddress.MatchString(p.Chat):
		b.consequence(at.key("chat"), "is no address in Slack; want an id (U…) or the mail address that they have there")
	}
}

package config

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"tebiki/adapters/source"
)

// A Webhook is an address of its own for one sender of alerts.
type Webhook struct {
	Name    string
	Mapping *source.Mapping // nil: the name says which format it is

	// What the sender has to show. One of these is set, or none: then it is
	// the API's token.
	Token     Secret
	Header    string // that the token is in; "" means Authorization
	User      string // with the password
	Password  Secret
	Signature *Signature
}

// A Signature is one of the body by a secret that both sides have.
type Signature struct {
	Secret    Secret
	Header    string
	Timestamp string        // header of the time that is signed too; "" when there is none
	Within    time.Duration // how far from now that may be
}

type (
	webhookWire struct {
		Token     *secretWire    `key:"token"`
		Header    string         `key:"header"`
		User      string         `key:"user"`
		Password  *secretWire    `key:"password"`
		Signature *signatureWire `key:"signature"`

		Each   expressionWire `key:"each"`
		When   expressionWire `key:"when"`
		Fields *mappedWire    `key:"fields"`
	}
	signatureWire struct {
		Secret    *secretWire `key:"secret"`
		Header    string      `key:"header"`
		Timestamp string      `key:"timestamp"`
		Within    duration    `key:"within"`
	}
	// An expressionWire is one of the mapping's language. It may go over
	// several lines.
	expressionWire string
	mappedWire     struct {
		fields, labels map[string]string
		tags           expressionWire
	}
)

func (s *signatureWire) setDefaults() { s.Within = 5 * minute }

func (x *expressionWire) parse(text string) error {
	if text = strings.TrimSpace(text); text == "" {
		return errors.New("want an expression, such as event.host.name; a text within it needs quotes of its own: '\"text\"'")
	}
	*x = expressionWire(text)
	return nil
}

// read takes an expression for each field. Labels are expressions as well, or
// all of them one.
func (m *mappedWire) read(r *reader, n *yaml.Node, p place) {
	m.fields, m.labels = map[string]string{}, map[string]string{}
	known := append([]string{"labels"}, source.MappedFields()...)
	r.mapping(n, p, func(key string, n *yaml.Node) {
		switch {
		case key == "labels" && n.Kind == yaml.MappingNode:
			var labels named[expressionWire]
			r.value(n, p.key(key), &labels)
			for _, it := range labels {
				m.labels[it.name] = string(it.value)
			}
		case key == "labels":
			r.value(n, p.key(key), &m.tags)
		case slices.Contains(known, key):
			var x expressionWire
			r.value(n, p.key(key), &x)
			m.fields[key] = string(x)
		default:
			r.fault(p.key(key), "there is no such field of an alert; %s", suggest(key, known))
		}
	})
}

func (b *builder) webhooks() (out []Webhook) {
	section := b.wire.Alerts.Webhooks
	ids(b, section)
	for i := range section {
		w := &section[i].value
		h := Webhook{Name: section[i].name}
		b.proof(section[i].at, w, &h)
		b.meaning(section[i].at, w, &h)
		out = append(out, h)
	}
	return out
}

// proof is what the sender shows.
func (b *builder) proof(p place, w *webhookWire, h *Webhook) {
	ways := 0
	for _, given := range []bool{w.Token != nil, w.User != "" || w.Password != nil, w.Signature != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		b.consequence(p, "asks for more than one of token, user with password, and signature; keep the one that the sender can show")
	case w.Header != "" && w.Token == nil:
		b.consequence(p.key("header"), "is for a token, and there is none; write token: {env: NAME}")
	case (w.User == "") != (w.Password == nil):
		b.consequence(p, "has a user without a password or the other way round; write user: NAME and password: {env: NAME}")
	case strings.Contains(w.User, ":"):
		b.consequence(p.key("user"), "has a colon, which ends a user's name in basic authentication; choose another")
	}
	h.Token, h.Header = b.secret(p.key("token"), w.Token), w.Header
	h.User, h.Password = w.User, b.secret(p.key("password"), w.Password)
	b.headerName(p.key("header"), w.Header)
	if w.Signature != nil {
		h.Signature = b.signature(p.key("signature"), w.Signature, h.Name)
	}
}

// grafanaHeader is where Grafana puts signatures unless it is told otherwise.
const grafanaHeader = "X-Grafana-Alerting-Signature"

func (b *builder) signature(p place, w *signatureWire, name string) *Signature {
	s := &Signature{Header: w.Header, Timestamp: w.Timestamp, Within: time.Duration(w.Within)}
	if w.Secret == nil {
		b.consequence(p.key("secret"), "is missing; write where it is kept: {env: NAME} or {file: PATH}")
	}
	s.Secret = b.secret(p.key("secret"), w.Secret)
	switch {
	case s.Header == "" && name == "grafana":
		s.Header = grafanaHeader
	case s.Header == "":
		b.consequence(p.key("header"), "is missing; write the header that the sender puts its signature into")
	}
	b.headerName(p.key("header"), s.Header)
	b.headerName(p.key("timestamp"), s.Timestamp)
	if s.Within < time.Second || s.Within > time.Hour {
		b.consequence(p.key("within"), "is "+short(s.Within)+"; want 1s to 1h")
	}
	return s
}

func (b *builder) headerName(p place, name string) {
	if name != "" && !headerName.MatchString(name) {
		b.consequence(p, "is no name of a header; want one such as X-Webhook-Token")
	}
}

// meaning is what a body says: known by the webhook's name, or by expressions.
func (b *builder) meaning(p place, w *webhookWire, h *Webhook) {
	formats := source.Formats()
	if _, known := formats[h.Name]; known {
		b.known(p, w)
		return
	}
	if w.Fields == nil {
		b.consequence(p, "does not say what a body means; write fields: {key: ..., host: ..., summary: ...}, or name it after a format that is known: "+
			strings.Join(slices.Sorted(maps.Keys(formats)), ", "))
		return
	}
	m, err := source.NewMapping(h.Name, source.Expressions{
		Each: string(w.Each), When: string(w.When), Fields: w.Fields.fields, Labels: w.Fields.labels, Tags: string(w.Fields.tags)})
	for _, err := range flatten(err) {
		var f *source.ExpressionFault
		if errors.As(err, &f) {
			b.expression(p, f)
		}
	}
	h.Mapping = m
}

// known is a webhook whose format nobody has to explain.
func (b *builder) known(p place, w *webhookWire) {
	if w.Fields != nil || w.Each != "" || w.When != "" {
		b.consequence(p, "is a format that is known by this name; leave each, when and fields out, or choose another name")
		return
	}
	if w.Token == nil && w.User == "" && w.Password == nil && w.Signature == nil {
		b.consequence(p, "asks for nothing of its own; give it a token, a user with password or a signature, or leave it out: the API's token opens it then")
	}
}

// expression places what is wrong with one.
func (b *builder) expression(p place, f *source.ExpressionFault) {
	switch label, isLabel := strings.CutPrefix(f.Field, "labels."); {
	case f.Field == "each" || f.Field == "when":
		p = p.key(f.Field)
	case isLabel:
		p = p.key("fields").key("labels").key(label)
	default:
		p = p.key("fields").key(f.Field)
	}
	what := f.What
	if text := strings.Join(strings.Fields(f.Text), " "); text != "" {
		what = text + ": " + what
	}
	b.consequence(p, what)
}

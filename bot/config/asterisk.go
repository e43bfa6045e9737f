package config

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// Asterisk says how to call through an Asterisk, and by what its voice is
// made.
type Asterisk struct {
	URL, User, App   string
	Password         Secret
	CA               []byte              // PEM of what Asterisk's certificate is signed with
	CallerID, Number string              // Number: endpoint of a plain number, with {number}
	Sounds           string              // folder that Asterisk reads sounds from; "" has none written
	Speech           map[string][]string // language -> program with arguments; the recorded words otherwise
}

type asteriskWire struct {
	URL      string          `key:"url"`
	User     string          `key:"user"`
	Password *secretWire     `key:"password"`
	CA       string          `key:"ca"`
	App      string          `key:"app"`
	CallerID string          `key:"caller_id"`
	Number   string          `key:"number"`
	Sounds   string          `key:"sounds"`
	Speech   named[[]string] `key:"speech"`
}

func (a *asteriskWire) setDefaults() {
	a.URL, a.User, a.App = "http://127.0.0.1:8088/ari", "tebiki", "tebiki"
}

// asterisk makes what the configuration says of Asterisk; nil when calls ring
// in the console.
func (b *builder) asterisk() *Asterisk {
	w, p := b.wire.Phone.Asterisk, at("phone", "asterisk")
	if w == nil {
		return nil
	}
	if u, err := url.Parse(w.URL); err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		b.consequence(p.key("url"), "is no address of ARI; want one such as http://127.0.0.1:8088/ari")
	}
	if w.Password == nil {
		b.consequence(p.key("password"), "is missing: it is that of the user in ari.conf; write where it is kept: {env: NAME} or {file: PATH}")
	}
	if w.Number != "" && !strings.Contains(w.Number, "{number}") {
		b.fault(p.key("number"), "has no {number} in it, which stands for the number; want PJSIP/{number}@trunk")
	}
	if !filepath.IsAbs(w.Sounds) {
		b.consequence(p.key("sounds"), "is no folder that Asterisk reads sounds from; want an absolute path such as /var/lib/asterisk/sounds")
	}
	a := &Asterisk{URL: w.URL, User: w.User, App: w.App, CallerID: w.CallerID, Number: w.Number, Sounds: w.Sounds,
		Password: b.secret(p.key("password"), w.Password), Speech: map[string][]string{}}
	for _, it := range w.Speech {
		if len(it.value) == 0 || slices.Contains(it.value, "") {
			b.fault(it.at, "is no program; want its path and arguments, such as [espeak-ng, -v, en-us, --stdin, --stdout]")
		}
		a.Speech[it.name] = it.value
	}
	b.oneOf(p.key("speech"), w.Speech.names(), "ja", "en")
	if w.CA != "" {
		a.CA = b.certificates(p.key("ca"), w.CA)
	}
	return a
}

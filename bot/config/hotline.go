package config

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"tebiki/bot/roster/pin"
)

// Hotline says how calls that come in are answered.
type Hotline struct {
	Lines      int           // callers at the same time
	Country    string        // code that a number without one has: "81"
	Recordings int           // how many are kept
	Keep       time.Duration // how long each is
	AskPIN     bool          // of those whose number is known, too: a number can be forged
}

// ReportLabel is the label that telephone reports have the same when they
// belong together: the second call of one person goes where the first went,
// whatever fields other alerts are matched by.
const ReportLabel = "report"

type hotlineWire struct {
	Lines      int      `key:"lines"`
	Country    string   `key:"country"`
	Recordings int      `key:"recordings"`
	Keep       duration `key:"keep"`

	TrustNumbers trustWire `key:"trust_numbers"`
}

// A trustWire is true unless it is said to be false.
type trustWire struct{ no bool }

func (w *trustWire) parse(s string) error {
	if s != "true" && s != "false" {
		return errors.New("want true or false")
	}
	w.no = s == "false"
	return nil
}

var countryCode = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)

func (b *builder) hotline() Hotline {
	w := &b.wire.Phone.Hotline
	b.between(w.Lines, 1, 100, "phone", "hotline", "lines")
	b.between(w.Recordings, 10, 100000, "phone", "hotline", "recordings")
	b.lasts(w.Keep, 24*time.Hour, maxDays*24*time.Hour, "phone", "hotline", "keep")
	if !countryCode.MatchString(w.Country) {
		b.consequence(at("phone", "hotline", "country"), "is no code of a country; want digits without plus and zeros, such as 81")
	}
	hasPIN := func(it item[personWire]) bool { return it.value.PIN.hash != "" }
	if w.TrustNumbers.no && !slices.ContainsFunc(b.wire.People, hasPIN) {
		b.consequence(at("phone", "hotline", "trust_numbers"), "is false, and nobody has a pin, so nobody who calls in could be known; make PINs with tebiki pin")
	}
	return Hotline{Lines: w.Lines, Country: w.Country, Recordings: w.Recordings, Keep: time.Duration(w.Keep), AskPIN: w.TrustNumbers.no}
}

// A pinWire is a PIN's hash. What stands there may be the PIN itself, so no
// fault repeats it.
type pinWire struct{ hash pin.Hash }

func (w *pinWire) read(r *reader, n *yaml.Node, p place) {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		r.broken(p, "is no PIN's hash; make one with tebiki pin")
		return
	}
	h := pin.Hash(n.Value)
	switch {
	case strings.Trim(n.Value, "0123456789") == "":
		r.fault(p, "the PIN itself does not belong in this file; write what tebiki pin prints, and choose another if others have seen this")
	case h.Valid() != nil:
		r.fault(p, "is no PIN's hash; make one with tebiki pin")
	default:
		w.hash = h
	}
}

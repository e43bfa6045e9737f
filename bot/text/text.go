// Package text is what Tebiki says to people: the message catalogues in
// English and Japanese, and how times and lengths of time are written.
//
// A catalogue is a flat YAML file of keys and sentences with {placeholders}.
// Say fills them with plain text; Markdown fills them with text that is
// escaped, so that what came from outside stays the characters it is.
// text_test.go holds both languages to the same keys and placeholders, and
// every key to a use in the code.
package text

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"tebiki/adapters/chat"
)

//go:embed en.yaml ja.yaml
var files embed.FS

// The languages there are.
const (
	English  = "en"
	Japanese = "ja"
)

var catalogues = sync.OnceValue(func() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, lang := range []string{English, Japanese} {
		out[lang] = read(lang)
	}
	return out
})

// read gives an embedded catalogue. That it parses is tested; one that does
// not gives its keys instead of sentences, which is bad but still pages.
func read(lang string) map[string]string {
	out := map[string]string{}
	data, err := files.ReadFile(lang + ".yaml")
	if err == nil {
		err = yaml.Unmarshal(data, &out)
	}
	if err != nil {
		return map[string]string{}
	}
	return out
}

// A Printer writes in one language, with times of one zone.
type Printer struct {
	lang  string
	zone  *time.Location
	fixed bool
}

// For gives the printer of a language; one that there is not is English. A
// nil zone is UTC.
func For(lang string, zone *time.Location) Printer {
	if lang != Japanese {
		lang = English
	}
	if zone == nil {
		zone = time.UTC
	}
	return Printer{lang: lang, zone: zone}
}

// Fixed gives the printer of what is read outside of chats, as on tickets:
// its moments are text in its zone, since nothing there knows the reader's.
func (p Printer) Fixed() Printer {
	p.fixed = true
	return p
}

// Lang is the printer's language.
func (p Printer) Lang() string { return p.lang }

// Say gives the sentence of a key. args are pairs of a placeholder's name and
// its value; a moment is written as Time writes it.
func (p Printer) Say(key string, args ...any) string {
	return p.fill(key, args, func(v any) string {
		if t, ok := v.(time.Time); ok {
			return p.Time(t)
		}
		return fmt.Sprint(v)
	})
}

// Markdown is Say for a sentence that is Markdown: its values are escaped. A
// moment becomes a link to itself, which a chat may show in the reader's zone.
func (p Printer) Markdown(key string, args ...any) string {
	return p.fill(key, args, func(v any) string {
		t, ok := v.(time.Time)
		switch {
		case ok && p.fixed:
			return chat.Line(p.Time(t))
		case ok:
			return chat.Moment(t, p.Time(t))
		}
		return chat.Line(fmt.Sprint(v))
	})
}

func (p Printer) fill(key string, args []any, write func(any) string) string {
	s, ok := catalogues()[p.lang][key]
	if !ok {
		return key
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", args[i]), write(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

var weekdays = [...]string{"日", "月", "火", "水", "木", "金", "土"}

// Time writes a moment to the minute, with its day.
func (p Printer) Time(t time.Time) string {
	t = t.In(p.zone)
	if p.lang == Japanese {
		return fmt.Sprintf("%d月%d日(%s) %s", t.Month(), t.Day(), weekdays[t.Weekday()], t.Format("15:04"))
	}
	return t.Format("Mon 2 Jan 15:04")
}

// Clock writes a time of day.
func (p Printer) Clock(t time.Time) string { return t.In(p.zone).Format("15:04") }

// Day writes a date.
func (p Printer) Day(t time.Time) string {
	t = t.In(p.zone)
	if p.lang == Japanese {
		return fmt.Sprintf("%d年%d月%d日(%s)", t.Year(), t.Month(), t.Day(), weekdays[t.Weekday()])
	}
	return t.Format("Mon 2 Jan 2006")
}

// Duration writes a length of time in the one unit that says most.
func (p Printer) Duration(d time.Duration) string {
	unit, n := "second", int(d/time.Second)
	switch {
	case d >= 48*time.Hour:
		unit, n = "day", int(d/(24*time.Hour))
	case d >= 2*time.Hour:
		unit, n = "hour", int(d/time.Hour)
	case d >= 2*time.Minute:
		unit, n = "minute", int(d/time.Minute)
	}
	if n == 1 {
		return p.Say("one." + unit)
	}
	return p.Say("some."+unit, "n", n)
}

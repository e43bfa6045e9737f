package rule

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tebiki/adapters/source"
)

// The parts of an alert that a rule makes, in the order in which people read
// them.
const (
	sourcePart   = "source"
	keyPart      = "key"
	hostPart     = "host"
	servicePart  = "service"
	checkPart    = "check"
	severityPart = "severity"
	statusPart   = "status"
	summaryPart  = "summary"
	linkPart     = "link"
	timePart     = "time"
)

// defaults are what an alert's parts are made of where the rule does not say.
var defaults = map[string]template{
	hostPart: field(hostPart), servicePart: field(servicePart), checkPart: field(checkPart), severityPart: field(severityPart),
	statusPart: field(statusPart), linkPart: field(linkPart), timePart: field(timePart), keyPart: field(keyPart),
	summaryPart: field(summaryPart, subjectText, firstText),
}

func field(names ...string) template { return template{{names: names}} }

// part makes one of the alert's, in our words where the rule knows the
// sender's.
func (r *rule) part(name string, got *reading) string {
	t, ours := r.alert[name]
	if !ours {
		t = defaults[name]
	}
	said := t.fill(got)
	if meant, known := r.words[name][fold(said)]; known && name != statusPart {
		return meant
	}
	return said
}

// makeAlert makes one of what was read.
func (r *rule) makeAlert(got *reading) source.Alert {
	m := got.texts.mail
	a := source.Alert{
		Source:   clip(r.part(sourcePart, got), source.MaxField),
		Host:     clip(r.part(hostPart, got), source.MaxField),
		Service:  clip(r.part(servicePart, got), source.MaxField),
		Check:    clip(r.part(checkPart, got), source.MaxField),
		Severity: clip(r.part(severityPart, got), source.MaxField),
		Summary:  clip(r.part(summaryPart, got), source.MaxSummary),
		Link:     linkOf(r.part(linkPart, got)),
		At:       timeOf(r.part(timePart, got), cmp.Or(r.zone, got.texts.zone), m.Date),
	}
	a.Labels = r.labelsOf(got, a.Host, a.Service, a.Check, a.Severity, a.Summary)
	if a.Source == "" {
		a.Source = r.name
	}
	key := r.part(keyPart, got)
	if key == "" {
		key = keyOf(a.Host, a.Service, a.Check)
	}
	if key == "" {
		key = dampedKey(m)
	}
	if a.Summary == "" && a.Check == "" {
		a.Summary = noSubject
	}
	r.applyStatus(&a, &key, r.part(statusPart, got))
	a.Key = fitKey(key)
	return a
}

// applyStatus makes of an alert what its status says.
func (r *rule) applyStatus(a *source.Alert, key *string, word string) {
	status, _ := r.statusOf(word)
	switch status {
	case recovery:
		a.Resolved = true
		a.Severity = r.recoverySeverity(a.Severity)
	case flapping:
		label(a, "flapping", word)
	case note:
		*key += " note"
		a.Severity = calm
		label(a, "note", word)
	}
}

// calm is the severity of what wakes nobody.
const calm = "info"

// recoverySeverity leaves the severity of the problem that is over. One that
// is not told, or that says no more than that it is over, would be urgent when
// the recovery ends no problem that is known.
func (r *rule) recoverySeverity(said string) string {
	if status, known := r.statusOf(said); said == "" || known && status == recovery {
		return calm
	}
	return said
}

func label(a *source.Alert, name, value string) {
	if a.Labels == nil {
		a.Labels = map[string]string{}
	}
	a.Labels[name] = clip(value, source.MaxField)
}

// labelsOf makes the labels: those that the rule names, then all of the
// prefixes that it names but for what is said already.
func (r *rule) labelsOf(got *reading, said ...string) map[string]string {
	out := map[string]string{}
	add := func(name, value string) {
		name, value = clip(name, source.MaxField), clip(value, source.MaxField)
		// Two are left for what applyStatus says.
		if _, taken := out[name]; !taken && name != "" && value != "" && len(out) < source.MaxLabels-2 {
			out[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.labels)) {
		add(name, r.labels[name].fill(got))
	}
	for _, prefix := range r.labeled {
		for _, f := range got.fields {
			if name, ok := strings.CutPrefix(f.Name, prefix+"."); ok && !slices.Contains(said, f.Value) {
				add(name, f.Value)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// keyOf joins what tells an alert from others.
func keyOf(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " / ")
}

// fitKey shortens a key so that two that differ stay different.
func fitKey(key string) string {
	key = strings.Join(strings.FieldsFunc(key, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(key) <= source.MaxField {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return clip(key, source.MaxField-20) + " " + hex.EncodeToString(sum[:8])
}

// clip makes one line of a text, and ends what is too long with an ellipsis.
func clip(s string, most int) string {
	const mark = "…"
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || unicode.IsControl(r) }), " ")
	}
	if s = strings.TrimSpace(s); len(s) <= most {
		return s
	}
	end := most - len(mark)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}

// linkOf leaves an address that a browser opens, and nothing else.
func linkOf(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(s) > source.MaxLink || clip(s, source.MaxLink) != s {
		return ""
	}
	return s
}

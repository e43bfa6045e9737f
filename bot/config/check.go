package config

import (
	"regexp"
	"strconv"
	"strings"

	"tebiki/escalation"
)

// checkRules lets the rules check themselves. The builder has looked up every
// reference with a better sentence; here comes what only the rules know, and
// whatever the builder might have missed.
func (b *builder) checkRules(r *escalation.Rules) {
	found := len(b.faults)
	for _, err := range flatten(r.Check()) {
		for _, f := range b.locate(err.Error()) {
			b.consequenceOf(found, f)
		}
	}
}

// A found fault is one sentence of a check, where it belongs, and what else
// may be the cause of it.
type found struct {
	at     place
	what   string
	causes []place
}

// consequenceOf is consequence, but only the first n faults count as causes:
// what the rules find together does not hide itself.
func (b *builder) consequenceOf(n int, f found) {
	known := reader{faults: b.faults[:n]}
	for _, c := range append(f.causes, f.at) {
		if known.faulty(c) {
			return
		}
	}
	b.fault(f.at, "%s", f.what)
}

var (
	inRoute  = regexp.MustCompile(`^routes\[(\d+)\]: (?s:(.*))$`)
	inPolicy = regexp.MustCompile(`^policy "((?:[^"\\]|\\.)*)": (?:step (\d+): )?(?s:(.*))$`)
	inShift  = regexp.MustCompile(`^schedule "((?:[^"\\]|\\.)*)": (?:layer "((?:[^"\\]|\\.)*)" )?(?s:(.*))$`)
	inTimes  = regexp.MustCompile(`^([a-z_]+)\.([a-z_]+): (?s:(.*))$`)
)

// locate finds the place of what a check says. The checks speak of the names
// and numbers that the file has too.
func (b *builder) locate(what string) []found {
	if m := inRoute.FindStringSubmatch(what); m != nil {
		return []found{locateRoute(m[1], m[2])}
	}
	if m := inPolicy.FindStringSubmatch(what); m != nil {
		return b.locatePolicy(unquote(m[1]), m[2], m[3])
	}
	if m := inShift.FindStringSubmatch(what); m != nil {
		return []found{locateShift(unquote(m[1]), unquote(m[2]), m[3])}
	}
	if m := inTimes.FindStringSubmatch(what); m != nil {
		return []found{{at: at("alerts", m[1], m[2]), what: m[3]}}
	}
	if rest, ok := strings.CutPrefix(what, "routes: "); ok {
		f := found{at: at("alerts", "routes"), what: rest}
		if b.wire.Alerts.Routes == nil {
			f.causes = []place{at("policies")} // without one there is no default route
		}
		return []found{f}
	}
	if rest, ok := strings.CutPrefix(what, "match: "); ok {
		return []found{{at: at("alerts", "match", "fields"), what: rest + "; " + wantField}}
	}
	return []found{{at: at("alerts"), what: what}}
}

const wantField = "want source, severity, host, service, check, summary or labels.NAME"

func unquote(s string) string {
	if u, err := strconv.Unquote(`"` + s + `"`); err == nil {
		return u
	}
	return s
}

func locateRoute(number, what string) found {
	n, _ := strconv.Atoi(number)
	p := at("alerts", "routes").index(n)
	switch {
	case strings.HasPrefix(what, "there is no policy"):
		return found{at: p.key("policy"), what: what, causes: []place{at("policies")}}
	case strings.HasPrefix(what, "hold: "):
		return found{at: p.key("hold"), what: strings.TrimPrefix(what, "hold: ")}
	}
	if field, ok := strings.CutPrefix(what, "an alert has no field "); ok {
		return found{at: p.key("match").key(unquote(strings.Trim(field, `"`))), what: what + "; " + wantField}
	}
	return found{at: p, what: what}
}

func (b *builder) locatePolicy(name, step, what string) []found {
	p := at("policies", name)
	switch {
	case step != "":
		n, _ := strconv.Atoi(step)
		return locateStep(p.key("steps").index(n-1), what)
	case strings.HasPrefix(what, "it has no leader"):
		// Only a team that is not there, or has none, leaves it without.
		return []found{{at: p, what: what, causes: []place{p.key("team"), at("teams")}}}
	case strings.HasPrefix(what, "it has no steps"):
		return []found{{at: p.key("steps"), what: what + "; write one such as {who: SCHEDULE/LAYER, chat: 0s, phone: 2m}"}}
	case strings.HasPrefix(what, "the leader is called"):
		return []found{{at: p.key("leader"), what: shortIn(what) + "; write such as {phone: 2m, every: 10m}"}}
	}
	return []found{{at: p, what: what}}
}

func locateStep(p place, what string) []found {
	var out []found
	for part := range strings.SplitSeq(what, "; ") {
		f := found{at: p, what: part}
		channel, _, _ := strings.Cut(part, " ")
		switch {
		case strings.Contains(part, " is its first channel "):
			f.what = shortIn(part) + "; write 0s, and give the step before more time with next"
			f.at, f.causes = p.key(channel), []place{p.key("next")}
		case strings.HasPrefix(part, "there is no schedule"), strings.HasPrefix(part, "schedule "):
			f.at, f.causes = p.key("who"), []place{at("schedules")}
		case channel == "chat" || channel == "phone":
			f.what = shortIn(part) + "; make it sooner, or next longer"
			f.at, f.causes = p.key(channel), []place{p.key("next")}
		}
		out = append(out, f)
	}
	return out
}

func locateShift(name, layer, what string) found {
	p := at("schedules", name)
	l := p.key("layers").key(layer)
	for _, known := range []struct {
		says string
		at   place
		do   string
	}{
		{"has no people", l.key("people"), "; write ids in the order of their turns, such as people: [tanaka, sato]"},
		{"hands over every", l.key("days"), ""},
		{"hands over at", l.key("at"), ""},
		{"no time zone", p.key("zone"), "; write one such as zone: Asia/Tokyo"},
		{"no layers", p.key("layers"), "; write one such as primary: {people: [tanaka], start: 2026-11-23}"},
		{"an override", p.key("overrides"), ""},
		{"the override", p.key("overrides"), ""},
	} {
		if strings.HasPrefix(what, known.says) {
			return found{at: known.at, what: what + known.do}
		}
	}
	return found{at: p, what: what}
}

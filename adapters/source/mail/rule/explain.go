package rule

import (
	"fmt"
	"strings"

	"tebiki/adapters/source/mail"
)

// An Explanation tells people what became of one mail, and why.
type Explanation struct {
	Result
	Mail     mail.Message
	Verdicts []Verdict // of each rule, in their order
}

// A Verdict is what one rule says to a mail.
type Verdict struct {
	Rule  string
	Place string // file:line of the rule
	Ready bool   // it comes with Tebiki
	Taken bool   // it would take the mail; the first that would does
	Why   string // why it does not
	// Foreign says that its conditions (when) do not match: it is a rule for
	// other mails.
	Foreign bool
	// Readings are the fields that it got, for each alert; also those of a
	// rule that gave up.
	Readings [][]Got
	// Doubts are what it took and did not understand.
	Doubts []string
}

// Explain is Take for people: it asks every rule, also after one has taken the
// mail.
func (s *Set) Explain(m mail.Message) []Explanation {
	all := m.All()
	out := make([]Explanation, len(all))
	for i := range all {
		out[i] = Explanation{Result: s.take(&all[i]), Mail: all[i]}
		t := newTexts(&all[i])
		for _, r := range s.rules {
			out[i].Verdicts = append(out[i].Verdicts, r.verdict(t))
		}
	}
	return out
}

func (r *rule) verdict(t *texts) Verdict {
	v := Verdict{Rule: r.name, Place: fmt.Sprintf("%s:%d", r.file, r.line), Ready: r.ready}
	got, miss := r.try(t)
	if v.Taken = miss == nil; !v.Taken {
		v.Why, v.Foreign = miss.String(), strings.HasPrefix(miss.part, "when.")
	}
	for i := range got.readings {
		v.Readings = append(v.Readings, got.readings[i].fields)
		if word := r.part(statusPart, &got.readings[i]); v.Taken {
			if _, known := r.statusOf(word); !known {
				v.Doubts = append(v.Doubts, fmt.Sprintf("the status %q is in no list of words, so it is taken for a problem; add it under words.status", word))
			}
		}
	}
	if n := len(got.unread); v.Taken && n > 0 {
		v.Doubts = append(v.Doubts, fmt.Sprintf("pieces that it could not read: %d", n))
	}
	return v
}

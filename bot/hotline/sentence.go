package hotline

import (
	"fmt"
	"strings"

	"tebiki/adapters/phone"
	"tebiki/bot/text"
)

// recordedWords are as much of each sentence as the recorded words can say, for
// when nothing else speaks. Every sentence that is said alone has some: a
// tone in its place would tell a caller nothing.
var recordedWords = map[string]string{
	"hotline.hello":          "welcome",
	"hotline.hello.stranger": "welcome",
	"hotline.other":          "welcome",
	"hotline.menu":           "menu-in",
	"hotline.stranger":       "menu-report",
	"hotline.stranger.pin":   "menu-report",
	"hotline.pin":            "pin",
	"hotline.pin.wrong":      "wrongpin",
	"hotline.pin.locked":     "wrongpin",
	"hotline.pin.end":        "wrongpin goodbye",
	"hotline.busy":           "goodbye",
	"hotline.bye":            "goodbye",
	"hotline.toolong":        "goodbye",
	"hotline.trouble":        "details",
	"hotline.trouble.key":    "trouble",
	"hotline.incidents":      "number:{n} incidents",
	"hotline.incidents.none": "none",
	"hotline.incidents.end":  "last",
	"hotline.incident":       "incident number:{incident}",
	"hotline.over":           "over",
	"hotline.changed":        "over-acknowledged",
	"hotline.do.ack":         "take",
	"hotline.do.take":        "take",
	"hotline.do.confirm":     "take",
	"hotline.duty.none":      "nobody",
	"hotline.duty.team":      "digits:{key}",
	"hotline.duty.first":     "oncall",
	"hotline.connect":        "connecting",
	"hotline.connect.self":   "oncall",
	"hotline.connect.talked": "welcome",
	"hotline.connect.busy":   "unreached",
	"hotline.connect.failed": "unreached",
	"hotline.report.speak":   "speak",
	"hotline.report.again":   "speak",
	"hotline.report.silence": "goodbye",
	"hotline.report.opened":  "thanks incident number:{incident}",
	"hotline.report.added":   "thanks incident number:{incident}",
	"hotline.report.taken":   "thanks incident number:{incident}",
	"hotline.report.held":    "thanks incident number:{incident}",
	"hotline.report.noted":   "thanks incident number:{incident}",
	"hotline.report.morning": "thanks",
	"hotline.lost":           "unreached",
	"hotline.lost.connect":   "connecting",
	"hotline.lost.call":      "unreached",
	"call.alert":             "alert",
	"call.storm":             "storm number:{n} alerts",
	"call.acknowledged":      "acknowledged",
	"call.noprocedure":       "noprocedure",
	"call.wrong":             "wrong",

	"hotline.connect.notanswered": "unreached",
}

// sentence is one of the catalogue's, in both forms.
func sentence(p text.Printer, key string, args ...any) phone.Sentence {
	return phone.Sentence{Text: p.Say(key, args...), Fixed: fill(recordedWords[key], args)}
}

// fill puts numbers in: that of "I-12" is 12.
func fill(words string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		words = strings.ReplaceAll(words, fmt.Sprintf("{%v}", args[i]), strings.TrimPrefix(fmt.Sprint(args[i+1]), "I-"))
	}
	return words
}

func (v *visit) sentence(key string, args ...any) phone.Sentence { return sentence(v.p, key, args...) }

package asterisk

import (
	"fmt"

	"tebiki/adapters/phone"
)

// causes are the reasons of ITU-T Q.850 that Asterisk gives for the end of a
// call that nobody answered, in words for who runs the system.
var causes = map[int]string{
	1: "there is no such number", 2: "no route to that network", 3: "no route to the number", 20: "the phone is not registered", 21: "the call was rejected",
	22: "the number has changed", 27: "the phone is switched off or out of reach", 28: "the number is not complete", 34: noLine,
	38: "the network is out of order", 41: "the network failed for a moment", 42: "the exchange is overloaded", 58: "the way to the number cannot carry speech",
	102: "the network gave no answer in time", 127: "the network failed",
}

// noLine is what the far leg's cause and the dialling tell alike, whichever
// comes first.
const noLine = "no line is free, or the trunk is away"

// passing are causes for which trying again makes sense.
var passing = map[int]bool{34: true, 38: true, 41: true, 42: true, 102: true, 127: true}

// outcome tells what became of a call that ended before anybody picked up,
// from the causes of both legs and from what the dialling came to. With a
// Local channel the near leg's cause is 0 for what the far one knows.
func outcome(near, far int, dial string) phone.Result {
	cause := near
	if cause == 0 || cause == 16 && far != 0 {
		cause = far
	}
	switch {
	case dial == "ANSWER":
		return phone.Result{Outcome: phone.Failed, Again: true, Cause: "somebody answered, and the call ended before it came here"}
	case dial == "BUSY" || cause == 17:
		return phone.Result{Outcome: phone.Busy}
	case causes[cause] != "":
		r := phone.Result{Outcome: phone.Unreachable, Cause: causes[cause]}
		if passing[cause] {
			r.Outcome, r.Again = phone.Failed, true
		}
		return r
	case dial == "CONGESTION" || dial == "CHANUNAVAIL":
		return phone.Result{Outcome: phone.Failed, Again: true, Cause: noLine}
	case cause == 18 || cause == 19 || dial == "NOANSWER" || dial == "CANCEL":
		return phone.Result{Outcome: phone.NotAnswered}
	case cause == 0 && dial == "":
		return phone.Result{Outcome: phone.Unreachable, Cause: causes[1]}
	case cause == 16 || cause == 31:
		return phone.Result{Outcome: phone.NotAnswered, Cause: "the call was declined or ended before it was answered"}
	}
	return phone.Result{Outcome: phone.Unreachable, Cause: fmt.Sprintf("Asterisk gives the cause %d", cause)}
}

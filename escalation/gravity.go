package escalation

import "strings"

// A Gravity is how bad an incident is, for where only some can have their turn
// at once: the graver go first.
type Gravity uint8

// The gravities.
const (
	Slight Gravity = iota
	Serious
	Grave
)

// gravities are the words of monitoring systems that say more or less than
// that somebody is needed. A word that nobody has thought of is Serious.
var gravities = map[string]Gravity{
	"critical": Grave, "crit": Grave, "disaster": Grave, "emergency": Grave, "emerg": Grave, "fatal": Grave, "blocker": Grave,
	"p0": Grave, "p1": Grave, "sev0": Grave, "sev1": Grave,

	"average": Slight, "medium": Slight, "moderate": Slight, "minor": Slight, "low": Slight, "warning": Slight, "warn": Slight,
	"notice": Slight, "info": Slight, "information": Slight, "none": Slight,
	"p3": Slight, "p4": Slight, "p5": Slight, "sev3": Slight, "sev4": Slight, "sev5": Slight,
}

// Gravity is that of the alert which opened the incident; nothing is graver
// than a storm.
func (inc *Incident) Gravity() Gravity {
	if inc.Storm {
		return Grave
	}
	if g, known := gravities[strings.ToLower(inc.Root.Severity)]; known {
		return g
	}
	return Serious
}

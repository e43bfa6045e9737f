package escalation

import "testing"

func TestGravity(t *testing.T) {
	for word, want := range map[string]Gravity{
		"critical": Grave, "Disaster": Grave, "P1": Grave, "high": Serious, "error": Serious, "": Serious, "brand new": Serious, "average": Slight, "WARNING": Slight,
	} {
		inc := &Incident{Root: Alert{Severity: word}}
		if got := inc.Gravity(); got != want {
			t.Errorf("%q is %d, want %d", word, got, want)
		}
		if inc.Storm = true; inc.Gravity() != Grave {
			t.Errorf("a storm of %q is %d", word, inc.Gravity())
		}
	}
}

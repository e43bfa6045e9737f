package slacktest

import "maps"

// obj is a JSON object.
type obj = map[string]any

// A refusal is an answer with ok: false.
type refusal struct {
	code string
	more obj
}

func (r refusal) Error() string { return r.code }

func refuse(code string) error { return refusal{code: code} }

// refuseFor names the places that are wrong, as Slack does: once plainly and
// once in response_metadata.
func refuseFor(code string, faults []string) error {
	messages := make([]any, len(faults))
	for i, f := range faults {
		messages[i] = "[ERROR] " + f
	}
	return refusal{code, obj{"errors": faults, "response_metadata": obj{"messages": messages}}}
}

func (r refusal) answer() obj {
	a := obj{"ok": false, "error": r.code}
	maps.Copy(a, r.more)
	return a
}

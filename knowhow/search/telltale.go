package search

import (
	"strings"
	"unicode"
)

// telltale leaves out of an alert's text what tells nothing of its kind:
// addresses, hosts, times, numbers, and what all alerts say.
func telltale(text string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(text, isBetween) {
		if !isPlace(word) && !isSaid(word) {
			b.WriteString(word)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// isBetween tells what stands between the words of an alert. What holds the
// parts of a host or an address together does not.
func isBetween(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(`=,;()[]{}<>"'|*【】「」、。（）`, r)
}

// isPlace tells addresses, hosts, times and numbers: a word with a digit, or
// one with a dot, slash or at sign within that is of Latin letters.
func isPlace(word string) bool {
	digits, ascii, marks := false, true, false
	for i, r := range word {
		digits = digits || unicode.IsDigit(r)
		ascii = ascii && r < 0x80
		marks = marks || i > 0 && i < len(word)-1 && strings.ContainsRune("./@", r)
	}
	return ascii && marks || ascii && digits && strings.ContainsAny(word, "-.:%_/") || isNumber(word)
}

func isNumber(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsDigit(r) })
}

// isSaid tells the words of alerts in general.
func isSaid(word string) bool {
	word = strings.ToLower(strings.Trim(word, ":.-#"))
	return isIdle(word) || strings.Contains(said, " "+word+" ")
}

const said = " additional address alert alertname alerts check critical current data date date/time description event fatal firing for header high host hostname id info instance job major minor more name nagios node notification ok operational original page problem prod production recovery resolved runbook service severity source started startsat state status summary than time trigger type unknown url value warn warning zabbix "

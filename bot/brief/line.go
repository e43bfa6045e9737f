package brief

import (
	"strings"

	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/escalation"
)

// Line is a line of an incident's history as a sentence, plain text.
func Line(p text.Printer, who *roster.Roster, l escalation.Line) string {
	key, outcome := "line."+string(l.News), ""
	if l.News == escalation.NewsPaged || l.News == escalation.NewsOutcome {
		key += "." + string(l.Channel)
	}
	if l.Outcome != "" {
		outcome = p.Say("outcome." + string(l.Outcome))
	}
	return strings.TrimSpace(p.Say(key, "name", who.Name(l.Person), "detail", l.Detail, "outcome", outcome))
}

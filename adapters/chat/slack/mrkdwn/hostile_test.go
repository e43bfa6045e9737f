package mrkdwn

import (
	"strings"
	"testing"
	"time"
)

// Nothing that a text may hold makes it slow to read: each takes a few
// milliseconds, and none may take a thousand times that.
func TestHostileTextIsReadQuickly(t *testing.T) {
	for _, unit := range []string{">", "- ", "[", "*", "**a ", "_", "`", "1. ", "|", "<", "![", "a\n", "\n", ":a", "&", "~~", "> - ", "|a\n|-\n", "[a](", "\\"} {
		begun := time.Now()
		pieces, _ := Convert(strings.Repeat(unit, maxMarkdown/len(unit)+1))
		for _, text := range Pack(pieces, 3000) {
			checkText(t, text, 3000)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%q takes %v", unit, took)
		} else if testing.Verbose() {
			t.Logf("%q takes %v", unit, took)
		}
	}
}

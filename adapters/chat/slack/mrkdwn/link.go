package mrkdwn

import (
	"strconv"
	"strings"

	"tebiki/adapters/prose"
)

// writeLink writes a link, or a moment in the reader's zone.
func writeLink(dest, label string) string {
	label = strings.NewReplacer("|", "¦", "\n", " ").Replace(label)
	if seconds, ok := strings.CutPrefix(dest, timeScheme); ok {
		return "<!date^" + seconds + "^{date_short_pretty} {time}|" + entities.Replace(label) + ">"
	}
	if scheme, rest, ok := strings.Cut(dest, ":"); ok {
		dest = strings.ToLower(scheme) + ":" + rest // whether Slack knows it otherwise is not documented
	}
	return "<" + escapeURL(dest) + "|" + entities.Replace(label) + ">"
}

const timeScheme = "time:"

// safe takes addresses of pages and mail, and moments.
func safe(dest string) bool {
	if seconds, ok := strings.CutPrefix(dest, timeScheme); ok {
		n, err := strconv.ParseInt(seconds, 10, 64)
		return err == nil && n >= 0 && len(seconds) <= 11
	}
	return len(escapeURL(dest)) <= maxURL && prose.Web(dest)
}

// maxURL keeps a line with a link far below what a block takes.
const maxURL = 1000

package request

import (
	"slices"
	"strings"

	"tebiki/knowhow"
	"tebiki/knowhow/check"
)

// results gives those of some checks. The know-how may have changed since they
// were made; then some are missing, and what is shown is without.
func results(prep *preparation, checks []*knowhow.Check) []check.Result {
	var out []check.Result
	for _, c := range checks {
		for _, r := range prep.Results {
			if r.Check == c.Name {
				out = append(out, r)
			}
		}
	}
	return out
}

// How much of the checks' output is shown: in a sub-ticket as much as trackers
// take, in a message what can be read at a glance. The bytes are of all checks
// together.
const (
	bodyLines, bodyBytes   = 1000, 64 << 10
	shortLines, shortBytes = 12, 3000
)

// cutResults shortens output in its middle, with a note of how much.
func cutResults(in []check.Result, lines, bytes int) []check.Result {
	out := slices.Clone(in)
	for i := range out {
		out[i].Text = check.Shorten(out[i].Text, lines, bytes/len(out))
	}
	return out
}

// cutText shortens what a person wrote, who says first what matters.
func cutText(s string, lines, bytes int) string {
	kept := s
	if len(kept) > bytes {
		kept = strings.ToValidUTF8(kept[:bytes], "")
	}
	if all := strings.SplitAfterN(kept, "\n", lines+1); len(all) > lines {
		kept = strings.Join(all[:lines], "")
	}
	if len(kept) < len(s) && strings.TrimSpace(s[len(kept):]) != "" {
		return strings.TrimRight(kept, "\n") + "\n…"
	}
	return s
}

package jira

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tebiki/adapters/tracker/remote"
)

// A label of Jira's has no space and at most 255 characters.
const maxLabel = 255

// subLabel and parentLabel mark a linked issue as a sub-ticket, and of what.
const (
	subLabel    = "tebiki-sub-ticket"
	parentLabel = "tebiki-sub-ticket-of-"
)

// jiraLabel is the label of a cause in Jira: spelled so that Jira takes it,
// with the mark of this data folder behind it.
func jiraLabel(label, mark string) (string, error) {
	var out strings.Builder
	for i := range len(label) {
		switch c := label[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("/._:@-", c) >= 0:
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	s := out.String() + "~" + mark
	if len(s) > maxLabel {
		return "", remote.Refused("the label %.40q… has %d characters as Jira keeps it, at most %d are possible: use a hash", label, len(s), maxLabel)
	}
	return s, nil
}

// causeOf gives the label of the draft that made an issue, "" when it was made
// elsewhere. A label of another data folder keeps the mark behind it, so that
// it is known as Tebiki's and is none of ours.
func causeOf(labels []string, mark string) string {
	for _, l := range labels {
		spelled, of, ok := cutLast(l, "~")
		if !ok || !isMark(of) {
			continue
		}
		cause, err := url.PathUnescape(spelled)
		if err != nil {
			continue
		}
		if of != mark {
			cause += "~" + of
		}
		return cause
	}
	return ""
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// isMark tells what a person's own label hardly ends with.
func isMark(s string) bool {
	return len(s) == 8 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// linkedParent is the ticket that a linked sub-ticket belongs to.
func linkedParent(labels []string) string {
	i := slices.IndexFunc(labels, func(l string) bool { return strings.HasPrefix(l, parentLabel) })
	if i < 0 {
		return ""
	}
	return strings.TrimPrefix(labels[i], parentLabel)
}

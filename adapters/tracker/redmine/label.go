package redmine

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"tebiki/adapters/tracker/remote"
)

// A mark is how a label is kept in Redmine: the data folder's own mark, a
// colon, and the label with all that could mean something escaped, so that it
// is one word that can be searched for.
type mark struct{ folder, label string }

const maxLabel = 1 << 10

func checkLabel(label string) error {
	switch {
	case label == "":
		return remote.Refused("the draft has no label: name its cause, so that making it again makes nothing")
	case len(label) > maxLabel:
		return remote.Refused("the label has %d bytes, at most %d are taken: use a hash", len(label), maxLabel)
	case !utf8.ValidString(label) || strings.ContainsRune(label, 0):
		return remote.Refused("the label %q is no text", label)
	}
	return nil
}

func (m mark) String() string {
	var out strings.Builder
	out.WriteString(m.folder + ":")
	for i := range len(m.label) {
		if c := m.label[i]; plainByte(c) {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

func plainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '/' || c == '.' || c == '-'
}

var marked = regexp.MustCompile(`^([a-z0-9]{8}):([A-Za-z0-9/.%-]+)$`)

func parseMark(s string) (m mark, ok bool) {
	found := marked.FindStringSubmatch(strings.TrimSpace(s))
	if found == nil {
		return mark{}, false
	}
	label, err := url.PathUnescape(found[2])
	return mark{found[1], label}, err == nil && label != ""
}

// of gives the label as this data folder's causes are called. Another
// folder's, or one on an issue that a person copied, keeps its beginning and
// matches no cause here.
func (m mark) of(folder string, own bool) string {
	switch {
	case m.label == "":
		return ""
	case m.folder != folder:
		return m.label + "@" + m.folder
	case !own:
		return m.label + "@copy"
	}
	return m.label
}

// The line of a text that keeps the mark.
var (
	markLine  = regexp.MustCompile("^(?:<code>|`)?tebiki: ([a-z0-9]{8}:[A-Za-z0-9/.%-]+)(?:</code>|`)?\\s*$")
	linkLine  = regexp.MustCompile(`^(?:\* "|- \[|\* https?:|- <)`)
	tailStart = "---"
)

func (f Format) markLine(m mark) string {
	if f == Textile {
		return "<code>tebiki: " + m.String() + "</code>"
	}
	return "`tebiki: " + m.String() + "`"
}

package web

import (
	"net/url"
	"slices"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
)

// What templates need besides a page's view.

// A deed is a button that does something to a thing.
type deed struct{ ID, Do, Label, Style string }

// Deed gives a template a button's values. label is what the catalogue calls it.
func (p *page) Deed(id, do, label, style string) deed { return deed{id, do, label, style} }

// buttons are a message's, with the message they belong to.
type buttons struct {
	Message string
	Buttons []chat.Button
}

// Pressable puts buttons together with their message's key. Without the
// console's own messages there is nothing that would take the press.
func (p *page) Pressable(message string, list []chat.Button) buttons {
	if !p.Has("messages") {
		list = nil
	}
	return buttons{message, list}
}

// Has tells whether there is such a section in this console.
func (p *page) Has(name string) bool {
	return slices.ContainsFunc(p.Sections, func(s section) bool { return s.Name == name })
}

// TicketStates are the choices of the tickets' filter.
func (p *page) TicketStates() []string {
	return []string{string(tracker.Open), string(tracker.Fixed), string(tracker.Closed), "all"}
}

// Deeds says what a line of a ticket's history tells.
func (p *page) Deeds(kind, text string) string {
	switch kind {
	case "assigned":
		if text == "" {
			return p.T("history.unassigned")
		}
		return p.T("history.assigned", "name", p.Who(text))
	case "status":
		return p.T("history.status", "status", p.Word("status", text))
	case "title":
		return p.T("history.title", "title", text)
	}
	return p.Word("history", kind)
}

// Ended are the calls of the phone's page that are over.
func (p *page) Ended() (over []Call) {
	calls, _ := p.Body.([]Call)
	for _, c := range calls {
		if c.State == Over {
			over = append(over, c)
		}
	}
	return over
}

// ComponentTitle names the component of the request form.
func (p *page) ComponentTitle() string {
	form, _ := p.Body.(requestForm)
	for _, e := range form.Components {
		if e.Component == form.Request.Component {
			return e.Title
		}
	}
	return form.Request.Component
}

// Zone names the reader's zone as it is now.
func (p *page) Zone() string {
	return p.Now.In(p.Reader.Zone).Format("MST") + " (" + p.Reader.Zone.String() + ")"
}

// Channel is the channel whose messages are shown; "" for none.
func (p *page) Channel() string {
	list, _ := p.Body.(messageList)
	return list.To
}

// Esc makes an id one part of an address's path.
func (p *page) Esc(id string) string { return url.PathEscape(id) }

// Safe gives a link from outside if it leads to a page or a mail address, and
// "" otherwise.
func (p *page) Safe(link string) string {
	if !safeURL(link) {
		return ""
	}
	return link
}

// Says tells whether a sentence holds a word already.
func (p *page) Says(sentence, word string) bool { return strings.Contains(sentence, word) }

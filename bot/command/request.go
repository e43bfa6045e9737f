package command

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
)

// FormRequest is the form that /request shows.
const FormRequest = "request"

// request answers with the form for a ticket. The words are its component or
// else its title. A chat without windows shows the link.
func (c *call) request() (chat.Reply, error) {
	page, values := c.URL+"/tickets/new", map[string]string{fieldTitle: c.words}
	if e, ok := c.KnowHow.Base().Entry(c.words); ok {
		values = map[string]string{fieldComponent: e.Name}
		page += "?component=" + url.QueryEscape(e.Name)
	}
	f := c.form(c.wish(values), sheet{id: rand.Text()})
	return chat.Reply{Title: f.Title, Form: &f, Sections: []chat.Section{{Markdown: brief.Link(c.p.Say("form.page"), page)}}}, nil
}

// A sheet is what a form carries from one showing to the next: its id, which
// makes one ticket of it however often it is sent, and for which values the
// current settings are shown on it.
type sheet struct{ id, shows string }

func (s sheet) String() string { return s.id + "/" + s.shows }

func readSheet(state string) (sheet, bool) {
	id, shows, ok := strings.Cut(state, "/")
	return sheet{id, shows}, ok && roster.ValidID(id)
}

// sheet reads what a form carries. A form that is not ours is refused.
func (c *call) sheet(a chat.Answers) (sheet, error) {
	s, ok := readSheet(a.State)
	if a.Form != FormRequest || !ok {
		return s, fmt.Errorf("%s filled in the form %.80q with the state %.80q, which no part of tebiki made", a.From, a.Form, a.State)
	}
	return s, nil
}

// filling is somebody at work on a form.
func (h *Handler) filling(ctx context.Context, a chat.Answers) (*call, sheet, error) {
	c, ok := h.call(ctx, a.From)
	if !ok {
		return c, sheet{}, fmt.Errorf("%.80q fills in the form %.80q and is not in the roster", a.From, a.Form)
	}
	s, err := c.sheet(a)
	return c, s, err
}

// Reload gives the form with the fields of the component that is chosen now
// and, as far as its checks can run already, the current settings.
func (h *Handler) Reload(ctx context.Context, a chat.Answers) (chat.Form, error) {
	c, s, err := h.filling(ctx, a)
	if err != nil {
		return chat.Form{}, err
	}
	return c.look(c.wish(a.Values), s), nil
}

// Submit takes what was filled in: a remark about a document, why a ticket
// goes back, or a request, which becomes a ticket. Settings that were not
// shown for these values are shown first, and the form is sent once more.
func (h *Handler) Submit(ctx context.Context, a chat.Answers) (chat.Reply, map[string]string, error) {
	c, ok := h.call(ctx, a.From)
	if !ok {
		return c.stranger(), nil, nil
	}
	switch a.Form {
	case FormOutdated:
		return c.remark(a)
	case FormBack:
		return c.sendBack(a)
	}
	s, err := c.sheet(a)
	if err != nil {
		return say(c.p.Say("form.gone")), nil, err
	}
	w := c.wish(a.Values)
	if faults := c.faults(w); len(faults) > 0 {
		return chat.Reply{}, faults, nil
	}
	if shows := digest(c.ready(w)); shows != "" && shows != s.shows {
		f := c.look(w, s)
		return chat.Reply{Form: &f}, nil, nil
	}
	return c.create(w, s)
}

// create makes the ticket. What goes wrong is a fault of the form, so that
// nothing has to be written twice.
func (c *call) create(w wish, s sheet) (chat.Reply, map[string]string, error) {
	t, err := c.Tracker.Create(c.ctx, tracker.Draft{
		Label: "chat/" + c.person.ID + "/" + s.id, Component: w.entry.Name, Title: w.values[fieldTitle], Body: w.values[fieldDetails],
		Reporter: c.person.Tracker, Fields: w.fields(),
	})
	switch {
	case err != nil && adapters.Lasting(err):
		return chat.Reply{}, map[string]string{fieldTitle: c.p.Say("form.refused")}, err
	case err != nil:
		return chat.Reply{}, map[string]string{fieldTitle: c.p.Say("reply.trouble")}, err
	}
	return chat.Reply{Title: c.p.Say("did.requested", "ticket", t.Key), Sections: []chat.Section{{Markdown: c.link(t)}}}, nil, nil
}

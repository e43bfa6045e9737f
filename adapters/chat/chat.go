// Package chat is the port to where people read and write: direct messages,
// channels, buttons and slash commands.
//
// A message has a key. Sending under a key that is already there brings the
// message up to date in its place, which makes a repeated delivery harmless
// and lets one message follow its ticket or incident. Addresses are the
// chat's own ids of people and channels; bot/roster maps them.
//
// A message is text in its reader's language already; the adapter decides
// only how it looks. Markdown here is CommonMark without raw HTML. What came
// from outside has gone through Escape and must be shown as the characters
// it is: never as a mention, a link or markup.
//
// Errors are *adapters.Error. NotFound: nobody has this address. Refused:
// the chat will never take this message. Denied: our credentials.
package chat

import (
	"context"
	"time"
)

// A Message to one person or channel.
type Message struct {
	Key      string    `json:"key"`              // names the message at its address; required
	To       string    `json:"to"`               // address of a person or a channel
	Thread   string    `json:"thread,omitempty"` // key of the message it belongs under
	Lang     string    `json:"lang,omitempty"`   // "en" or "ja"
	Urgent   bool      `json:"urgent,omitempty"`
	Title    string    `json:"title"` // plain text, one line; also what a notification shows
	Sections []Section `json:"sections,omitempty"`
	Buttons  []Button  `json:"buttons,omitempty"`
	Link     string    `json:"link,omitempty"` // where the title leads
	Sent     time.Time `json:"sent"`
}

// A Section is a part of a message under its own heading.
type Section struct {
	Heading  string `json:"heading,omitempty"` // plain text
	Markdown string `json:"markdown"`
	Folded   bool   `json:"folded,omitempty"` // may be shown closed until asked for
}

// A Button asks for something to be done. With Choices it is a choice of
// one, and Value of the choice comes back in place of its own.
type Button struct {
	ID      string   `json:"id"`    // what to do: "ack"
	Value   string   `json:"value"` // on what: an incident's id
	Label   string   `json:"label"`
	Style   Style    `json:"style,omitempty"`
	Choices []Choice `json:"choices,omitempty"`
}

// A Style says how a button stands out.
type Style string

// The styles.
const (
	Plain   Style = ""
	Primary Style = "primary"
	Danger  Style = "danger"
)

// A Choice is one of a button's.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// A Chat delivers messages.
type Chat interface {
	// Send delivers m, or brings the message with its key up to date. What
	// is too long for the chat is cut, with a sign that it was; a message
	// without a key or a title, or with more buttons than the chat can show,
	// is Refused.
	Send(ctx context.Context, m Message) error
}

// An Action is a pressed button.
type Action struct {
	From    string // address of who pressed
	Message string // key of the message
	Button  string // its ID
	Value   string
}

// A Command is a line that begins with a slash, or words said to the bot.
type Command struct {
	From    string
	Line    string // with the slash: "/knowhow disk full"
	Channel string // address of the channel where it was said; "" for none
}

// A Reply is shown only to who acted.
type Reply struct {
	Lang     string // as with a Form
	Title    string
	Sections []Section
	Buttons  []Button
	Form     *Form // to be filled in, in place of an answer
}

// A Handler is what an adapter calls when somebody acts. An error's text is
// for the log: the reply says what the person needs.
type Handler interface {
	Act(ctx context.Context, a Action) (Reply, error)
	Command(ctx context.Context, c Command) (Reply, error)
}

package chat

import "context"

// A Form asks for several things at once. Chats that have windows show it in
// one; the console has pages of its own for what its forms do.
type Form struct {
	ID     string // what it is for: "request"
	State  string // given back with the answers, as it is
	Lang   string // "en" or "ja", for what the chat itself writes on it; "" leaves that to the chat
	Title  string // plain text, short
	Intro  []Section
	Fields []Field
	Submit string // label of the button that sends it
}

// A Field is one thing that a form asks for.
type Field struct {
	Name     string
	Label    string
	Hint     string
	Kind     FieldKind
	Value    string // what stands there at first; of a choice its value
	Reads    string // with a Value of a LookupField: how that value reads
	Choices  []Choice
	Required bool
	Reload   bool // a new choice asks the handler for the form again
}

// A FieldKind says how a field is filled in.
type FieldKind string

// The kinds of fields.
const (
	LineField   FieldKind = "line"   // a line of text
	TextField   FieldKind = "text"   // several lines
	SelectField FieldKind = "select" // one of Choices
	LookupField FieldKind = "lookup" // one of what the handler finds for what is typed
)

// Answers are what somebody filled in.
type Answers struct {
	From   string
	Form   string // its ID
	State  string
	Values map[string]string
}

// A FormHandler answers forms. A chat that shows forms needs its Handler to be
// one.
type FormHandler interface {
	// Reload gives the form again after a field with Reload has changed.
	Reload(ctx context.Context, a Answers) (Form, error)
	// Options finds what a LookupField may hold.
	Options(ctx context.Context, a Answers, field, typed string) ([]Choice, error)
	// Submit takes the answers. faults are sentences by field: with any, the
	// form stays open and shows them.
	Submit(ctx context.Context, a Answers) (r Reply, faults map[string]string, err error)
}

// A HomeHandler has something to show to a person who opens the bot's own
// page in the chat.
type HomeHandler interface {
	Home(ctx context.Context, from string) ([]Block, error)
}

// A Block is a piece of a home page: a section with the buttons for it.
type Block struct {
	Section
	Buttons []Button
}

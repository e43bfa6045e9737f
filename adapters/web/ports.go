package web

import (
	"context"
	"fmt"
	"io"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/source"
	"tebiki/adapters/tracker"
)

// What the console needs of the application. Errors: an *adapters.Error with
// NotFound is a page that says so; a *Refusal is shown to the person who
// asked; every other error is logged, and the person is told that it did not
// work and to try again.

// Tickets are read and changed on the tickets pages. All ids of people in
// them are the roster's.
type Tickets interface {
	// List gives the newest first.
	List(ctx context.Context, f TicketFilter) ([]tracker.Ticket, error)
	Ticket(ctx context.Context, reader Person, key string) (Ticket, error)
	// Create gives the key of the new ticket, or of the one that an earlier
	// call with the same label made.
	Create(ctx context.Context, by Person, r TicketRequest) (key string, err error)
	// Do refuses an action that the ticket's Can does not hold.
	Do(ctx context.Context, by Person, key string, a TicketAction) error
}

// Messages are what people have received in the console's own chat. The
// address of a person is their id.
type Messages interface {
	// Messages gives the newest at an address first, those in threads among
	// the others, and only those older than the one with the ID before, if
	// that is not "".
	Messages(ctx context.Context, to string, limit int, before string) ([]Message, error)
	// Channels lists the addresses that are channels.
	Channels(ctx context.Context) ([]string, error)
	// Press with Message "" presses a button of a reply.
	Press(ctx context.Context, a chat.Action) (chat.Reply, error)
	Say(ctx context.Context, c chat.Command) (chat.Reply, error)
}

// Phones are the telephones that ring in the console.
type Phones interface {
	// Calls gives everybody's: those under way and waiting, then those that
	// are over, the newest first.
	Calls(ctx context.Context) ([]Call, error)
	Answer(ctx context.Context, person, call string) error
	Key(ctx context.Context, person, call, key string) error
	HangUp(ctx context.Context, person, call string) error
}

// Incidents are what the urgent flow works on. Sentences in them are in the
// language that is asked for, "en" or "ja".
type Incidents interface {
	// List gives the newest first.
	List(ctx context.Context, lang string, f IncidentFilter) ([]Incident, error)
	Incident(ctx context.Context, lang, id string) (IncidentPage, error)
	// Do refuses an action that the incident's Can does not hold.
	Do(ctx context.Context, by Person, id, action string) error
}

// KnowHow is what the team knows about its work.
type KnowHow interface {
	// Entries gives all of them in the order in which they are browsed.
	Entries(ctx context.Context, lang string) ([]EntryLine, error)
	// Entry counts that by looked at it, and Search what by searched for if
	// it counts.
	Entry(ctx context.Context, by Person, component string) (Entry, error)
	Search(ctx context.Context, by Person, words string, counts bool) ([]Hit, error)
	// Outdated notes that by says so of a component and, if there are words,
	// what is out of date in a document.
	Outdated(ctx context.Context, by Person, component, doc, words string) error
	// Report says how it was used in the last days.
	Report(ctx context.Context, lang string, days int) (Report, error)
	// State tells which know-how is in use, and why no newer.
	State(ctx context.Context) (KnowHowState, error)
	// Fields gives what the component's own request form asks for.
	Fields(ctx context.Context, lang, component string) ([]Field, error)
}

// Audit is the log of the checks that were run.
type Audit interface {
	// After gives up to n records that follow the one with a number, oldest
	// first; 0 begins with the first of all.
	After(ctx context.Context, number uint64, n int) ([]AuditRecord, error)
	// Tallies gives how often each check was run, by its name.
	Tallies(ctx context.Context) (map[string]CheckTally, error)
}

// An AuditRecord is the beginning or the end of one run of a check.
type AuditRecord struct {
	Number  uint64
	At      time.Time
	Who     string // id of a person; "" is Tebiki by itself
	Ticket  string
	Check   string
	Command string // with secrets masked
	Where   string
	Host    string // "" for the bot's own
	Started time.Time
	Ended   bool
	Took    time.Duration
	Reason  string // why it did not come to its end
	Exit    int
}

// A CheckTally is how often a check was run.
type CheckTally struct {
	Ran   int // begun
	Well  int // came to its end
	Tried int // was not let begin
}

// OnCall says who has the turn.
type OnCall interface {
	// Rotas gives each team's layers with the shifts that touch the time
	// from one moment to another, in their order.
	Rotas(ctx context.Context, lang string, from, until time.Time) ([]Rota, error)
}

// Recordings are what callers have said, as WAVs.
type Recordings interface {
	Recording(ctx context.Context, id string) (wav io.ReadSeekCloser, at time.Time, err error)
}

// Servers is the inventory, as far as completing a host needs it.
type Servers interface {
	// Hosts gives up to n names that begin with, or else contain, part.
	Hosts(ctx context.Context, part string, n int) ([]string, error)
}

// An Intake takes alerts for good.
type Intake interface {
	// Accept gives a receipt for each alert in its place once all of them are
	// stored. Errors are *BusyError and *StoreError; nothing was taken then.
	Accept(ctx context.Context, alerts []source.Alert) ([]Receipt, error)
}

// A Receipt says what became of an alert.
type Receipt struct {
	ID       string // of the alert in its incident; "" when it waits for the morning
	Incident string // "" when it waits for the morning
	State    string // of the incident, or "storm", or "morning"
}

// A BusyError refuses alerts because too many wait already.
type BusyError struct{ RetryAfter time.Duration }

func (e *BusyError) Error() string {
	return fmt.Sprintf("too many alerts are waiting to be stored: send this again in %s", e.RetryAfter)
}

// A StoreError refuses alerts because they could not be stored.
type StoreError struct{ Err error }

func (e *StoreError) Error() string { return "the alerts could not be stored: " + e.Err.Error() }

func (e *StoreError) Unwrap() error { return e.Err }

// A Mailbox is one whose mails become alerts.
type Mailbox struct {
	Name        string
	Done, Total int  // of the mails that waited
	Away        bool // it cannot be read
}

// A Refusal is a no to the person who asked, in that person's language.
type Refusal struct {
	Text    string
	Already bool // nothing is wrong: what was asked for is there, or on its way
}

func (r *Refusal) Error() string { return r.Text }

// A DigestOrder asks for a run of the morning flow.
type DigestOrder struct {
	Today  bool // take today's alerts too, not only those of the days before
	DryRun bool // do nothing, and say what would be done
}

// A Digest says what a run of the morning flow left to be delivered.
type Digest struct {
	Alerts  int          // taken
	Tickets int          // that are made of them, or added to
	Left    int          // alerts that wait on
	Plan    []DigestPlan // of a dry run
}

// A DigestPlan is what a run would do with one kind of alert and day.
type DigestPlan struct {
	Team, Day string // the team's id; 2006-01-02
	What      string
	Alerts    int    // that are no recoveries
	Over      bool   // all have recovered
	Ticket    string // that they would be added to; "" for a new one
	Owner     string // id of who has it, or would; "" for nobody
}

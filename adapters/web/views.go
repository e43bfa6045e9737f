package web

import (
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/phone"
	"tebiki/adapters/tracker"
)

// A Person of the roster, as the pages need one.
type Person struct {
	ID     string
	Name   string
	Lang   string         // "en" or "ja"
	Zone   *time.Location // nil means UTC
	Team   string         // the team's name, for people
	Leader bool
}

// Actions on a ticket and an incident. A view's Can holds those that its
// reader may do now.
const (
	Assign  = "assign"
	Fix     = "fix"
	Close   = "close"
	Reopen  = "reopen"
	Comment = "comment"
	Checks  = "checks" // run those of the ticket's know-how again

	Acknowledge = "ack"
	PassOn      = "pass"
	Resolve     = "resolve"
	Confirm     = "confirm"
)

// A TicketFilter says which tickets a list shows; what is empty does not
// filter. The next page is the same filter with Before set to the last key.
type TicketFilter struct {
	Status     tracker.Status
	Component  string
	Assignee   string // a person's id
	Unassigned bool
	TopLevel   bool // no sub-tickets
	Limit      int
	Before     string
}

// A Ticket is one ticket's page.
type Ticket struct {
	tracker.Ticket
	ParentTitle string
	Incident    string // id of the incident it is about; "" for none
	Can         []string
	Subtickets  []tracker.Ticket
	History     []TicketEvent // oldest first
}

// A TicketEvent is one line of a ticket's history.
type TicketEvent struct {
	At   time.Time
	By   string // a person's id; "" for the bot
	Kind string // "created", "comment", "assigned", "status", "title", "body"
	Text string // the comment in Markdown, or what the thing is now
}

// A TicketRequest is a filled-in request form.
type TicketRequest struct {
	Label     string // made once for each form shown
	Component string
	Title     string
	Details   string // Markdown
	Host      string
	Assignee  string // "" for nobody
	Fields    map[string]string
}

// A TicketAction is one thing done to a ticket.
type TicketAction struct {
	Kind     string // one of the actions on a ticket
	Assignee string // with Assign; "" takes it from everybody
	Text     string // with Comment
}

// A Message as it is kept for its reader.
type Message struct {
	chat.Message
	ID      string    // names it in a list
	Updated time.Time // when it was last brought up to date; zero for never
}

// A Call at somebody's phone in the console.
type Call struct {
	ID      string
	Person  string // whose phone
	Lang    string
	State   CallState
	Since   time.Time // when the state began
	Spoken  []string  // everything said so far, in order
	Menu    []phone.Choice
	Outcome phone.Outcome // once it is over

	Incident string // that it began with; "" for none
	Docs     []Doc  // of what is being said, without their sections
}

// A CallState is how far a call is.
type CallState string

// The states of a call.
const (
	Waiting CallState = "waiting" // for a call before it on the same phone
	Ringing CallState = "ringing"
	Talking CallState = "talking"
	Over    CallState = "over"
)

// An IncidentFilter says which incidents a list shows. The next page is the
// same filter with Before set to the last id.
type IncidentFilter struct {
	State  string // "" for every state
	Limit  int
	Before string
}

// An Incident in a list.
type Incident struct {
	ID       string
	State    string // "held", "open", "acknowledged", "resolved", "closed"
	Title    string // plain text, one line
	Host     string
	Service  string
	Severity string
	Team     string // for people
	Ticket   string // key; "" until it is made
	Storm    bool
	Flapping bool
	Opened   time.Time
	Last     time.Time // newest alert
	Alerts   int       // different ones
	Firing   int       // of them still bad
	Signals  int       // with repeats
	AckBy    string    // a person's id
	AckAt    time.Time
	Next     *NextPage // nil when nobody is going to be paged
}

// A NextPage is the page that comes unless somebody acts.
type NextPage struct {
	At      time.Time
	Person  string // id
	Channel string // "chat", "phone"
}

// An IncidentPage is one incident's page.
type IncidentPage struct {
	Incident
	TicketURL  string // "" when the tracker has no pages
	Previous   string // id of an older incident of the same alert
	ResolvedBy string // a person's id; "" when the alerts recovered
	ResolvedAt time.Time
	Component  string // whose know-how was sent
	Can        []string
	AlertLines []AlertLine
	Timeline   []TimelineEvent // oldest first
}

// An AlertLine is one of an incident's alerts.
type AlertLine struct {
	ID       string
	Source   string
	Severity string
	Host     string
	Service  string
	Check    string
	Summary  string
	Link     string
	Ticket   string // key of its sub-ticket
	Resolved bool
	Count    int
	First    time.Time
	Last     time.Time
}

// A TimelineEvent is one thing that happened in an incident.
type TimelineEvent struct {
	At      time.Time
	Kind    string // "alert", "recovery", "state", "page", "ack", "ticket", "note"
	Person  string // id of who was paged, or who did it; "" for nobody
	Channel string // with "page": "chat" or "phone"
	Result  string // with "page", once it is known: for people
	Text    string // the whole as a sentence, plain text
}

// An EntryLine is an entry in the list.
type EntryLine struct {
	Component  string
	Title      string
	Aliases    []string
	Subtickets int
}

// An Entry is one component's know-how.
type Entry struct {
	Component   string
	Title       string
	Aliases     []string
	RequestType string
	Team        string   // for people
	Alerts      []string // which alerts it serves, one line each
	Subtickets  []EntrySubticket
}

// An EntrySubticket is one piece of the work.
type EntrySubticket struct {
	Title  string
	Doc    Doc
	Checks []Check
}

// A Doc is a document in the language nearest to its reader's.
type Doc struct {
	Name     string
	Title    string
	Lang     string
	Owner    string // for people
	Reviewed time.Time
	Sections []chat.Section
	Source   string // its file
	Changed  time.Time
	Author   string
	Link     string // where the file is; "" for nowhere
	History  string // where its changes are; "" for nowhere
	Propose  string // where a change is proposed; "" for nowhere
}

// A KnowHowState is the know-how that is in use.
type KnowHowState struct {
	Loaded time.Time
	Commit string   // in short; "" when it does not come from commits
	Link   string   // where the commit is; "" for nowhere
	Faults []string // why no newer is in use; none when it is the newest
}

// A Report says how the know-how was used in a time.
type Report struct {
	From, To time.Time
	Lists    []ReportList
}

// A ReportList is one thing that a report tells.
type ReportList struct {
	Heading string
	Lines   []ReportLine
}

// A ReportLine is plain text with where to do something about it.
type ReportLine struct {
	Name    string
	Link    string
	Note    string
	Remarks []string
}

// A Check is a command that is run for the reader.
type Check struct {
	Name  string
	Run   []string // program and arguments
	Where string
}

// A Hit is one result of a search.
type Hit struct {
	Component string
	Title     string
	Doc       string // name of the document that matched; "" when the entry itself did
	Line      string // the matching line, plain text
}

// A Field is one thing that a component's request form asks for.
type Field struct {
	Name     string
	Label    string
	Required bool
	Pattern  string // RE2; "" takes anything
}

// A Rota is one layer of one team.
type Rota struct {
	Team   string // for people
	Layer  string // for people
	Shifts []Shift
}

// A Shift is a stretch of time in which one person is on call.
type Shift struct {
	Person   string // id
	From     time.Time
	Until    time.Time
	Override bool // put in by hand
}

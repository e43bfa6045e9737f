// Package knowhow holds what a team knows about its work: for each component
// an Entry, the documents a person reads, and the checks whose output is put
// beside them. It reads no clock and nothing but the fs.FS it is given.
//
// The data's way: Load reads knowhow.yaml and docs/*.md, parses every file,
// follows every reference between them, and gives either a Base or all the
// Faults there are. A Base never changes. package source keeps the newest
// good one, package search ranks its documents, package check runs its checks.
//
// # Stage 1: knowhow.yaml
//
//	components:
//	  - name: disk-full                 # the tracker's component
//	    title: {ja: ディスク逼迫, en: Disk full}
//	    aliases: [disk, ディスク]         # other words that find it
//	    request_type: incident
//	    team: infra-jp                  # optional
//	    fields:                         # what the request form asks for
//	      - name: path
//	        label: {ja: マウントポイント, en: Mount point}
//	        pattern: /[A-Za-z0-9._/-]*
//	        required: true
//	    alerts:                         # served if one matches; globs with * and ?
//	      - {source: prometheus, labels: {alertname: "*Disk*"}}
//	    subtickets:
//	      - title: {ja: 空きを作る, en: Free some space}
//	        document: disk-free
//	        checks: [df, health]
//	checks:
//	  df:
//	    run: [df, -h, "{path}"]         # arguments, never a shell
//	    where: server                   # the ticket's, over SSH; or bot, the default
//	    timeout: 10s                    # the default; at most 60s
//	    params:
//	      path: {from: path, pattern: "/.*", default: /}
//	    expect: {exit: 0, matches: "([0-9]+)% /", compare: "< 90"}
//	  health:
//	    get: "https://{host}:8443/health?of={path}" # in place of run; where: bot only
//	    json: $.status.db               # RFC 9535; without it the whole answer
//	    params:
//	      host: {from: host, pattern: "[a-z0-9.-]+"}
//	      path: {from: path, pattern: "/.*", default: /}
//	    expect: {exit: 200, matches: "^ok$"}
//
// A pattern is RE2 and must match the whole value. A value that begins with
// "-" would be read as an option, so it is refused unless the pattern itself
// begins with "-". Values never hold control characters, and the program, the
// first argument, never holds a parameter.
//
// Of a URL that is got, scheme and port are always written out, and neither
// user nor fragment is allowed. A parameter stands in one of three parts, and
// its value never gets out of it, whatever its pattern:
//
//   - the host: letters, digits, "-", "_" and, where the parameter is whole
//     labels ({name}.example.jp, not db{name}.example.jp), dots; an IP address
//     where it is the whole host. Whether the bot may ask that host is for
//     whoever asks.
//   - the path: escaped, and without "/" and "\", which servers are known to
//     unescape before they look. A segment never becomes "." or "..".
//   - the query: escaped, anything.
//
// Expected is everything that is given: exit, the exit status of a program
// or the status of an answer; matches, an RE2 expression that is found in the
// output, in which ^ and $ are the ends of a line; compare, one or more
// comparisons of the first number in the output that begins a word, or in the
// first group of matches if it has one. See Expect.Judge.
//
// Schema gives a JSON Schema of this file for editors.
//
// # Stage 2: docs/NAME.ja.md and docs/NAME.en.md
//
// At least one of the two exists. Front matter between two lines of "---"
// gives title, owner (a person's or a team's id), reviewed (2026-04-01) and
// perhaps review_after (180d): how long a review is good for.
// Then come sections, each once, in any order:
//
//	## TODO                      also: To do, やること            required
//	## Procedure                 also: 手順                       required
//	## Checks                    also: 確認
//	## Special specifications    also: 特記事項
//
// Either language's headings do in either file. Within a section headings
// begin at "###".
package knowhow

import "time"

// The languages that documents and titles are written in.
const (
	Japanese = "ja"
	English  = "en"
)

// Ticket fields that every check may take its parameters from, besides the
// request fields of the component.
const (
	FieldHost      = "host"      // the server the ticket is about
	FieldRequester = "requester" // who asks
)

// Where checks run.
const (
	Bot    = "bot"    // on the bot's own host
	Server = "server" // on the server that the ticket names, over SSH
)

// A Text is one sentence in each language.
type Text struct {
	Ja string
	En string
}

// In gives the text in lang, or in the other language if it has none.
func (t Text) In(lang string) string {
	if (lang == Japanese && t.Ja != "") || t.En == "" {
		return t.Ja
	}
	return t.En
}

// An Entry is one component's know-how.
type Entry struct {
	Name        string // the component, as the tracker has it
	Title       Text   // for people; the name, unless the file gives a title
	Aliases     []string
	RequestType string
	Team        string // "" leaves the choice to the configuration
	Fields      []Field
	Alerts      []Matcher
	Subtickets  []Subticket

	spellings []spelling // of the name and each alias
	nameAt    position
	teamAt    position
}

// A spelling is a word as it was written and as it is compared.
type spelling struct{ word, key string }

// A Subticket is one piece of the work a component's ticket is split into.
type Subticket struct {
	Title  Text
	Doc    string // name of a document that the Base has
	Checks []*Check
}

// A Field is one thing a component's request form asks for.
type Field struct {
	Name     string
	Label    Text
	Pattern  *Pattern // nil takes any value
	Required bool
}

// A Check is a command, or a request, whose output helps whoever gets the
// ticket.
type Check struct {
	Name    string
	Run     []string // the program and its arguments, with {parameters}; nil with Get
	Get     *Get     // what is asked over HTTP in place of a program
	Where   string   // Bot or Server; Bot with Get
	Params  []Param
	Timeout time.Duration
	Expect  *Expect // nil leaves the judgement to people

	at position
}

// A Get is a question that is asked over HTTP from the bot's own host.
type Get struct {
	URL  string // with {parameters}, each of which stays within its part
	JSON string // RFC 9535 path to what is shown of the answer; "" shows all
}

// An Expect is what a check's result is when all is well. Everything that is
// set must hold.
type Expect struct {
	Exit    *int      // the exit status of a program, or the status of an answer
	Matches *Search   // found in the output
	Compare []Compare // of the first number in the output, or in the first group of Matches if it has one
}

// A Compare holds a number against another.
type Compare struct {
	Op     string // <, <=, >, >=, == or !=
	Number float64
}

// A Param is a part of a check's arguments that comes from the ticket.
type Param struct {
	Name    string
	From    string // the ticket field
	Pattern *Pattern
	Default string // taken when the field is empty; "" means there is none

	at position
}

// A Doc is one document in one language. Sections are Markdown.
type Doc struct {
	Name     string
	Lang     string
	Title    string
	Owner    string // id of a person or a team
	Reviewed time.Time

	ReviewAfter time.Duration // how long a review is good for; 0 leaves it to whoever asks

	TODO      string
	Procedure string
	Checks    string
	Special   string
	Source    string // its file in the know-how, "docs/disk-free.en.md"
	Changed   Change

	ownerAt, reviewedAt position
}

// A Change says when and by whom a document was last written, as far as its
// source can tell.
type Change struct {
	At      time.Time
	Author  string
	Commit  string // the commit that made it, in full; "" where there are none
	Link    string // where a person finds the file
	History string // where a person finds what was changed in it before
	Propose string // where a person proposes a change
}

// position is a place in a file of the know-how.
type position struct {
	file         string
	line, column int
}

func (p position) fault(what string) Fault {
	return Fault{File: p.file, Line: p.line, Column: p.column, What: what}
}

package knowhow

// A shape is what one kind of mapping may hold. It is the only place that
// says so: the reader goes by it, and the JSON Schema is made from it.
type shape struct {
	name  string // in the schema
	about string
	keys  []key
	one   []string // exactly one of these keys is needed
	empty string   // what is wrong with a mapping without keys; "" allows it
}

// A key is one of a shape's, with what editors say of it.
type key struct {
	name     string
	needed   bool
	beside   string // a key without which this one means nothing
	value    kind
	about    string
	deflt    any
	examples []any
}

// A kind is the JSON Schema of a value, as far as a schema can say it. What
// it cannot, the functions that read values do.
type kind map[string]any

func (s *shape) key(name string) *key {
	for i := range s.keys {
		if s.keys[i].name == name {
			return &s.keys[i]
		}
	}
	return nil
}

func (s *shape) names() []string {
	names := make([]string, len(s.keys))
	for i, k := range s.keys {
		names[i] = k.name
	}
	return names
}

// scalar is a value that is not quoted: to the reader 10 and true are text.
var scalar = []string{"string", "number", "boolean"}

const idPattern = `^[a-z0-9][a-z0-9-]{0,99}$`

// texts are the kinds of text, by their names in the schema.
var texts = map[string]kind{
	"line":       {"type": scalar, "minLength": 1, "maxLength": maxText, "pattern": `^[^\n\r]*\S[^\n\r]*$`},
	"id":         {"type": scalar, "pattern": idPattern},
	"expression": {"type": scalar, "minLength": 1, "maxLength": maxText},
}

var (
	line    = def("line")
	id      = def("id")
	expr    = def("expression")
	boolean = kind{"type": "boolean"}
)

func def(name string) kind { return kind{"$ref": "#/$defs/" + name} }

func ref(s *shape) kind            { return def(s.name) }
func either(kinds ...kind) kind    { return kind{"anyOf": kinds} }
func listOf(item kind) kind        { return kind{"type": "array", "minItems": 1, "items": item} }
func among(words ...string) kind   { return kind{"enum": words} }
func matching(pattern string) kind { return kind{"type": "string", "pattern": pattern} }

// namesTo is a mapping whose keys are whatever its writer calls things.
func namesTo(name string, value kind) kind {
	return kind{"type": "object", "propertyNames": kind{"pattern": name}, "additionalProperties": value}
}

var fileShape = &shape{name: "file", about: "What a team knows about its work.", keys: []key{
	{name: "components", needed: true, value: listOf(ref(componentShape)), about: "Each component's know-how. The first one of whose alerts matches serves an alert."},
	{name: "checks", value: namesTo(idPattern, ref(checkShape)), about: "Commands and requests, by the names that sub-tickets use."},
}}

var componentShape = &shape{name: "component", about: "One component's know-how.", keys: []key{
	{name: "name", needed: true, value: line, about: "The component, as the tracker has it."},
	{name: "title", value: words, about: "The component, for people. Default: its name."},
	{name: "aliases", value: listOf(line), about: "Other words that find it."},
	{name: "request_type", needed: true, value: line, about: "The kind of ticket it belongs to.", examples: []any{"request", "incident"}},
	{name: "team", value: line, about: "The team whose work it is, by its id in the roster. Default: the configuration's choice."},
	{name: "fields", value: listOf(ref(fieldShape)), about: "What the request form asks for."},
	{name: "alerts", value: listOf(ref(alertShape)), about: "The alerts it serves: those that one of these matches."},
	{name: "subtickets", needed: true, value: listOf(ref(subticketShape)), about: "The pieces of work a ticket is split into."},
}}

var textShape = &shape{name: "text", about: "One sentence in each language.", empty: "has no text; write {ja: ..., en: ...}", keys: []key{
	{name: Japanese, value: line, about: "In Japanese."},
	{name: English, value: line, about: "In English."},
}}

// words is one sentence for all languages, or one for each.
var words = either(line, ref(textShape))

var fieldShape = &shape{name: "field", about: "One thing a request form asks for.", keys: []key{
	{name: "name", needed: true, value: id, about: "What parameters of checks call it."},
	{name: "label", needed: true, value: words, about: "What the form calls it."},
	{name: "pattern", value: expr, about: "RE2 expression that the whole value must match."},
	{name: "required", value: boolean, about: "Whether it must be filled in.", deflt: false},
}}

var alertShape = &shape{name: "alert", about: "Globs, with * and ?, all of which must match.", empty: "asks for nothing and would match every one; say what to match", keys: []key{
	{name: "source", value: line, about: "The monitoring system."},
	{name: "host", value: line, about: "The host it is about."},
	{name: "service", value: line, about: "The service it is about."},
	{name: "check", value: line, about: "What was looked at."},
	{name: "summary", value: line, about: "What is wrong."},
	{name: "labels", value: kind{"type": "object", "minProperties": 1, "additionalProperties": line}, about: "Further labels, by name."},
}}

var subticketShape = &shape{name: "subticket", about: "One piece of the work.", keys: []key{
	{name: "title", needed: true, value: words, about: "What is to be done."},
	{name: "document", needed: true, value: id, about: "NAME of docs/NAME.ja.md and docs/NAME.en.md."},
	{name: "checks", value: listOf(line), about: "Names of checks whose output helps here."},
}}

var checkShape = &shape{name: "check", about: "A command, or a request, whose output helps whoever gets the ticket.", one: []string{"run", "get"}, keys: []key{
	{name: "run", value: listOf(line), about: "The program and its arguments, with {parameters}; never through a shell.", examples: []any{[]string{"df", "-h", "{path}"}}},
	{name: "get", value: matching(`^https?://[^#\s]+$`), about: "What is asked over HTTP in place of a program. A parameter may be in the host, the path or the query.", examples: []any{"https://{host}:8443/health?name={name}"}},
	{name: "json", beside: "get", value: matching(`^\$`), about: "RFC 9535 path to what is shown of the answer. Default: all.", examples: []any{"$.status.db"}},
	{name: "where", value: among(Bot, Server), about: "On the bot's own host, or on the server that the ticket names.", deflt: Bot},
	{name: "timeout", value: matching(`^\+?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`), about: "The longest it may take, at most 60s.", deflt: "10s"},
	{name: "params", value: namesTo(`^[A-Za-z0-9_-]+$`, ref(paramShape)), about: "Where each {parameter} comes from, by name."},
	{name: "expect", value: ref(expectShape), about: "What the result is when all is well. Everything that is given must hold."},
}}

var paramShape = &shape{name: "param", about: "A part of a check that comes from the ticket.", keys: []key{
	{name: "from", needed: true, value: line, about: "host, requester, or a field of the component."},
	{name: "pattern", needed: true, value: expr, about: "RE2 expression that the whole value must match."},
	{name: "default", value: line, about: "Taken when the ticket's field is empty."},
}}

var expectShape = &shape{name: "expect", about: "What a result is when all is well.", empty: "expects nothing; say what, or remove it", keys: []key{
	{name: "exit", value: kind{"type": "integer", "minimum": 0, "maximum": 599}, about: "The exit status of a program, or the status of an answer."},
	{name: "matches", value: expr, about: "RE2 expression that is found in the output; ^ and $ are the ends of a line."},
	{name: "compare", value: either(comparison, listOf(comparison)), about: "Comparisons of the first number in the output, or in the first group of matches.", examples: []any{"< 90", []string{">= 1", "<= 5"}}},
}}

var comparison = matching(`^(<=|>=|==|!=|<|>) *(-?[0-9]+(?:\.[0-9]+)?)$`)

// frontShape is not of knowhow.yaml, and in no schema.
var frontShape = &shape{name: "front", keys: []key{
	{name: "title", needed: true},
	{name: "owner", needed: true},
	{name: "reviewed", needed: true},
	{name: "review_after"},
}}

package jira

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/fields"
	"tebiki/adapters/tracker/remote"
)

// standard are the fields that a ticket is made of.
const standard = "project,issuetype,parent,summary,description,status,priority,labels,components,assignee,reporter,created,updated"

// wanted are the fields to ask for, with the custom ones that the
// configuration names.
func (j *Jira) wanted(f *facts, more ...string) []string {
	all := append(strings.Split(standard, ","), more...)
	for _, name := range j.opt.Fields {
		if d, ok := f.field(name); ok {
			all = append(all, d.ID)
		}
	}
	return all
}

// read gets one issue of the project. One that was moved to another project
// is not there any more.
func (j *Jira) read(ctx context.Context, f *facts, key string, more ...string) (*issue, error) {
	if !keyed.MatchString(key) {
		return nil, remote.Missing("%.80q is no key of a ticket in Jira", key)
	}
	return j.readID(ctx, f, key, more...)
}

func (j *Jira) readID(ctx context.Context, f *facts, id string, more ...string) (*issue, error) {
	query := url.Values{"fields": {strings.Join(j.wanted(f, more...), ",")}}
	for _, m := range more {
		if m == "changelog" {
			query.Set("expand", m)
		}
	}
	i, err := get[issue](ctx, j, "issue/"+url.PathEscape(id)+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	if i.Fields.Project.Key != "" && i.Fields.Project.Key != j.opt.Project {
		return nil, remote.Missing("%s was moved: it is %s now", id, i.Key)
	}
	j.reads.note(&i)
	return &i, nil
}

// Ticket implements tracker.Tracker.
func (j *Jira) Ticket(ctx context.Context, key string) (tracker.Ticket, error) {
	t, err := j.readTicket(ctx, key)
	return t, j.told(ctx, "read the ticket "+key, err)
}

func (j *Jira) readTicket(ctx context.Context, key string) (tracker.Ticket, error) {
	f, err := j.know(ctx)
	if err != nil {
		return tracker.Ticket{}, err
	}
	i, err := j.read(ctx, f, key)
	if err != nil {
		return tracker.Ticket{}, err
	}
	return j.ticket(ctx, f, i)
}

// ticket gives an issue as the port shows it.
func (j *Jira) ticket(ctx context.Context, f *facts, i *issue) (tracker.Ticket, error) {
	mark, err := j.instance(ctx)
	if err != nil {
		return tracker.Ticket{}, err
	}
	in := &i.Fields
	t := tracker.Ticket{
		Key: i.Key, Title: in.Summary, Status: f.flow(in.Type.Name).status(in.Status, in.Labels), Label: causeOf(in.Labels, mark),
		Created: in.Created.UTC(), Updated: in.Updated.UTC(), URL: j.URL(i.Key), Parent: linkedParent(in.Labels),
	}
	if in.Parent != nil {
		t.Parent = in.Parent.Key
	}
	if len(in.Components) > 0 {
		t.Component = in.Components[0].Name
	}
	if in.Priority != nil {
		t.Priority = j.priorityOf(f, in.Priority.Name)
	}
	if t.Assignee, err = j.meet(ctx, f, in.Assignee); err != nil {
		return t, err
	}
	if t.Reporter, err = j.meet(ctx, f, in.Reporter); err != nil {
		return t, err
	}
	block, body := in.Description, in.Description
	if t.Label != "" {
		block, body = cutBlock(in.Description)
	}
	t.Body = markdown(body)
	t.Fields = fields.Read(block, t.Label != "", plain)
	j.readCustom(f, in, &t)
	return t, nil
}

// readCustom puts the custom fields' values beside those from the text.
func (j *Jira) readCustom(f *facts, in *issueFields, t *tracker.Ticket) {
	for name, custom := range j.opt.Fields {
		d, ok := f.field(custom)
		if !ok {
			continue
		}
		if text := readValue(in.custom[d.ID]); text != "" {
			if t.Fields == nil {
				t.Fields = map[string]string{}
			}
			t.Fields[name] = text
		}
	}
}

// blockLine is a line of the fields at the beginning of a description.
var blockLine = regexp.MustCompile(`^\s*\* \*[a-zA-Z][a-zA-Z0-9_-]*\*:`)

// cutBlock parts the fields' lines at the beginning of Tebiki's own
// descriptions from the text below.
func cutBlock(description string) (block, body string) {
	rest := description
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		if !blockLine.MatchString(line) {
			break
		}
		rest = after
	}
	return description[:len(description)-len(rest)], strings.TrimLeft(rest, "\r\n")
}

// unescape takes out what wiki markup needs around text; the word joiners
// would come along with what somebody copies.
var unescape = regexp.MustCompile(`\\([-#*_+?^~|%{}\[\]()!@&:;\\])`)

func plain(markup string) string {
	return unescape.ReplaceAllString(strings.ReplaceAll(markup, "\u2060", ""), "$1")
}

// codeBlock is what people put commands and output in.
var codeBlock = regexp.MustCompile(`(?s)\{(noformat|code)(?::[^}\n]*)?\}\n?(.*?)\n?\{(?:noformat|code)\}`)

// markdown gives a text of Jira's as Markdown that shows it as it was typed,
// with its code as code.
func markdown(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var out strings.Builder
	at := 0
	for _, m := range codeBlock.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(chat.Escape(plain(text[at:m[0]])) + "\n\n" + chat.Fence(text[m[4]:m[5]]) + "\n\n")
		at = m[1]
	}
	out.WriteString(chat.Escape(plain(text[at:])))
	return strings.Trim(out.String(), "\n")
}

// priorityOf gives our priority of an issue's.
func (j *Jira) priorityOf(f *facts, name string) tracker.Priority {
	for _, p := range []tracker.Priority{tracker.Urgent, tracker.Low} {
		if j.priorityName(f, p) == name {
			return p
		}
	}
	return tracker.Normal
}

// priorityName is Jira's priority for ours; "" leaves Jira's usual one.
func (j *Jira) priorityName(f *facts, p tracker.Priority) string {
	n := len(f.priorities)
	switch name, set := j.opt.Priorities[p]; {
	case set:
		return name
	case p == tracker.Urgent && n > 1:
		return f.priorities[0]
	case p == tracker.Low && n > 3: // the last one of five is for what nobody will do
		return f.priorities[n-2]
	case p == tracker.Low && n == 3:
		return f.priorities[2]
	}
	return ""
}

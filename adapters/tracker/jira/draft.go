package jira

import (
	"context"
	"maps"
	"slices"
	"unicode/utf16"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/fields"
	"tebiki/adapters/tracker/jira/wiki"
	"tebiki/adapters/tracker/remote"
)

const maxSummary = 255 // units of UTF-16, as Java counts

func summary(s string) (string, error) { return remote.Title(s, maxSummary, utf16.RuneLen) }

// A form is an issue that is about to be made: what Jira is sent, and what of
// it may be left out.
type form struct {
	j    *Jira
	f    *facts
	d    tracker.Draft
	send map[string]any
	// inText are fields that stand in the description.
	inText  map[string]string
	omitted []tracker.Omission
	again   bool // the assignee was searched for anew
}

// newForm holds a draft against the limits and puts it into Jira's words.
func (j *Jira) newForm(ctx context.Context, f *facts, d tracker.Draft, label string) (*form, error) {
	title, err := summary(d.Title)
	if err != nil {
		return nil, err
	}
	if err := fields.Check(d.Fields); err != nil {
		return nil, remote.Refused("%v", err)
	}
	fm := &form{j: j, f: f, d: d, inText: maps.Clone(d.Fields)}
	fm.send = map[string]any{
		"project": map[string]any{"key": j.opt.Project}, "issuetype": map[string]any{"id": f.main.ID}, "summary": title,
	}
	labels := []string{label}
	switch {
	case d.Parent == "":
	case f.sub.ID != "":
		fm.send["issuetype"], fm.send["parent"] = map[string]any{"id": f.sub.ID}, map[string]any{"key": d.Parent}
	default:
		labels = append(labels, subLabel, parentLabel+d.Parent)
	}
	fm.send["labels"] = labels
	if err := fm.fill(ctx); err != nil {
		return nil, err
	}
	fm.send["description"] = fm.description()
	return fm, nil
}

// fill puts in what is optional.
func (fm *form) fill(ctx context.Context) error {
	fm.component()
	if name := fm.j.priorityName(fm.f, fm.d.Priority); name != "" {
		fm.send["priority"] = map[string]any{"name": name}
	}
	fm.send["assignee"] = fm.f.reference("")
	if err := fm.person(ctx, "assignee", "Assignee", fm.d.Assignee); err != nil {
		return err
	}
	if fm.d.Reporter != "" {
		if err := fm.person(ctx, "reporter", "Reporter", fm.d.Reporter); err != nil {
			return err
		}
	}
	if err := fm.custom(); err != nil {
		return err
	}
	return fm.defaults()
}

// component takes the draft's, or else the one for unknown ones.
func (fm *form) component() {
	if fm.d.Component == "" {
		return
	}
	name, known := fm.f.component(fm.d.Component)
	if !known {
		fm.omit("Component", fm.d.Component, "the project has no such component")
		if name, known = fm.f.component(fm.j.opt.Component); !known {
			return
		}
	}
	fm.send["components"] = []any{map[string]any{"name": name}}
}

func (fm *form) omit(field, value, why string) {
	fm.omitted = append(fm.omitted, tracker.Omission{Field: field, Value: value, Why: why})
}

// person puts somebody in, unless Jira does not know them.
func (fm *form) person(ctx context.Context, field, name, address string) error {
	if address == "" {
		return nil
	}
	called, err := fm.j.who(ctx, fm.f, address)
	if f := remote.Of(err); f != nil && f.Status == 0 && !f.Sent && remote.Undone(err) && called == "" && lasting(err) {
		fm.omit(name, address, f.What)
		return nil
	}
	if err != nil {
		return err
	}
	fm.send[field] = fm.f.reference(called)
	return nil
}

// custom puts fields into the custom fields that the configuration names.
func (fm *form) custom() error {
	for _, name := range slices.Sorted(maps.Keys(fm.d.Fields)) {
		def, ok := fm.f.field(fm.j.opt.Fields[name])
		if !ok || fm.d.Fields[name] == "" {
			continue
		}
		value, err := def.write(fm.f, fm.d.Fields[name])
		if err != nil {
			fm.omit(def.Name, fm.d.Fields[name], remote.Of(err).What)
			continue
		}
		fm.send[def.ID] = value
		delete(fm.inText, name)
	}
	return nil
}

// defaults puts in what the configuration says for every ticket.
func (fm *form) defaults() error {
	for name, text := range fm.j.opt.Defaults {
		def, ok := fm.f.field(name)
		if !ok {
			return remote.Refused("the configuration gives a value for the field %q, which Jira does not have", name)
		}
		value, err := def.write(fm.f, text)
		if err != nil {
			return err
		}
		if _, set := fm.send[def.ID]; !set {
			fm.send[def.ID] = value
		}
	}
	return nil
}

// description is the fields' lines and the text below, in wiki markup.
func (fm *form) description() string { return describe(fm.inText, fm.d.Body) }

// cutNote stands where a text was too long for Jira.
const cutNote = "…"

func describe(inText map[string]string, body string) string {
	block := wiki.Render(fields.Write(inText))
	text := wiki.Render(body)
	if block != "" && text != "" {
		block += "\n\n"
	}
	return block + wiki.Cut(text, wiki.Limit-wiki.Size(block), cutNote)
}

// leaveOut answers a refusal by leaving out what Jira complains of, and tells
// whether that changed anything. What must be there is not left out.
func (fm *form) leaveOut(ctx context.Context, complaints map[string]string) (changed bool) {
	for id, why := range complaints {
		if _, sent := fm.send[id]; !sent {
			continue
		}
		switch id {
		case "components":
			changed = fm.otherComponent(why) || changed
		case "assignee":
			changed = fm.otherAssignee(ctx, why) || changed
		case "reporter":
			delete(fm.send, id)
			fm.omit("Reporter", fm.d.Reporter, why)
			changed = true
		case "priority":
			delete(fm.send, id)
			fm.omit("Priority", string(fm.d.Priority), why)
			changed = true
		default:
			changed = fm.withoutCustom(id, why) || changed
		}
	}
	if changed {
		fm.send["description"] = fm.description()
	}
	return changed
}

func (fm *form) otherComponent(why string) bool {
	fm.j.doubt() // Jira's components are others by now
	fm.omit("Component", fm.d.Component, why)
	fallback, known := fm.f.component(fm.j.opt.Component)
	was, _ := fm.send["components"].([]any)
	now := []any{map[string]any{"name": fallback}}
	if !known || len(was) == 0 || was[0].(map[string]any)["name"] == fallback {
		delete(fm.send, "components")
		return true
	}
	fm.send["components"] = now
	return true
}

// otherAssignee looks whether who is refused is called otherwise by now.
func (fm *form) otherAssignee(ctx context.Context, why string) bool {
	if fm.d.Assignee != "" && !fm.again && fm.j.refind(ctx, fm.f, fm.d.Assignee) {
		fm.again = true
		if called, err := fm.j.who(ctx, fm.f, fm.d.Assignee); err == nil {
			fm.send["assignee"] = fm.f.reference(called)
			return true
		}
	}
	delete(fm.send, "assignee")
	if fm.d.Assignee != "" {
		fm.omit("Assignee", fm.d.Assignee, why)
	}
	return true
}

// withoutCustom puts a field's value into the text instead.
func (fm *form) withoutCustom(id, why string) bool {
	for name, custom := range fm.j.opt.Fields {
		if def, ok := fm.f.field(custom); ok && def.ID == id && fm.d.Fields[name] != "" {
			delete(fm.send, id)
			fm.inText[name] = fm.d.Fields[name]
			fm.omit(def.Name, fm.d.Fields[name], why)
			return true
		}
	}
	return false
}

// body is a comment's text, with the name of who says it through Tebiki.
func commentBody(author, text string) string {
	body := wiki.Render(text)
	if author != "" {
		body = wiki.Render("**" + chat.Line(author) + "**:\n\n" + text)
	}
	return wiki.Cut(body, wiki.Limit, cutNote)
}

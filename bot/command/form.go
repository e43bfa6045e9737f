package command

import (
	"strings"
	"unicode/utf8"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/knowhow"
)

// The fields that every request has. Those of its component follow under
// their names, after a prefix that keeps them apart from these.
const (
	fieldTitle     = "title"
	fieldComponent = "component"
	fieldServer    = "server"
	fieldDetails   = "details"
	fieldPrefix    = "field."
)

// A wish is what a form says so far.
type wish struct {
	entry  *knowhow.Entry // nil while no component is chosen, or when it is gone
	values map[string]string
}

func (c *call) wish(values map[string]string) wish {
	w := wish{values: make(map[string]string, len(values))}
	for name, v := range values {
		w.values[name] = strings.TrimSpace(v)
	}
	w.values[fieldTitle] = strings.Join(strings.Fields(w.values[fieldTitle]), " ")
	if e, ok := c.KnowHow.Base().Entry(w.values[fieldComponent]); ok {
		w.entry = e
	}
	return w
}

// fields are the ticket's: the server and what the component asks for.
func (w wish) fields() map[string]string {
	out := map[string]string{}
	set := func(name, v string) {
		if v != "" {
			out[name] = v
		}
	}
	if w.entry != nil {
		for _, f := range w.entry.Fields {
			set(f.Name, w.values[fieldPrefix+f.Name])
		}
	}
	set(knowhow.FieldHost, w.values[fieldServer])
	return out
}

// form shows a wish. Choosing a component, and what its checks look up, asks
// for it anew.
func (c *call) form(w wish, s sheet) chat.Form {
	fields := []chat.Field{
		{Name: fieldTitle, Kind: chat.LineField, Required: true},
		c.component(w),
		{Name: fieldServer, Kind: chat.LookupField, Hint: c.p.Say("form.hint.server"), Reload: true},
	}
	for i := range fields {
		fields[i].Label = c.p.Say("form.field." + fields[i].Name)
	}
	if w.entry != nil {
		for i := range w.entry.Fields {
			fields = append(fields, c.own(&w.entry.Fields[i]))
		}
	}
	fields = append(fields, chat.Field{Name: fieldDetails, Label: c.p.Say("form.field." + fieldDetails), Kind: chat.TextField})
	for i, f := range fields {
		if f.Kind != chat.SelectField {
			fields[i].Value = w.values[f.Name]
		}
	}
	return chat.Form{ID: FormRequest, Lang: c.p.Lang(), State: s.String(), Title: c.p.Say("form.request"), Fields: fields, Submit: c.p.Say("form.send")}
}

func (c *call) component(w wish) chat.Field {
	f := chat.Field{Name: fieldComponent, Kind: chat.SelectField, Required: true, Reload: true}
	for _, e := range c.KnowHow.Base().Components() {
		f.Choices = append(f.Choices, chat.Choice{Value: e.Name, Label: e.Title.In(c.p.Lang())})
	}
	if w.entry != nil {
		f.Value = w.entry.Name
	}
	return f
}

// own is a field of the component.
func (c *call) own(f *knowhow.Field) chat.Field {
	out := chat.Field{Name: fieldPrefix + f.Name, Label: f.Label.In(c.p.Lang()), Kind: chat.LineField, Required: f.Required, Reload: true}
	if f.Pattern != nil {
		out.Hint = c.p.Say("form.hint.pattern", "pattern", f.Pattern)
	}
	return out
}

// How long what is written may be, in characters.
const (
	maxTitle = 250
	maxValue = 3000
)

// faults says what is wrong with a wish, by field.
func (c *call) faults(w wish) map[string]string {
	out := map[string]string{}
	for _, f := range c.form(w, sheet{}).Fields {
		most := maxValue
		if f.Name == fieldTitle {
			most = maxTitle
		}
		switch {
		case f.Required && f.Value == "":
			out[f.Name] = c.p.Say("form.required", "field", f.Label)
		case utf8.RuneCountInString(f.Value) > most:
			out[f.Name] = c.p.Say("form.long", "field", f.Label, "n", most)
		}
	}
	if w.entry == nil {
		if w.values[fieldComponent] != "" {
			out[fieldComponent] = c.p.Say("form.gone.component")
		}
		return out
	}
	c.misfits(w, out)
	return out
}

// misfits adds what does not fit the component's patterns, and a server that
// nobody knows.
func (c *call) misfits(w wish, out map[string]string) {
	for _, f := range w.entry.Fields {
		name := fieldPrefix + f.Name
		v := w.values[name]
		if out[name] == "" && v != "" && f.Pattern != nil && f.Pattern.Check(v) != nil {
			out[name] = c.p.Say("form.pattern", "field", f.Label.In(c.p.Lang()), "pattern", f.Pattern)
		}
	}
	if host := w.values[fieldServer]; out[fieldServer] == "" && host != "" && !c.takes(w.entry, host) {
		out[fieldServer] = c.p.Say("form.noserver", "server", shown(host))
	}
}

// takes tells whether a request may be about a host: one of the inventory,
// or any other that the component's checks can look at. An inventory that is
// away keeps nobody from asking.
func (c *call) takes(e *knowhow.Entry, host string) bool {
	_, err := c.Inventory.Server(c.ctx, host)
	if err == nil {
		return true
	}
	if adapters.CodeOf(err) != adapters.NotFound {
		c.Log.Warn("the inventory is away; a request is taken without it", "host", host, "err", err)
		return true
	}
	asked := false
	for _, check := range e.Checks() {
		for _, p := range check.Params {
			if p.From != knowhow.FieldHost {
				continue
			}
			if asked = true; p.Pattern.Check(host) != nil {
				return false
			}
		}
	}
	return asked
}

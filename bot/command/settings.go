package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
)

// How long somebody waits for the current settings, and how much of each
// check's output a form shows.
const (
	settingsTime  = 10 * time.Second
	settingsLines = 12
	settingsBytes = 1000
)

// A ready check has all its parameters.
type ready struct {
	check *knowhow.Check
	looks []string // at what
}

// ready finds the checks that can run with what a form says so far.
func (c *call) ready(w wish) (out []ready) {
	if w.entry == nil {
		return nil
	}
	fields := c.asked(w)
	for _, k := range w.entry.Checks() {
		if args, ok := filled(k, fields); ok {
			out = append(out, ready{k, args})
		}
	}
	return out
}

// filled gives what a check looks at: the host and the arguments, or the URL.
func filled(k *knowhow.Check, fields map[string]string) ([]string, bool) {
	if k.Get != nil {
		u, err := k.URL(fields)
		if err != nil {
			return nil, false
		}
		return []string{u.String(), k.Get.JSON}, true
	}
	args, err := k.Args(fields)
	if k.Where == knowhow.Server {
		host := fields[knowhow.FieldHost]
		return append([]string{host}, args...), err == nil && host != ""
	}
	return args, err == nil
}

// asked is what checks may take their parameters from.
func (c *call) asked(w wish) map[string]string {
	fields := w.fields()
	fields[knowhow.FieldRequester] = c.person.Tracker
	return fields
}

// digest names what checks look at; "" for none.
func digest(checks []ready) string {
	if len(checks) == 0 {
		return ""
	}
	h := sha256.New()
	for _, r := range checks {
		fmt.Fprintf(h, "%q\n", r.looks)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// look gives the form with the current settings, as far as they can be
// looked up.
func (c *call) look(w wish, s sheet) chat.Form {
	checks := c.ready(w)
	s.shows = digest(checks)
	f := c.form(w, s)
	if len(checks) > 0 {
		f.Intro = []chat.Section{{Heading: c.p.Say("form.settings"), Markdown: c.p.Markdown("form.look") + "\n\n" + brief.Results(c.p, c.run(checks, w))}}
	}
	return f
}

// run runs checks for somebody who waits. What is not done in time is late.
func (c *call) run(checks []ready, w wish) []check.Result {
	ctx, cancel := context.WithTimeout(c.ctx, settingsTime)
	defer cancel()
	list := make([]*knowhow.Check, len(checks))
	for i, r := range checks {
		list[i] = r.check
	}
	results := c.Checks.Run(ctx, check.Order{Checks: list, Fields: c.asked(w), Who: c.person.ID})
	for i := range results {
		results[i].Text = check.Shorten(results[i].Text, settingsLines, settingsBytes)
		if results[i].Reason == check.Stopped && c.ctx.Err() == nil {
			results[i].Reason = check.Late
		}
	}
	return results
}

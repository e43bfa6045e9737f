package main

import (
	"fmt"
	"io"
	"log/slog"

	"tebiki/adapters"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk"
	"tebiki/adapters/tracker"
	"tebiki/bot/app"
	"tebiki/bot/text"
	"tebiki/store"
)

type doctorCmd struct {
	Slack     doctorSlackCmd     `cmd:"" help:"Try the tokens, their scopes, and to find everybody and every channel. Posts nothing."`
	Tracker   doctorTrackerCmd   `cmd:"" help:"Try Jira or Redmine: address, credentials, permissions, types, components, statuses, people. Changes nothing."`
	KnowHow   doctorKnowHowCmd   `cmd:"" name:"knowhow" help:"Ask the repository of the know-how once, and say what would be in use."`
	Inventory doctorInventoryCmd `cmd:"" help:"Ask the inventory for hosts, and show what it says of each, and whom of it the configuration does not know."`
	Mail      doctorMailCmd      `cmd:"" help:"Try the mailboxes: connection, folder, flags, what waits; and the rules on their newest mails. Changes nothing."`
	Phone     doctorPhoneCmd     `cmd:"" help:"Try Asterisk: connection, application, endpoints, sounds and speech. Rings nobody, unless --call says whom."`
}

type doctorSlackCmd struct {
	Config string `help:"Configuration file." short:"c" type:"path" placeholder:"FILE" required:""`
}

// Run tells what is wrong, and what to do about each.
func (c *doctorSlackCmd) Run(w world) error {
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return err
	}
	if ws.config.Slack == nil {
		return fmt.Errorf("doctor slack: %s has no slack section: write its tokens there first", c.Config)
	}
	// What is remembered must not hide what is wrong now.
	opt := app.SlackOptions(ws.config, store.NewMemory())
	opt.Log = slog.New(slog.DiscardHandler)
	s, err := slack.New(opt)
	if err != nil {
		return err
	}
	var reached []slack.Person
	for _, p := range ws.config.Roster.People() {
		reached = append(reached, slack.Person{Name: p.Name, Address: p.Chat})
	}
	for _, t := range ws.config.Roster.Teams() {
		if t.Channel != "" {
			reached = append(reached, slack.Person{Name: t.Name, Address: t.Channel})
		}
	}
	if err := tell(w.out, s.Doctor(w.ctx, reached)); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "no faults: the tokens and scopes are right, and all %d people and channels were found\n", len(reached))
	return nil
}

// tell writes findings for a person; any of them makes the exit status 1.
func tell(out io.Writer, found []adapters.Finding) error {
	for _, f := range found {
		fmt.Fprintf(out, "%s: %s\n\tto do: %s\n", f.About, f.Fault, f.Do)
	}
	if len(found) > 0 {
		return fmt.Errorf("%w: %d", errFaults, len(found))
	}
	return nil
}

type doctorTrackerCmd struct {
	Config string `help:"Configuration file." short:"c" type:"path" placeholder:"FILE" required:""`
}

// Run tells how the tracker is, what is wrong, and what to do about it.
func (c *doctorTrackerCmd) Run(w world) error {
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return err
	}
	if ws.config.Tracker == nil {
		return fmt.Errorf("doctor tracker: %s has no tracker section: tickets are in Tebiki's own", c.Config)
	}
	// What is remembered must not hide what is wrong now.
	t, err := app.OpenTracker(ws.config, store.NewMemory(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	expect, err := ws.expect(w)
	if err != nil {
		return err
	}
	report := t.Doctor(w.ctx, expect)
	for _, fact := range report.Facts {
		fmt.Fprintln(w.out, fact)
	}
	if err := tell(w.out, report.Found); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "no faults: all %d components and %d people were found\n", len(expect.Components), len(expect.People))
	return nil
}

// expect is what the tracker must have for this workspace.
func (ws *workspace) expect(w world) (e tracker.Expect, err error) {
	base, err := ws.knowHow(w)
	if err != nil {
		return e, err
	}
	for _, entry := range base.Components() {
		e.Components = append(e.Components, entry.Name)
	}
	for _, p := range ws.config.Roster.People() {
		e.People = append(e.People, p.Tracker)
	}
	return e, nil
}

type doctorPhoneCmd struct {
	Config string `help:"Configuration file." short:"c" type:"path" placeholder:"FILE" required:""`
	Test   string `help:"Endpoint that answers by itself, to which a prompt is played." default:"Local/hear@tebiki-test" placeholder:"ENDPOINT"`
	Call   string `help:"Endpoint or number to ring: whoever answers presses any key." placeholder:"PHONE"`
	Lang   string `help:"Language that is spoken." enum:"en,ja" default:"en"`
}

// Run tells how the telephone is, what is wrong, and what to do about it.
func (c *doctorPhoneCmd) Run(w world) error {
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return err
	}
	if ws.config.Phone.Asterisk == nil {
		return fmt.Errorf("doctor phone: %s has no phone.asterisk: it rings in the console", c.Config)
	}
	t, err := app.OpenTelephone(ws.config, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	p := text.For(c.Lang, nil)
	o := asterisk.DoctorOptions{Test: c.Test, Call: c.Call, Lang: c.Lang,
		Prompt: []phone.Sentence{{Text: p.Say("doctor.prompt"), Fixed: "hello"}}, Thanks: []phone.Sentence{{Text: p.Say("doctor.thanks"), Fixed: "goodbye"}}}
	for _, person := range ws.config.Roster.People() {
		o.People = append(o.People, asterisk.Person{Name: person.Name, Phone: person.Phone})
	}
	report := t.Doctor(w.ctx, o)
	found := append(report.Found, t.Folder.Findings()...)
	if t.Speech != nil {
		found = append(found, t.Speech.Findings(w.ctx)...)
	}
	for _, fact := range report.Facts {
		fmt.Fprintln(w.out, fact)
	}
	if err := tell(w.out, found); err != nil {
		return err
	}
	fmt.Fprintln(w.out, "no faults")
	return nil
}

package main

import (
	"fmt"
	"log/slog"
	"strings"

	"tebiki/adapters/chat/slack"
	"tebiki/bot/app"

	"tebiki/bot/text"
	"tebiki/store"

	chatcommand "tebiki/bot/command"
)

type slackCmd struct {
	Manifest manifestCmd `cmd:"" help:"Print the app manifest, to be pasted under \"Create New App\", \"From a manifest\" in Slack."`
}

type manifestCmd struct {
	Config string `help:"Configuration file that says how Slack is reached: by its slack.mode and slack.url." short:"c" type:"path" placeholder:"FILE"`
	Name   string `help:"What the app is called." default:"Tebiki"`
	Lang   string `help:"Language of the commands' descriptions." enum:"en,ja" default:"en"`
	URL    string `help:"Public address for Slack's requests, before there is a configuration with mode: http. Without one it is Socket Mode." placeholder:"https://HOST/PATH"`
}

// Run prints the manifest.
func (c *manifestCmd) Run(w world) error {
	url, err := c.url(w)
	if err != nil {
		return err
	}
	o := slack.ManifestOptions{Name: c.Name, Mode: slack.Socket, URL: url, Description: text.For(c.Lang, nil).Say("slack.description")}
	if url != "" {
		o.Mode = slack.HTTP
	}
	for _, k := range chatcommand.All(text.For(c.Lang, nil)) {
		s := slack.SlashCommand{Name: "/" + k.Name, Description: k.Usage}
		if k.Name == "help" { // others have a /help of their own
			s.Name, k.Example = "/tebiki", "/tebiki help"
		}
		_, s.Usage, _ = strings.Cut(k.Example, " ")
		o.Commands = append(o.Commands, s)
	}
	out, err := slack.Manifest(o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "%s\n", out)
	return err
}

// url is where Slack sends its requests; "" with Socket Mode.
func (c *manifestCmd) url(w world) (string, error) {
	if c.Config == "" {
		return c.URL, nil
	}
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return "", err
	}
	if ws.config.Slack == nil {
		return "", fmt.Errorf("slack manifest: %s has no slack section: leave out --config, or write the section first", c.Config)
	}
	return ws.config.Slack.URL, nil
}

type doctorCmd struct {
	Slack doctorSlackCmd `cmd:"" help:"Try the tokens, their scopes, and to find everybody and every channel. Posts nothing."`
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
	found := s.Doctor(w.ctx, reached)
	for _, f := range found {
		fmt.Fprintf(w.out, "%s: %s\n\tto do: %s\n", f.About, f.Fault, f.Do)
	}
	if len(found) > 0 {
		return fmt.Errorf("%w: %d", errFaults, len(found))
	}
	fmt.Fprintf(w.out, "no faults: the tokens and scopes are right, and all %d people and channels were found\n", len(reached))
	return nil
}

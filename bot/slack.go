package main

import (
	"fmt"
	"strings"

	"tebiki/adapters/chat/slack"

	"tebiki/bot/text"

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

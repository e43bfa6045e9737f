package slack

import (
	"encoding/json"
	"fmt"
	"slices"

	"tebiki/adapters/chat/slack/mrkdwn"
)

// A SlashCommand is a command that the app offers in Slack.
type SlashCommand struct {
	Name        string // "/knowhow"
	Description string
	Usage       string // what may follow: "<component or words>"
}

// ManifestOptions say what the app is called and what it offers.
type ManifestOptions struct {
	Name        string // "" means Tebiki
	Description string
	Mode        Mode   // "" means Socket
	URL         string // with HTTP: where Slack reaches the handler of HTTP
	Commands    []SlashCommand
}

// manifest is Slack's own form of an app's settings.
type manifest struct {
	Display struct {
		Name        string `json:"name"`
		Description string `json:"description,omitempty"`
	} `json:"display_information"`
	Features struct {
		Home     appHome           `json:"app_home"`
		Bot      botUser           `json:"bot_user"`
		Commands []manifestCommand `json:"slash_commands,omitempty"`
	} `json:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `json:"bot"`
		} `json:"scopes"`
	} `json:"oauth_config"`
	Settings settings `json:"settings"`
}

type appHome struct {
	Home     bool `json:"home_tab_enabled"`
	Messages bool `json:"messages_tab_enabled"`
	ReadOnly bool `json:"messages_tab_read_only_enabled"`
}

type botUser struct {
	Name   string `json:"display_name"`
	Online bool   `json:"always_online"`
}

type manifestCommand struct {
	Command     string `json:"command"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description"`
	Usage       string `json:"usage_hint,omitempty"`
	Escape      bool   `json:"should_escape"`
}

type settings struct {
	Events struct {
		URL string   `json:"request_url,omitempty"`
		Bot []string `json:"bot_events"`
	} `json:"event_subscriptions"`
	Interactivity struct {
		Enabled bool   `json:"is_enabled"`
		URL     string `json:"request_url,omitempty"`
		Options string `json:"message_menu_options_url,omitempty"`
	} `json:"interactivity"`
	OrgDeploy bool `json:"org_deploy_enabled"`
	Socket    bool `json:"socket_mode_enabled"`
	Rotation  bool `json:"token_rotation_enabled"`
}

// Manifest gives the settings from which Slack makes the app, as JSON: it is
// pasted under "Create New App", "From a manifest". It asks for the scopes
// and events that this package uses.
func Manifest(o ManifestOptions) ([]byte, error) {
	if o.Mode == HTTP && o.URL == "" {
		return nil, fmt.Errorf("make the manifest of the Slack app: the mode http needs the public address of this program")
	}
	var m manifest
	m.Display.Name = cutLabel(or(o.Name, "Tebiki"), 35)
	m.Display.Description = cutLabel(mrkdwn.Line(o.Description), 140)
	m.Features.Home = appHome{Home: true, Messages: true}
	m.Features.Bot = botUser{Name: m.Display.Name, Online: true}
	for _, c := range o.Commands {
		m.Features.Commands = append(m.Features.Commands, manifestCommand{
			Command: c.Name, Description: cutLabel(mrkdwn.Line(c.Description), 140), Usage: cutLabel(c.Usage, 1000), URL: o.url(),
		})
	}
	m.OAuth.Scopes.Bot = Scopes()
	m.Settings.Events.Bot, m.Settings.Events.URL = eventNames(), o.url()
	m.Settings.Interactivity.Enabled = true
	m.Settings.Interactivity.URL, m.Settings.Interactivity.Options = o.url(), o.url()
	m.Settings.Socket = o.Mode != HTTP
	return json.MarshalIndent(m, "", "  ")
}

func (o ManifestOptions) url() string {
	if o.Mode != HTTP {
		return ""
	}
	return o.URL
}

// Scopes are those that the bot token needs.
func Scopes() []string {
	out := []string{"commands"}
	for _, m := range methods {
		out = append(out, m.scopes...)
	}
	for _, e := range events {
		if e.scope != "" {
			out = append(out, e.scope)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func eventNames() (names []string) {
	for _, e := range events {
		names = append(names, e.name)
	}
	return names
}

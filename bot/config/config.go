// Package config makes one validated value of a YAML file.
//
// A file goes three steps. The reader takes the YAML apart into wire types,
// strictly: a key it does not know, a key written twice, a word where a number
// belongs are faults. The builder makes the values that the program works with
// (roster, rules) of the wire types and looks up every reference. Then the
// rules check themselves, and what they find is traced back to its line.
// Faults do not stop a step, so one run tells everything that has to be
// corrected, and a fault that only follows from another is left out.
//
// What comes out is never changed: a new file makes a new Config.
package config

import (
	"fmt"
	"io/fs"
	"net"
	"path"
	"time"

	// Zones are known by name also where no zone files are installed, as in
	// a container made from nothing.
	_ "time/tzdata"

	"tebiki/bot/holiday"
	"tebiki/bot/roster"
	"tebiki/escalation"
)

// A Config is everything the configuration decides.
type Config struct {
	Listen   string // host:port of the console
	URL      string // how people reach the console, without a slash at the end
	Hosts    []string
	Password Secret
	Token    Secret // for the API

	Slack   *Slack   // nil: people chat in the console
	Tracker *Tracker // nil: tickets are in the console

	Roster      *roster.Roster
	Calendars   []*holiday.Calendar // of the teams
	Morning     Morning
	Rules       *escalation.Rules
	Webhooks    []Webhook
	Mail        *Mail         // nil: none come in
	RequestTeam string        // whose a request is when its know-how names no team
	RemindAfter time.Duration // working time that a ticket may wait for a leader
	Phone       Phone
	Checks      Checks

	// Relative ones are relative to the folder of the configuration.
	InventoryFile, KnowhowDir string
	KnowhowGit                *Git // in place of KnowhowDir

	Inventory *Inventory // asked in place of InventoryFile, when set

	Retain time.Duration // how long what is over is kept
}

// Slack says how to reach the Slack workspace.
type Slack struct {
	HTTP                              bool // requests from Slack instead of Socket Mode
	BotToken, AppToken, SigningSecret Secret
	API                               string        // "" means Slack's own
	Wait                              time.Duration // for Slack's rate limits; then a page goes on to the phone
	Listen                            string        // with HTTP: host:port that takes Slack's requests
	URL                               string        // with HTTP: where Slack reaches it
}

// Phone says how calls are made.
type Phone struct {
	Lines  int           // calls at the same time
	Ring   time.Duration // how long before a call counts as not answered
	Repeat int           // how often the text is spoken

	Hotline  Hotline
	Asterisk *Asterisk // nil: it rings in the console
}

// Load reads the file called name. Secrets come from the environment through
// env, or from files: relative ones from fsys, absolute ones from the machine.
// What is wrong with the content is returned as Faults, all at once.
func Load(fsys fs.FS, name string, env func(string) (string, bool)) (*Config, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read the configuration (tebiki init DIR writes one to start from): %w", err)
	}
	r := newReader(name)
	var w wire
	if !r.document(data, &w) {
		return nil, r.sorted()
	}
	b := builder{reader: r, wire: &w, secrets: secrets{fsys: fsys, folder: path.Dir(name), env: env}}
	cfg := b.build()
	if len(r.faults) > 0 {
		return nil, r.sorted()
	}
	return cfg, nil
}

// Exposed tells whether the console can be reached from other machines and
// nothing guards it: nobody should serve so.
func (c *Config) Exposed() bool {
	return !c.Password.IsSet() && !c.Token.IsSet() && !loopback(c.Listen)
}

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

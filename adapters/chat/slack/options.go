package slack

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tebiki/store"
)

// A Mode is the way by which Slack reaches the bot.
type Mode string

// The modes.
const (
	Socket Mode = "socket" // a connection from here: needs an app token, no public address
	HTTP   Mode = "http"   // requests from Slack: needs a public address and the signing secret
)

// Options say how to reach Slack. BotToken and Store are always required,
// AppToken with Socket, SigningSecret with HTTP.
type Options struct {
	BotToken, AppToken, SigningSecret string

	Mode       Mode         // "" means Socket
	APIURL     string       // "" means Slack's own
	HTTPClient *http.Client // nil means one with sensible limits
	Store      store.Store
	Log        *slog.Logger // nil means slog.Default

	// Knows tells whether the handler knows somebody by an address. Who acts
	// and is not known by their Slack id is looked up, and known by the mail
	// address that they have in Slack. Nil means that ids are all there is.
	Knows func(address string) bool

	Lang    string        // of the adapter's own few words where a message has none: "en" (default) or "ja"
	Opens   []string      // commands ("/request") and button IDs that answer with a form: a window opens at once
	Rates   *Rates        // nil means DefaultRates
	MaxWait time.Duration // how long a message may wait for the rate limit; 0 means 10 s
	Timeout time.Duration // of one call; 0 means 15 s
	Workers int           // how many people are answered at once; 0 means 16
	Keep    time.Duration // how long it is remembered where a message stands; 0 means 400 days
}

// check finds what cannot work whatever Slack says.
func (o *Options) check() error {
	var faults []error
	fault := func(bad bool, what string) {
		if bad {
			faults = append(faults, errors.New("slack: "+what))
		}
	}
	fault(o.Store == nil, "no store was given")
	fault(o.Mode != Socket && o.Mode != HTTP, "the mode is neither \"socket\" nor \"http\"")
	fault(!strings.HasPrefix(o.BotToken, "xoxb-"), "the bot token must begin with xoxb-: take it from \"OAuth & Permissions\" of the app")
	fault(o.Mode == Socket && !strings.HasPrefix(o.AppToken, "xapp-"), "Socket Mode needs an app token that begins with xapp-: make one with the scope connections:write under \"Basic Information\" of the app")
	fault(o.Mode == HTTP && o.SigningSecret == "", "the mode http needs the signing secret: take it from \"Basic Information\" of the app")
	return errors.Join(faults...)
}

func (o *Options) fill() {
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Timeout: time.Minute}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Rates == nil {
		rates := DefaultRates()
		o.Rates = &rates
	}
	if o.MaxWait <= 0 {
		o.MaxWait = 10 * time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = 15 * time.Second
	}
	if o.Workers <= 0 {
		o.Workers = 16
	}
	if o.Keep <= 0 {
		o.Keep = 400 * 24 * time.Hour
	}
	if o.Lang == "" {
		o.Lang = "en"
	}
}

// Package app builds the parts of Tebiki from the configuration, starts them,
// and ends them in an order that loses nothing. It takes no decisions.
//
// The parts, from the store outwards:
//
//	store/bolt ─ escalation/runner ─ store/outbox ─ the flows ─ adapters ─ adapters/web
//
// Run starts them in this order and ends them the other way round: first
// nothing new comes in, then what is under way ends, then the loop that
// commits, then the store.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk"
	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/audit"
	"tebiki/bot/config"
	"tebiki/bot/console"
	"tebiki/bot/daily"
	"tebiki/bot/digest"
	"tebiki/bot/guide"
	"tebiki/bot/hotline"
	"tebiki/bot/hotline/recording"
	"tebiki/bot/upkeep"
	"tebiki/bot/watch"
	"tebiki/escalation/runner"
	"tebiki/store"
	"tebiki/store/bolt"
	"tebiki/store/outbox"

	chatconsole "tebiki/adapters/chat/console"
	phoneconsole "tebiki/adapters/phone/console"
)

// File is the name of the one file that holds all that must survive.
const File = "tebiki.db"

// Options are what the command line decides.
type Options struct {
	Config *config.Config
	Files  fs.FS  // where the inventory and, without Dir, the know-how are read from
	Dir    string // the configuration's folder; "" when Files are embedded
	Data   string // the folder of the store's file
	Log    *slog.Logger

	Listener  net.Listener      // serves the console in place of the configuration's address, when set
	Transport http.RoundTripper // calls the tracker in place of connections of its own, when set
	Dial      asterisk.Dial     // connects to Asterisk in place of the machine's network, when set
}

// An App is Tebiki, built and not yet running.
type App struct {
	cfg    *config.Config
	log    *slog.Logger
	ln     net.Listener
	close  []func() error
	loaded time.Duration // what loading the state took

	builtIn bool // the know-how is part of the program

	store     *bolt.Store
	runner    *runner.Runner
	outbox    *outbox.Outbox
	tracker   tracker.Tracker
	chat      chat.Chat
	messages  *chatconsole.Console // the chat, when it is the console's own
	slack     *slack.Slack         // the chat, when it is Slack
	slackDoor net.Listener         // where Slack's requests come in; nil with Socket Mode

	recordings *recording.Folder // what callers have said; nil when nobody can call in
	hotline    *hotline.Flow

	trackerDoor   net.Listener // where the tracker's webhooks come in; nil without
	trackerEvents http.Handler

	calls     phone.Phone
	phone     *phoneconsole.Console // the same, when it rings in the console
	telephone *Telephone            // the same, when it rings through Asterisk
	inventory servers
	library   *library
	watch     *watch.Watch
	digest    *digest.Flow
	upkeep    *upkeep.Flow
	mornings  []daily.Work
	tickets   console.Tickets
	guide     *guide.Guide
	audit     *audit.Log
	mails     *mails // nil: none come in
	web       *web.Server

	followInventory func(context.Context) // nil when it does not change by itself
}

// New builds the parts and takes the address, so that what is wrong with the
// configuration or the machine is known before anything runs. On an error
// nothing is left open.
func New(ctx context.Context, o Options) (*App, error) {
	a := &App{cfg: o.Config, log: o.Log, builtIn: o.Dir == ""}
	for _, step := range []func(context.Context, Options) error{a.openStore, a.openInventory, a.openKnowHow, a.listen, a.buildCore, a.buildFlows, a.buildHotline, a.buildMail, a.buildWeb} {
		if err := step(ctx, o); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

// Close frees what New has taken. Run does it too.
func (a *App) Close() error {
	var errs []error
	for i := len(a.close) - 1; i >= 0; i-- {
		errs = append(errs, a.close[i]())
	}
	a.close = nil
	return errors.Join(errs...)
}

// Addr is the address that is served.
func (a *App) Addr() net.Addr { return a.ln.Addr() }

func (a *App) openStore(_ context.Context, o Options) error {
	st, err := bolt.Open(filepath.Join(o.Data, File), bolt.Options{})
	if err != nil {
		return err
	}
	a.store = st
	a.close = append(a.close, st.Close)
	return nil
}

// buildCore makes the loop and the adapters that need nothing of the flows.
func (a *App) buildCore(ctx context.Context, o Options) error {
	if err := a.buildTracker(o.Transport); err != nil {
		return err
	}
	if err := a.buildPhone(o.Dial); err != nil {
		return err
	}
	if err := a.buildChat(); err != nil {
		return err
	}
	a.runner = runner.New(a.store, a.cfg.Rules, runner.Options{Retain: a.cfg.Retain, Log: a.log, Announce: readAlong(a.cfg.Roster), Wake: func() { a.outbox.Wake() }})
	began := time.Now()
	if err := a.runner.Load(ctx); err != nil {
		return err
	}
	a.loaded = time.Since(began)
	return nil
}

// sessionKey gives the key that signs the console's sessions: made once and
// kept, so that a restart logs nobody out.
func (a *App) sessionKey(ctx context.Context) ([]byte, error) {
	const bucket, name, size = "app", "session", 32
	fresh := make([]byte, size)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("make a key for sessions: %w", err)
	}
	key := fresh
	err := a.store.Update(ctx, func(tx store.Writer) error {
		if kept := tx.Get(bucket, name); len(kept) == size {
			key = append([]byte(nil), kept...)
			return nil
		}
		return tx.Put(bucket, name, fresh)
	})
	return key, err
}

// listen takes the address, unless that would show the console to others
// without a password.
func (a *App) listen(ctx context.Context, o Options) error {
	if o.Listener != nil {
		a.ln = o.Listener
		a.closeLater(o.Listener)
		return nil
	}
	hasSecret := a.cfg.Password.Reveal() != "" || a.cfg.Token.Reveal() != ""
	if err := web.CheckListen(a.cfg.Listen, hasSecret); err != nil {
		return err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("serve on %s: %w: is another program, or another tebiki, using it? --listen chooses another address", a.cfg.Listen, err)
	}
	a.ln = ln
	a.closeLater(ln)
	return nil
}

// closeLater frees an address at the end, unless whoever served it has done
// so before.
func (a *App) closeLater(ln net.Listener) {
	a.close = append(a.close, func() error {
		if err := ln.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
}

// url is how people reach the console, without a slash at its end. Which port
// it is when any would do is known only now.
func (a *App) url() string {
	url := strings.TrimRight(a.cfg.URL, "/")
	tcp, ok := a.ln.Addr().(*net.TCPAddr)
	if site, free := strings.CutSuffix(url, ":0"); free && ok {
		return fmt.Sprintf("%s:%d", site, tcp.Port)
	}
	return url
}

// Package hotline answers the telephone when people call in: whoever looks
// after the servers, and whoever stands in front of one that smokes.
//
//	a call ─► who is it? ─┬─ known by number or PIN ─► menu ─┬─ 1 incidents: hear, acknowledge or take over
//	                      │                                  ├─ 2 who is on call: hear, be connected
//	                      └─ a stranger ─────────────────────┴─ 3 report: speak after the tone
//
// What a key does is an event for the escalation, the same that a button in
// chat sends, and it is confirmed by voice only after the commit. A report
// becomes an urgent alert by the same way that a monitoring system's takes;
// the recording is on the disk before the alert is submitted, and the alert
// is submitted whatever became of the recording. Once somebody has spoken, a
// hangup stops nothing.
//
// Strangers can report and nothing else. A number is what the network says
// it is, and somebody who sends another's number is taken for them, as with
// every voicemail box, unless everybody is asked for their PIN; a PIN can be guessed at no faster than guard.go lets
// anybody.
//
// Every wait has an end: that of a question by the line, that of a whole call
// by a deadline, which a conversation does not count towards. One line of the
// log says for each call who it was and what they did.
//
// Stored: bucket "hotline.report", key the caller's fingerprint, a remembered
// as JSON, version 1: what the next report of the same caller is to be
// matched by. It is written in the commit that holds the alert.
package hotline

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"tebiki/adapters/phone"
	"tebiki/bot/guide"
	"tebiki/bot/roster"
	"tebiki/escalation"
	"tebiki/store"
)

// Core is what is needed of escalation/runner.
type Core interface {
	Incident(context.Context, escalation.ID) (escalation.Incident, bool, error)
	Open(context.Context, int, func(*escalation.Incident) bool) ([]escalation.Incident, error)
	SubmitWith(context.Context, func(store.Writer) error, ...escalation.Event) ([]escalation.Receipt, error)
}

// Recordings keep what was said, and give the name by which the console finds
// it.
type Recordings interface {
	Keep(ctx context.Context, wav io.Reader, now time.Time) (id string, err error)
}

// A Flow implements phone.Answerer.
type Flow struct {
	Core       Core
	Store      store.Store
	Recordings Recordings
	Roster     *roster.Roster
	Rules      *escalation.Rules
	Guide      *guide.Guide
	Team       string        // in whose language strangers are spoken to
	Country    string        // code that a number without one has
	AskPIN     bool          // of those whose number is known, too
	URL        string        // of the console, without a slash at its end
	Lines      int           // callers at the same time
	Ring       time.Duration // how long the phone rings of somebody a caller is connected to
	Repeat     int           // how often a menu is said again
	Log        *slog.Logger

	doors    doors
	guard    guard
	figures  figures
	derive   sync.Mutex // PINs are compared one after the other, on one core
	reported sync.Mutex // a caller's second report finds the first
}

// The lengths of what has no length of its own.
const (
	maxCall   = 10 * time.Minute // without conversations
	extension = time.Minute      // after a report or a conversation that took all of it
	maxTalk   = 2 * time.Hour    // one conversation
	maxWords  = 15 * time.Second // the last words of a call
	maxStore  = 10 * time.Second // until it is stored or is not
	maxSpeak  = 2 * time.Minute  // a report
	minSpeak  = time.Second      // what is shorter is nothing
)

// Answer implements phone.Answerer.
func (f *Flow) Answer(ctx context.Context, l phone.Line) {
	v := f.visit(ctx, l)
	defer v.close()
	if !f.doors.enter(f.Lines) {
		v.end(v.turnAway())
		return
	}
	defer f.doors.leave()
	v.end(v.talk())
}

// doors count who is in, and who is being told that all lines are busy.
type doors struct {
	mu           sync.Mutex
	inside, away int
}

func (d *doors) enter(lines int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inside >= lines {
		return false
	}
	d.inside++
	return true
}

func (d *doors) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside--
}

// turn counts whoever is turned away with words. Beyond so many there are
// none: telling takes a line, too.
func (d *doors) turn(lines int) (leave func(), ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away >= lines {
		return nil, false
	}
	d.away++
	return func() { d.mu.Lock(); defer d.mu.Unlock(); d.away-- }, true
}

func (d *doors) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inside
}

package app

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk"
	"tebiki/adapters/phone/speech"
	"tebiki/adapters/phone/speech/command"
	"tebiki/adapters/phone/speech/recorded"
	"tebiki/adapters/phone/speech/sounds"
	"tebiki/adapters/web"
	"tebiki/bot/config"
	"tebiki/bot/console"
	"tebiki/bot/hotline"
	"tebiki/bot/hotline/recording"

	phoneconsole "tebiki/adapters/phone/console"
)

const (
	// speaks is how long a program may take to speak before recorded words
	// are used.
	speaks     = 6 * time.Second
	sweepVoice = 6 * time.Hour // how often old sounds are looked for
)

// A Telephone is a way through an Asterisk, with what speaks on it.
type Telephone struct {
	*asterisk.Asterisk
	Folder sounds.Folder
	Speech *command.Voice // nil when only recorded words speak
	voice  *speech.Fallback
	counts *counts
	log    *slog.Logger
}

// OpenTelephone makes the adapter of the configuration's Asterisk. It calls
// nobody yet.
func OpenTelephone(cfg *config.Config, log *slog.Logger) (*Telephone, error) {
	return openTelephone(cfg, nil, log)
}

func openTelephone(cfg *config.Config, dial asterisk.Dial, log *slog.Logger) (*Telephone, error) {
	c := cfg.Phone.Asterisk
	folder, err := sounds.Open(c.Sounds)
	if err != nil {
		return nil, fmt.Errorf("open Asterisk's sounds (phone.asterisk.sounds): %w", err)
	}
	spare, err := recorded.New(folder)
	if err != nil {
		return nil, err
	}
	t := &Telephone{Folder: folder, counts: &counts{of: map[string]uint64{}}, log: log}
	var voice speech.Voice = spare
	if len(c.Speech) > 0 {
		if t.Speech, err = command.New(folder, c.Speech, command.DefaultLimits()); err != nil {
			return nil, fmt.Errorf("phone.asterisk.speech: %w", err)
		}
		voice = t.Speech
	}
	t.voice = speech.NewFallback(voice, spare, speaks, t.unspoken())
	t.Asterisk, err = asterisk.New(asterisk.Options{
		URL: c.URL, User: c.User, Password: c.Password.Reveal(), App: c.App, CallerID: c.CallerID, Number: c.Number, CA: c.CA,
		Voice: t.voice, Spare: spare, Dial: dial, Log: log, Count: t.counts.add,
	})
	return t, err
}

// A voice that fails does so at every sentence of a night: the same fault is
// logged again only after a while, and so many in it.
const (
	sayAgain = time.Hour
	mostSaid = 64
)

// unspoken counts and logs what a voice could not say.
func (t *Telephone) unspoken() func(error) {
	var mu sync.Mutex
	told := map[string]time.Time{}
	return func(err error) {
		t.counts.add("speech failed")
		mu.Lock()
		defer mu.Unlock()
		maps.DeleteFunc(told, func(_ string, at time.Time) bool { return time.Since(at) >= sayAgain })
		if _, known := told[err.Error()]; known || len(told) >= mostSaid {
			return
		}
		told[err.Error()] = time.Now()
		t.log.Warn("sentences cannot be spoken; recorded words, or a tone, are heard instead", "err", err)
	}
}

// Run keeps the connection and sweeps old sounds until ctx ends.
func (t *Telephone) Run(ctx context.Context) error {
	var all sync.WaitGroup
	if t.Speech != nil {
		all.Go(func() {
			t.Speech.Run(ctx, sweepVoice, func(_ command.Swept, err error) {
				if err != nil {
					t.log.Warn("old sounds cannot be removed", "err", err)
				}
			})
		})
	}
	err := t.Asterisk.Run(ctx)
	all.Wait()
	t.voice.Wait()
	return err
}

// counts are what happened on the telephone since the start.
type counts struct {
	mu sync.Mutex
	of map[string]uint64
}

func (c *counts) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of[what]++
}

func (c *counts) each(tell func(what string, n uint64)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for what, n := range c.of {
		tell(what, n)
	}
}

// buildPhone makes the telephone: it rings in the console unless the
// configuration names an Asterisk.
func (a *App) buildPhone(dial asterisk.Dial) error {
	if a.cfg.Phone.Asterisk == nil {
		a.phone = phoneconsole.New()
		a.calls = a.phone
		return nil
	}
	t, err := openTelephone(a.cfg, dial, a.log)
	if err != nil {
		return fmt.Errorf("set up the telephone: %w", err)
	}
	a.telephone, a.calls = t, t.Asterisk
	return nil
}

// buildHotline answers whoever calls in, and keeps what they say.
func (a *App) buildHotline(_ context.Context, o Options) error {
	if a.telephone == nil {
		return nil
	}
	c := a.cfg.Phone.Hotline
	kept, err := recording.Open(filepath.Join(o.Data, "recordings"), recording.Limits{Number: c.Recordings, Age: c.Keep}, a.log)
	if err != nil {
		return err
	}
	a.recordings = kept
	a.hotline = &hotline.Flow{Core: a.runner, Store: a.store, Recordings: kept, Roster: a.cfg.Roster, Rules: a.cfg.Rules, Guide: a.guide,
		Team: a.cfg.RequestTeam, Country: c.Country, AskPIN: c.AskPIN, URL: a.url(), Lines: c.Lines, Ring: a.cfg.Phone.Ring, Repeat: a.cfg.Phone.Repeat, Log: a.log}
	a.telephone.SetAnswerer(a.hotline)
	return nil
}

// webPhones are the pages of the telephone that rings in the console; none
// where it rings elsewhere.
func (a *App) webPhones() web.Phones {
	if a.phone == nil {
		return nil
	}
	return console.Phones{Phone: a.phone, Roster: a.cfg.Roster, Core: a.runner, Guide: a.guide}
}

func (a *App) watchPhones() func() <-chan struct{} {
	if a.phone == nil {
		return nil
	}
	return a.phone.Watch
}

// webRecordings are what callers have said; none where nobody can call in.
func (a *App) webRecordings() web.Recordings {
	if a.recordings == nil {
		return nil
	}
	return a.recordings
}

var _ phone.Phone = (*Telephone)(nil)

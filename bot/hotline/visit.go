package hotline

import (
	"context"
	"errors"
	"strings"
	"time"

	"tebiki/adapters/phone"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/text"
)

// A visit is one call from its beginning to its end.
type visit struct {
	*Flow
	line  phone.Line
	call  context.Context // lasts as long as the call
	ctx   context.Context // ends when the caller has had time enough
	close func()

	began  time.Time
	number string // that the network gave, made plain; "" when it is withheld
	person roster.Person
	known  bool
	how    string // they are known: "number" or "PIN"
	p      text.Printer
	chosen bool // the language

	did      []string // for the log
	rounds   int      // questions so far
	troubles int      // sentences and questions that the line could not do
	talks    int
	reports  int

	wrongPINs int
}

// Bounds of a visit that time alone does not set: a line that fails at once
// takes no time.
const (
	maxRounds   = 200 // questions
	maxWrong    = 8   // keys in a row that lead nowhere
	maxTroubles = 3
	maxTalks    = 5
	maxReports  = 5
	maxNumber   = 40 // characters of a number that are shown
)

var (
	errSilent  = errors.New("nothing was pressed")
	errLost    = errors.New("only keys were pressed that lead nowhere")
	errEnough  = errors.New("it went on for too long")
	errPIN     = errors.New("wrong PINs")
	errAllBusy = errors.New("all lines are busy")
)

func (f *Flow) visit(ctx context.Context, l phone.Line) *visit {
	v := &visit{Flow: f, line: l, call: ctx, close: func() {}, began: time.Now(), number: brief.Plain(l.Caller(), maxNumber)}
	team, _ := f.Roster.Team(f.Team)
	v.p = text.For(team.Lang, team.Zone)
	if p, ok := f.Roster.ByNumber(l.Caller(), f.Country); ok && f.AskPIN {
		v.p = text.For(p.Lang, p.Zone) // whoever it is, they may well speak it
	} else if ok {
		v.know(p, "number")
	}
	v.allow(maxCall)
	return v
}

// know makes the caller a person. A language they have chosen stays.
func (v *visit) know(p roster.Person, how string) {
	lang := p.Lang
	if v.chosen {
		lang = v.p.Lang()
	}
	v.person, v.known, v.how, v.p = p, true, how, text.For(lang, p.Zone)
}

// allow gives the caller so much time from now.
func (v *visit) allow(d time.Duration) {
	v.close()
	v.ctx, v.close = context.WithTimeout(v.call, d)
}

// extend lets the caller hear what came of a report or a conversation, which
// may have taken all the time there was.
func (v *visit) extend() {
	if end, _ := v.ctx.Deadline(); time.Until(end) < extension {
		v.allow(extension)
	}
}

// over tells whether an error is the end of the call. What else a line says
// is trouble with a sentence or a key, and the next one may be heard.
func (v *visit) over(err error) bool {
	return errors.Is(err, phone.ErrHungUp) || v.ctx.Err() != nil
}

// bear takes the line's trouble as long as there is not too much of it.
func (v *visit) bear(err error) error {
	if err == nil || v.over(err) {
		return err
	}
	v.troubles++
	if v.troubles > maxTroubles {
		return err
	}
	v.Log.Warn("a caller could not be spoken to; the call goes on", "call", v.line.ID(), "err", err)
	return nil
}

// say speaks a sentence of the catalogue.
func (v *visit) say(key string, args ...any) error { return v.speak(v.sentence(key, args...)) }

func (v *visit) speak(sentences ...phone.Sentence) error {
	return v.bear(v.line.Say(v.ctx, v.p.Lang(), sentences))
}

// ask asks a question once; "" is silence.
func (v *visit) ask(q phone.Question) (string, error) {
	v.rounds++
	if v.rounds > maxRounds {
		return "", errEnough
	}
	q.Repeat = v.Repeat
	for {
		keys, err := v.line.Ask(v.ctx, v.p.Lang(), q)
		if err == nil {
			return keys, nil
		}
		if err := v.bear(err); err != nil {
			return "", err
		}
	}
}

// choose asks until one of the keys is pressed. Everywhere 0 says it again
// and a star changes the language.
func (v *visit) choose(keys string, menu func() []phone.Sentence) (string, error) {
	wrong := ""
	for range maxWrong {
		sentences := menu()
		if wrong != "" {
			sentences = append([]phone.Sentence{v.sentence("call.wrong", "key", brief.Plain(wrong, 2))}, sentences...)
		}
		key, err := v.ask(phone.Question{Say: sentences, Keys: 1})
		switch {
		case err != nil:
			return "", err
		case key == "":
			return "", errSilent
		case len(key) == 1 && strings.Contains(keys, key):
			return key, nil
		}
		wrong = key
		if key == "*" {
			v.otherLanguage()
		}
		if key == "*" || key == "0" {
			wrong = ""
		}
	}
	return "", errLost
}

func (v *visit) otherLanguage() {
	v.p = v.inOther()
	v.chosen = true
}

// inOther is the printer of the language that is not spoken now.
func (v *visit) inOther() text.Printer {
	lang := text.Japanese
	if v.p.Lang() == text.Japanese {
		lang = text.English
	}
	return text.For(lang, v.zone())
}

func (v *visit) zone() *time.Location {
	if v.known {
		return v.person.Zone
	}
	team, _ := v.Roster.Team(v.Team)
	return team.Zone
}

// storing is for what must be done whether or not the caller waits for it.
func (v *visit) storing() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(v.call), maxStore)
}

func (v *visit) note(what string) { v.did = append(v.did, what) }

package hotline

import (
	"cmp"
	"strings"
	"time"

	"tebiki/adapters/phone"
	"tebiki/bot/roster"
	"tebiki/bot/roster/pin"
)

// talk leads a caller through the menu until they have enough of it.
func (v *visit) talk() error {
	if v.known {
		if err := v.say("hotline.hello", "name", v.person.Name); err != nil {
			return err
		}
	} else if err := v.receive(); err != nil || !v.known {
		return err
	}
	for {
		key, err := v.choose("123", v.menu)
		if err != nil {
			return err
		}
		switch key {
		case "1":
			err = v.incidents()
		case "2":
			err = v.duty()
		case "3":
			err = v.report()
		}
		if err != nil {
			return err
		}
	}
}

func (v *visit) menu() []phone.Sentence {
	return []phone.Sentence{v.sentence("hotline.menu"), v.sentence("hotline.star")}
}

// receive speaks with a stranger, who reports and is done, or becomes known
// by a PIN.
func (v *visit) receive() error {
	if err := v.inBoth(); err != nil {
		return err
	}
	keys, menu := "3", "hotline.stranger"
	if v.Roster.HasPINs() {
		keys, menu = "31", "hotline.stranger.pin"
	}
	for !v.known {
		key, err := v.choose(keys, func() []phone.Sentence { return []phone.Sentence{v.sentence(menu), v.sentence("hotline.star")} })
		if err != nil {
			return err
		}
		if key == "3" {
			return v.report()
		}
		if err := v.prove(); err != nil {
			return err
		}
	}
	return nil
}

// inBoth greets somebody whose language nobody knows: that there is another
// is said in the other.
func (v *visit) inBoth() error {
	if err := v.say("hotline.hello.stranger"); err != nil {
		return err
	}
	other := v.inOther()
	return v.bear(v.line.Say(v.ctx, other.Lang(), []phone.Sentence{sentence(other, "hotline.other")}))
}

// maxPINs is how many wrong ones end a call.
const maxPINs = 3

// prove asks for a PIN. Whoever presses nothing is back where they were, and
// has no more tries for it.
func (v *visit) prove() error {
	for v.wrongPINs < maxPINs {
		digits, err := v.askPIN()
		if err != nil || digits == "" {
			return err
		}
		if !v.guard.allow(v.key(), time.Now()) {
			v.Log.Warn("a caller is locked out after wrong PINs", "call", v.line.ID(), "caller", v.number)
			v.note("locked out")
			return v.say("hotline.pin.locked")
		}
		if p, ok := v.whose(digits); ok {
			v.guard.forgive(v.key())
			v.know(p, "PIN")
			return v.say("hotline.hello", "name", p.Name)
		}
		v.wrongPINs++
		v.figures.wrongPIN()
		v.note("wrong PIN")
		if err := v.say("hotline.pin.wrong"); err != nil {
			return err
		}
	}
	v.Log.Warn("a caller has pressed wrong PINs; the call was ended", "call", v.line.ID(), "caller", v.number)
	return errPIN
}

// askPIN asks until digits come. A star, here too, changes the language.
func (v *visit) askPIN() (string, error) {
	for range maxWrong {
		keys, err := v.ask(phone.Question{Say: []phone.Sentence{v.sentence("hotline.pin")}, Keys: pin.MaxDigits + 1, Hash: true})
		if err != nil || !strings.Contains(keys, "*") {
			return keys, err
		}
		v.otherLanguage()
	}
	return "", errLost
}

// whose gives the one person who has a PIN.
func (v *visit) whose(digits string) (roster.Person, bool) {
	v.derive.Lock()
	defer v.derive.Unlock()
	found, err := v.Roster.ByPIN(digits)
	switch {
	case err != nil:
		v.Log.Error("a PIN could not be compared", "call", v.line.ID(), "err", err)
	case len(found) > 1:
		v.Log.Error("two people have the same PIN, so neither is let in; make another for one of them with tebiki pin --config",
			"one", found[0].ID, "other", found[1].ID)
	case len(found) == 1:
		return found[0], true
	}
	return roster.Person{}, false
}

// key names the caller for how often they have guessed. All who withhold
// their number are one.
func (v *visit) key() string {
	if v.known {
		return "person " + v.person.ID
	}
	if digits, ok := roster.Number(v.line.Caller(), v.Country); ok {
		return "number " + digits
	}
	return "caller " + cmp.Or(v.number, "withheld")
}

// reporter names the caller for what their next report belongs to. Of those
// who withhold their number nobody knows whether two are one, so each call is
// by itself.
func (v *visit) reporter() string {
	if _, ok := roster.Number(v.line.Caller(), v.Country); ok || v.known {
		return v.key()
	}
	return "call " + v.line.ID()
}

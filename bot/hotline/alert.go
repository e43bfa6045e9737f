package hotline

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"tebiki/bot/brief"
	"tebiki/bot/config"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/store"
)

// Source is the alerts' that callers raise, for the routes in the
// configuration.
const Source = "telephone"

// sameWithin is how long after a report another one of the same caller
// belongs to it.
const sameWithin = 10 * time.Minute

const bucket = "hotline.report"

// A remembered report is what another of the same caller is matched by.
type remembered struct {
	Label string    `json:"label"`
	At    time.Time `json:"at"` // of the first
}

// raise submits the alert together with what is remembered of it. Reports
// come one after the other, so that two of one caller at the same time know
// of each other.
func (v *visit) raise(said spokenReport) (escalation.Receipt, escalation.Alert, error) {
	v.reported.Lock()
	defer v.reported.Unlock()
	ctx, cancel := v.storing()
	defer cancel()
	now := time.Now()
	caller := fingerprint(v.reporter())
	mem := v.remembered(caller, now)
	alert := v.alert(said, mem.Label, now)
	rs, err := v.Core.SubmitWith(ctx, func(tx store.Writer) error { return remember(tx, caller, mem, now) }, escalation.Signal{Alert: alert})
	if err == nil && len(rs) != 1 {
		err = fmt.Errorf("%d receipts came for one alert", len(rs))
	}
	if err != nil {
		return escalation.Receipt{}, alert, err
	}
	return rs[0], alert, nil
}

// remembered gives what the caller's last report is to be found by, or what
// this one will be. One that cannot be read is no reason to raise no alert.
func (v *visit) remembered(caller string, now time.Time) remembered {
	fresh := remembered{Label: caller + "/" + now.UTC().Format(time.RFC3339Nano), At: now}
	mem, found := remembered{}, false
	ctx, cancel := v.storing()
	defer cancel()
	err := v.Store.View(ctx, func(tx store.Reader) error {
		mem, found = recall(tx.Get(bucket, caller), now)
		return nil
	})
	if err != nil {
		v.Log.Warn("whether a caller has reported before could not be read; the report is taken as their first", "call", v.line.ID(), "err", err)
	}
	if err != nil || !found {
		return fresh
	}
	return mem
}

// recall reads what is remembered, unless it is too old. A clock that was set
// back makes nothing last for ever.
func recall(data []byte, now time.Time) (mem remembered, ok bool) {
	if data == nil || json.Unmarshal(data, &mem) != nil {
		return remembered{}, false
	}
	age := now.Sub(mem.At)
	return mem, mem.Label != "" && age < sameWithin && age > -sameWithin
}

// remember writes what the next report is matched by, and takes out what is
// too old for that.
func remember(tx store.Writer, caller string, mem remembered, now time.Time) error {
	var old []string
	for key, data := range tx.Scan(bucket, "", "") {
		if _, ok := recall(data, now); !ok {
			old = append(old, key)
		}
	}
	for _, key := range old {
		if err := tx.Delete(bucket, key); err != nil {
			return err
		}
	}
	data, err := json.Marshal(mem)
	if err != nil {
		return err
	}
	return tx.Put(bucket, caller, data)
}

// fingerprint stands for a caller where others read along: a label is on
// tickets.
func fingerprint(caller string) string {
	sum := sha256.Sum256([]byte(caller))
	return hex.EncodeToString(sum[:8])
}

// alert is the report as the monitoring systems' alerts are. Each has a key
// of its own, so that a second one joins the first as another alert with
// another recording, and is not taken for its repetition.
func (v *visit) alert(said spokenReport, label string, now time.Time) escalation.Alert {
	v.reports++
	a := escalation.Alert{Source: Source, Key: fmt.Sprintf("%s/%d/%s", label, now.UnixNano(), fingerprint(v.line.ID())), Severity: "critical", At: now,
		Labels: map[string]string{config.ReportLabel: label}}
	if v.number != "" {
		a.Labels["caller"] = v.number
	}
	if v.known {
		a.Labels["raised_by"], a.Labels["team"] = v.person.Name, v.person.Team
	}
	if said.recording != "" {
		a.Link = v.URL + "/recordings/" + said.recording
	}
	a.Summary = v.summary(&a, said)
	return a
}

// summary is in the language of the team that the alert goes to.
func (v *visit) summary(a *escalation.Alert, said spokenReport) string {
	team, _ := v.Roster.Team(v.Rules.Team(a))
	p := text.For(team.Lang, team.Zone)
	from := cmp.Or(v.person.Name, v.number, p.Say("hotline.withheld"))
	key := "hotline.summary"
	if said.recording == "" {
		key = "hotline.summary.unheard"
	}
	return brief.Plain(p.Say(key, "from", from, "length", p.Duration(said.length)), 200)
}

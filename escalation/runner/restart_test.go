package runner

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A happening is something at a time after the one before.
type happening struct {
	after   time.Duration
	events  []func() escalation.Event
	restart bool
}

func drawHappening(t *rapid.T) happening {
	h := happening{after: time.Duration(rapid.IntRange(0, 400).Draw(t, "after"))*10*time.Second + time.Millisecond,
		restart: rapid.IntRange(0, 3).Draw(t, "restart") == 0}
	for range rapid.IntRange(1, 3).Draw(t, "events") {
		h.events = append(h.events, drawEvent(t))
	}
	return h
}

func drawEvent(t *rapid.T) func() escalation.Event {
	id := escalation.ID(rapid.IntRange(1, 4).Draw(t, "incident"))
	person := rapid.SampledFrom([]string{"tanaka", "suzuki", "sato"}).Draw(t, "person")
	host, check := fmt.Sprint("h", rapid.IntRange(0, 3).Draw(t, "host")), fmt.Sprint("c", rapid.IntRange(0, 2).Draw(t, "check"))
	late := max(0, time.Duration(rapid.IntRange(-30, 30).Draw(t, "late"))*time.Minute)
	page := uint32(rapid.IntRange(1, 6).Draw(t, "page"))
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	return func() escalation.Event {
		switch kind {
		case 0:
			return escalation.Ack{Incident: id, Person: person}
		case 1:
			return escalation.PassOn{Incident: id, Person: person}
		case 2:
			return escalation.Fix{Incident: id, Person: person}
		case 3:
			return escalation.PageResult{Incident: id, Page: page, Outcome: escalation.Failed}
		case 4:
			return escalation.TicketMade{Incident: id, Ticket: fmt.Sprint("OPS-", id)}
		case 5, 6:
			return delayed(recovery(host, check), late)
		}
		return delayed(signal(host, check), late)
	}
}

// TestRestartsChangeNothing: whatever happens, with or without restarts in
// between, is stored the same. (Storms are left out: the rate at which alerts
// came is forgotten by a restart.)
func TestRestartsChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		story := rapid.SliceOfN(rapid.Custom(drawHappening), 1, 20).Draw(rt, "story")
		without, with := play(t, story, false), play(t, story, true)
		if d := cmp.Diff(without, with); d != "" {
			rt.Fatalf("a restart changes what is stored (-without +with):\n%s", d)
		}
	})
}

// play lets the story happen from one and the same moment, and gives what is
// stored in the end.
func play(t *testing.T, story []happening, restarts bool) (kept map[string]string) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		stop := start(t, r)
		for _, h := range story {
			time.Sleep(h.after)
			if restarts && h.restart {
				stop()
				r = New(st, testRules(), Options{})
				stop = start(t, r)
			}
			for _, ev := range h.events {
				submit(t, r, ev())
			}
		}
		time.Sleep(time.Second)
		stop()
		kept = content(t, st)
	})
	return kept
}

func content(t *testing.T, st store.Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := st.View(context.Background(), func(tx store.Reader) error {
		for _, bucket := range []string{bucketOpen, bucketClosed, bucketAlert, bucketHistory, bucketLow, bucketTrace} {
			for key, value := range tx.Scan(bucket, "", "") {
				out[fmt.Sprintf("%s/%x", bucket, key)] = string(value)
			}
		}
		for key, value := range tx.Scan("outbox", "", "") {
			var it outbox.Item
			if _, err := store.Decode(value, 1, &it); err != nil {
				return err
			}
			out[fmt.Sprintf("outbox/%x", key)] = string(it.Body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

package runner

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/escalation"
	"tebiki/store"
)

func all(*escalation.Incident) bool { return true }

func ids(incidents []escalation.Incident) (out []escalation.ID) {
	for _, inc := range incidents {
		out = append(out, inc.ID)
	}
	return out
}

// TestLists: the newest first, over the borders of the pieces that are read,
// with gaps where incidents are of the other list.
func TestLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(store.NewMemory(), testRules(), Options{})
		defer start(t, r)()
		const n = 300
		for i := range n {
			submit(t, r, signal(hostName(i), "disk"))
		}
		for id := escalation.ID(1); id <= n; id++ {
			if id%3 == 0 {
				submit(t, r, escalation.Fix{Incident: id, Person: "tanaka"})
			}
		}
		time.Sleep(2*time.Hour + time.Minute)
		wantOpen, wantClosed := split(n)
		for _, c := range []struct {
			name string
			list func(context.Context, int, func(*escalation.Incident) bool) ([]escalation.Incident, error)
			n    int
			want []escalation.ID
		}{
			{"open, all", r.Open, 1000, wantOpen}, {"open, some", r.Open, 7, wantOpen[:7]}, {"open, none", r.Open, 0, nil},
			{"closed, all", r.Closed, 1000, wantClosed}, {"closed, a piece", r.Closed, 60, wantClosed[:60]},
		} {
			got, err := c.list(t.Context(), c.n, all)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, ids(got)); d != "" {
				t.Errorf("%s: %s", c.name, d)
			}
		}
		got, err := r.Open(t.Context(), 2, func(inc *escalation.Incident) bool { return inc.ID < 3 })
		if d := cmp.Diff([]escalation.ID{2, 1}, ids(got)); d != "" || err != nil {
			t.Errorf("the oldest two: %s, %v", d, err)
		}
	})
}

func split(n int) (open, closed []escalation.ID) {
	for id := escalation.ID(n); id > 0; id-- {
		if id%3 == 0 {
			closed = append(closed, id)
		} else {
			open = append(open, id)
		}
	}
	return open, closed
}

func TestReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(store.NewMemory(), testRules(), Options{})
		defer start(t, r)()
		if list, err := r.Open(t.Context(), 5, all); len(list) != 0 || err != nil {
			t.Errorf("of an empty store: %v, %v", list, err)
		}
		submit(t, r, signal("a", "disk"), signal("a", "load"), signal("a", "disk"), signal("b", "disk"))
		members, err := r.Alerts(t.Context(), 1, 10)
		if err != nil || len(members) != 2 || members[0].Count != 2 || members[0].Alert.Check != "disk" || members[1].Alert.Check != "load" {
			t.Errorf("the alerts: %+v, %v", members, err)
		}
		if members, err = r.Alerts(t.Context(), 1, 1); len(members) != 1 || err != nil {
			t.Errorf("one of them: %v, %v", members, err)
		}
		m, ok, err := r.Alert(t.Context(), 1, 2)
		if !ok || err != nil || m.Alert.Check != "load" || m.Incident != 1 {
			t.Errorf("the second: %+v, %v, %v", m, ok, err)
		}
		if _, ok, err := r.Alert(t.Context(), 1, 3); ok || err != nil {
			t.Errorf("a third: %v, %v", ok, err)
		}
		if _, ok, err := r.Incident(t.Context(), 99); ok || err != nil {
			t.Errorf("an unknown incident: %v, %v", ok, err)
		}
		lines, err := r.History(t.Context(), 1)
		if err != nil || len(lines) < 3 || lines[0].News != escalation.NewsOpened || lines[0].N != 1 || lines[2].N != 3 {
			t.Errorf("the history: %+v, %v", lines, err)
		}
	})
}

// TestSetTicket notes a ticket that came after the end, and nothing else.
func TestSetTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		submit(t, r, signal("a", "disk"), signal("b", "disk"))
		finish(t, r, 1)
		before := incident(t, r, 1)
		for _, id := range []escalation.ID{1, 2, 99} {
			if err := st.Update(t.Context(), func(tx store.Writer) error { return SetTicket(tx, id, "OPS-1") }); err != nil {
				t.Fatal(err)
			}
		}
		want := before
		want.Ticket = "OPS-1"
		if d := cmp.Diff(want, incident(t, r, 1), comparer); d != "" {
			t.Error(d)
		}
		if got := incident(t, r, 2).Ticket; got != "" {
			t.Errorf("the open one, which the event is for, has %q", got)
		}
		if n := stored(t, st, bucketClosed); n != 1 {
			t.Errorf("%d closed incidents are stored", n)
		}
	})
}

func TestLow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		defer start(t, r)()
		for i := range 5 {
			low := signal(hostName(i), "disk")
			low.Alert.Severity = "INFO"
			if rs := submit(t, r, low); !rs[0].Low || rs[0].Incident != 0 {
				t.Errorf("the receipt: %+v", rs[0])
			}
		}
		got := lows(t, st, "", 3)
		got = append(got, lows(t, st, got[2].Key, 9)...)
		for i, l := range got {
			if l.Alert.Host != hostName(i) {
				t.Errorf("number %d is of %s", i, l.Alert.Host)
			}
		}
		if len(got) != 5 {
			t.Fatalf("there are %d", len(got))
		}
		if err := st.Update(t.Context(), func(tx store.Writer) error { return RemoveLow(tx, got[0].Key) }); err != nil {
			t.Fatal(err)
		}
		if left := lows(t, st, "", 9); len(left) != 4 || left[0].Alert.Host != hostName(1) {
			t.Errorf("left: %+v", left)
		}
	})
}

func lows(t *testing.T, st store.Store, after string, n int) (out []Low) {
	t.Helper()
	err := st.View(context.Background(), func(tx store.Reader) (err error) {
		out, err = LowAfter(tx, after, n)
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("after %x: %w", after, err))
	}
	return out
}

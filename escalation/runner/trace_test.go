package runner

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/escalation"
	"tebiki/store"
)

// again stops a runner and starts another on the same store.
func again(t *testing.T, st store.Store, stop func()) (*Runner, func()) {
	t.Helper()
	stop()
	r := New(st, testRules(), Options{})
	return r, start(t, r)
}

// TestRestartKnowsTheOrder: what is known of the order of signals is stored
// with what became of them.
func TestRestartKnowsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		stop := start(t, r)
		submit(t, r, signal("web1", "disk"), recovery("web2", "disk"))
		r, stop = again(t, st, stop)
		time.Sleep(5 * time.Minute)
		late := submit(t, r, delayed(recovery("web1", "disk"), 6*time.Minute), delayed(signal("web2", "disk"), 6*time.Minute))
		if late[0].Status != escalation.Open || !late[0].Changed {
			t.Errorf("a recovery from before the problem came to %+v", late[0])
		}
		if !late[1].Low || late[1].Incident != 0 {
			t.Errorf("a problem from before the recovery came to %+v", late[1])
		}
		r, stop = again(t, st, stop)
		defer func() { stop() }()
		if rs := submit(t, r, delayed(recovery("web1", "disk"), time.Minute)); rs[0].Status != escalation.Resolved {
			t.Errorf("a recovery from after the problem came to %+v", rs[0])
		}
		if rs := submit(t, r, delayed(signal("web1", "disk"), 2*time.Minute)); rs[0].Status != escalation.Resolved {
			t.Errorf("a problem from before it came to %+v", rs[0])
		}
		if rs := submit(t, r, signal("web1", "disk"), signal("web2", "disk")); rs[0].Status != escalation.Open || rs[1].Status != escalation.Open {
			t.Errorf("newer problems came to %+v", rs)
		}
		if n := stored(t, st, bucketTrace); n != 2 {
			t.Errorf("%d traces are stored of 2 alerts", n)
		}
	})
}

// TestRestartKnowsWhatWaits: a recovery reaches the morning when a low problem
// of its alert went there before a restart, though it ends an incident, too.
func TestRestartKnowsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		stop := start(t, r)
		low := signal("web1", "disk")
		low.Alert.Severity = "info"
		submit(t, r, low)
		time.Sleep(time.Minute)
		submit(t, r, signal("web1", "disk"), signal("web2", "disk"))
		r, stop = again(t, st, stop)
		time.Sleep(time.Minute)
		rs := submit(t, r, recovery("web1", "disk"), recovery("web2", "disk"))
		if rs[0].Status != escalation.Resolved || rs[1].Status != escalation.Resolved {
			t.Errorf("the recoveries came to %+v", rs)
		}
		r, stop = again(t, st, stop)
		defer func() { stop() }()
		late := recovery("web2", "disk")
		late.Alert.Severity = "info"
		submit(t, r, recovery("web1", "disk"), late)
		waiting := func(tx store.Reader) error {
			lows, err := LowAfter(tx, "", 9)
			if err != nil || len(lows) != 2 || lows[0].Alert.Resolved || !lows[1].Alert.Resolved || lows[1].Alert.Host != "web1" {
				t.Errorf("the morning gets %+v, %v; want web1's problem and its recovery", lows, err)
			}
			return nil
		}
		if err := st.View(t.Context(), waiting); err != nil {
			t.Fatal(err)
		}
	})
}

// TestReadsOlderAlerts: an alert of version 1, which did not say when the
// source saw it, is read, and its recovery ends it.
func TestReadsOlderAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		r := New(st, testRules(), Options{})
		stop := start(t, r)
		submit(t, r, signal("web1", "disk"))
		err := st.Update(context.Background(), func(tx store.Writer) error {
			key := numbered(1, 1)
			value := bytes.Clone(tx.Get(bucketAlert, key))
			value[0] = 1
			return tx.Put(bucketAlert, key, append(value[:headSize1], value[headSize:]...))
		})
		if err != nil {
			t.Fatal(err)
		}
		r, stop = again(t, st, stop)
		defer func() { stop() }()
		if ms, err := r.Alerts(t.Context(), 1, 9); err != nil || len(ms) != 1 || ms[0].Alert.Host != "web1" || !ms[0].Firing {
			t.Fatalf("read %+v, %v", ms, err)
		}
		if rs := submit(t, r, delayed(recovery("web1", "disk"), time.Minute)); rs[0].Status != escalation.Resolved {
			t.Errorf("its recovery came to %+v", rs[0])
		}
	})
}

// TestDamagedTraces: a trace that cannot be read stops the start with words
// that help.
func TestDamagedTraces(t *testing.T) {
	good := putTrace(escalation.Trace{Fingerprint: escalation.Fingerprint{7}, Came: time.Unix(3, 0), Good: time.Unix(2, 0), Bad: time.Unix(1, 0), Low: time.Unix(4, 0)})
	if got, err := decodeTrace(good.key, good.value); err != nil || !got.Good.Equal(time.Unix(2, 0)) || !got.Bad.Equal(time.Unix(1, 0)) || !got.Low.Equal(time.Unix(4, 0)) ||
		!got.Came.Equal(time.Unix(3, 0)) || got.Fingerprint != (escalation.Fingerprint{7}) {
		t.Fatalf("it comes back as %+v, %v", got, err)
	}
	older := append([]byte{1}, good.value[1:traceSize1]...)
	if got, err := decodeTrace(good.key, older); err != nil || !got.Bad.Equal(time.Unix(1, 0)) || got.Low.UnixNano() != 0 {
		t.Fatalf("of version 1 it is %+v, %v", got, err)
	}
	newer := binary.BigEndian.AppendUint64([]byte{9}, 0)
	for _, c := range []struct {
		key   string
		value []byte
		want  string
	}{
		{good.key[1:], good.value, "restore a backup"},
		{good.key, nil, "restore a backup"},
		{good.key, older[:traceSize1-1], "restore a backup"},
		{good.key, good.value[:traceSize-1], "restore a backup"},
		{good.key, append(newer, good.value...), "start the newer program"},
	} {
		if _, err := decodeTrace(c.key, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("key %x, value %x: %v, want it to say %q", c.key, c.value, err, c.want)
		}
	}
}

package jira

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

// send gives a webhook's event to a tracker.
func send(tr *Jira, method, target, signature string, body []byte) int {
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	if signature != "" {
		r.Header.Set("X-Hub-Signature", signature)
	}
	w := httptest.NewRecorder()
	tr.ServeHTTP(w, r)
	return w.Code
}

// woken tells whether the tracker's reader was woken by something.
func woken(tr *Jira, do func()) bool {
	changed := tr.Changed()
	do()
	select {
	case <-changed:
		return true
	default:
		return false
	}
}

func TestHook(t *testing.T) {
	event := []byte(`{"webhookEvent":"jira:issue_updated","issue":{"id":"10000","fields":{"project":{"key":"OPS"}}}}`)
	other := []byte(`{"webhookEvent":"jira:issue_updated","issue":{"id":"10000","fields":{"project":{"key":"ABC"}}}}`)
	own := []byte(`{"webhookEvent":"jira:issue_updated","user":{"name":"tebiki","accountId":"557058:0000-tebiki"},"issue":{"id":"10000"}}`)
	signed := "sha256=" + jiratest.Sign("hook", event)
	for _, test := range []struct {
		name, method, target, signature string
		body                            []byte
		status                          int
		wakes, reads                    bool
	}{
		{"with the secret in the address", "POST", "/?secret=hook", "", event, 204, true, true},
		{"signed", "POST", "/", signed, event, 204, true, true},
		{"without a secret", "POST", "/", "", event, 403, false, false},
		{"another secret", "POST", "/?secret=hook2", "", event, 403, false, false},
		{"an empty secret", "POST", "/?secret=", "", event, 403, false, false},
		{"signed for another body", "POST", "/?secret=hook", signed, other, 403, false, false},
		{"signed in another way", "POST", "/", "sha1=00", event, 403, false, false},
		{"a signature that is none", "POST", "/", "sha256=zz", event, 403, false, false},
		{"read", "GET", "/?secret=hook", "", nil, 405, false, false},
		{"garbage", "POST", "/?secret=hook", "", []byte("\x00{"), 204, true, false},
		{"nothing", "POST", "/?secret=hook", "", nil, 204, true, false},
		{"of another shape", "POST", "/?secret=hook", "", []byte(`{"issue":[1]}`), 204, true, false},
		{"an id that leads elsewhere", "POST", "/?secret=hook", "", []byte(`{"issue":{"id":"../../x?y=z"}}`), 204, true, false},
		{"oversized", "POST", "/?secret=hook", "", append(bytes.TrimSuffix(event, []byte("}")), []byte(`,"x":"`+strings.Repeat("x", maxEvent)+`"}`)...), 204, true, false},
		{"of another project", "POST", "/?secret=hook", "", other, 204, true, false},
		{"our own doing", "POST", "/?secret=hook", "", own, 204, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, func(o *Options) { usual(o); o.Secret = "hook" }, withProject(jiratest.Classic(), true), jiratest.WithLag(15*time.Second))
				cursor := b.since("").Cursor
				time.Sleep(time.Minute)
				b.Create("sato", jiratest.Values{"summary": "x"})
				if got := woken(b.tr, func() {
					if status := send(b.tr, test.method, test.target, test.signature, test.body); status != test.status {
						t.Errorf("it is answered %d, want %d", status, test.status)
					}
				}); got != test.wakes {
					t.Errorf("it wakes: %v", got)
				}
				b.Forget()
				if got := b.since(cursor); (len(got.Tickets) == 1) != test.reads || b.Count() > 2 {
					t.Errorf("%d tickets are read at once, in %s", len(got.Tickets), b.asked())
				}
			})
		})
	}
}

func TestHookWithoutASecret(t *testing.T) {
	b := newBench(t, jiratest.Cloud, nil)
	if got := send(b.tr, http.MethodPost, "/?secret=", "", []byte("{}")); got != http.StatusNotFound {
		t.Errorf("it is answered %d", got)
	}
}

// TestHookHastens lets the index lag: what a webhook names is there at once,
// and only once.
func TestHookHastens(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, func(o *Options) { usual(o); o.Secret = "hook" }, withProject(jiratest.Classic(), true), jiratest.WithLag(15*time.Second))
		cursor := b.since("").Cursor
		time.Sleep(time.Minute)
		b.Deliver(jiratest.Webhook{URL: "/?secret=hook", Handler: b.tr, Secret: "hook"})
		b.Create("sato", jiratest.Values{"summary": "x"})
		b.Comment("sato", "OPS-1", "word")
		all := b.since(cursor)
		if len(all.Tickets) != 1 || len(all.Said) != 1 {
			t.Fatalf("at once there are %+v", all)
		}
		b.Delete("sato", "OPS-1")
		for range 30 {
			got := b.since(all.Cursor)
			all.Tickets, all.Said, all.Gone, all.Cursor = append(all.Tickets, got.Tickets...), append(all.Said, got.Said...), append(all.Gone, got.Gone...), got.Cursor
			if len(all.Gone) != 1 {
				t.Fatalf("%v is gone", all.Gone)
			}
			time.Sleep(time.Minute)
		}
		if len(all.Tickets) > 2 || len(all.Said) != 1 {
			t.Errorf("after half an hour there are %d tickets and %d comments", len(all.Tickets), len(all.Said))
		}
	})
}

// TestHookFlood is a storm of events, of issues that are and that are not.
func TestHookFlood(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, func(o *Options) { usual(o); o.Secret = "hook" }, withProject(jiratest.Classic(), true), jiratest.WithLag(0))
		cursor := b.since("").Cursor
		b.Deliver(jiratest.Webhook{URL: "/?secret=hook", Handler: b.tr, Secret: "hook"})
		for range 10 {
			b.Create("sato", jiratest.Values{"summary": "x"})
		}
		b.Forget()
		if got := b.since(cursor); len(got.Tickets) != 10 || b.Count() != 1 {
			t.Errorf("what the index shows is read again: %s", b.asked())
		}
		for n := range 10_000 {
			send(b.tr, http.MethodPost, "/?secret=hook", "", fmt.Appendf(nil, `{"issue":{"id":"%d"}}`, 10_000+n))
		}
		b.Forget()
		for range 20 {
			cursor = b.since(cursor).Cursor
		}
		if n := b.Count(); n > 20+maxNamed+5 {
			t.Errorf("10,000 events cost %d requests", n)
		}
	})
}

// TestHookWaitsForNothing lets Jira hang while it is asked for what it is.
func TestHookWaitsForNothing(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, func(o *Options) { o.Secret = "hook" })
		b.warm()
		time.Sleep(2 * keep)
		b.Fail("*", -1, jiratest.Fault{Hang: true})
		done := make(chan error)
		go func() {
			_, err := b.tr.List(t.Context(), tracker.Filter{})
			done <- err
		}()
		time.Sleep(time.Second)
		began := time.Now()
		send(b.tr, http.MethodPost, "/?secret=hook", "", []byte(`{"issue":{"id":"10000"}}`))
		if d := time.Since(began); d != 0 {
			t.Errorf("a webhook waits %v", d)
		}
		if err := <-done; err == nil {
			t.Error("the list came, although Jira hangs")
		}
		began = time.Now()
		if _, err := b.tr.Ticket(t.Context(), "OPS-1"); err == nil || time.Since(began) > 20*time.Second {
			t.Errorf("the next call waits %v: %v", time.Since(began), err)
		}
		b.Mend()
		if _, err := b.tr.List(t.Context(), tracker.Filter{}); err != nil {
			t.Error(err)
		}
	})
}

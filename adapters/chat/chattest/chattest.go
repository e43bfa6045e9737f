// Package chattest is the conformance suite of the port chat. An
// implementation's test calls Run with a function that opens an empty chat
// and tells what people see there; each test opens its own.
package chattest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/chat"
)

// A Reader tells what a person sees at an address, oldest message first.
type Reader func(t *testing.T, to string) []Seen

// Seen is a message as a person sees it.
type Seen struct {
	Key     string
	Thread  string
	Title   string
	Text    string   // of all sections, with their headings
	Buttons []string // labels
	Updated bool     // it was brought up to date
}

// Run holds the chats that open gives against the contract of the port. The
// addresses that it uses are "tanaka", "sato" and "#infra-jp"; "\x00" is
// nobody's.
func Run(t *testing.T, open func(t *testing.T) (chat.Chat, Reader)) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *bench)
	}{
		{"shows everything", showsEverything},
		{"the same key is the same message", sameKey},
		{"the same message again", sameAgain},
		{"one key at once", oneKeyAtOnce},
		{"addresses are apart", addressesApart},
		{"order", order},
		{"thread", thread},
		{"refused messages", refusedMessages},
		{"hostile text", hostileText},
		{"huge messages", hugeMessages},
		{"an ended context", endedContext},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{t: t}
			b.chat, b.read = open(t)
			c.test(t, b)
		})
	}
}

type bench struct {
	t    *testing.T
	chat chat.Chat
	read Reader
}

func (b *bench) send(m chat.Message) {
	b.t.Helper()
	if err := b.chat.Send(b.t.Context(), m); err != nil {
		b.t.Fatalf("Send(%q to %q): %v", m.Key, m.To, err)
	}
}

func (b *bench) keys(to string) (keys []string) {
	b.t.Helper()
	for _, m := range b.read(b.t, to) {
		keys = append(keys, m.Key)
	}
	return keys
}

func note(key, title string) chat.Message {
	return chat.Message{Key: key, To: "tanaka", Title: title}
}

func showsEverything(t *testing.T, b *bench) {
	b.send(chat.Message{
		Key: "incident/1", To: "tanaka", Lang: "ja", Urgent: true, Title: "db1 が落ちています", Link: "https://tebiki.example/i/1",
		Sections: []chat.Section{{Heading: "TODO", Markdown: "Look at **db1**"}, {Markdown: "1. restart", Folded: true}},
		Buttons:  []chat.Button{{ID: "ack", Value: "1", Label: "Acknowledge", Style: chat.Primary}, {ID: "assign", Label: "Assign", Choices: []chat.Choice{{Value: "sato", Label: "Sato"}}}},
	})
	got := b.read(t, "tanaka")
	if len(got) != 1 || got[0].Title != "db1 が落ちています" || got[0].Updated {
		t.Fatalf("tanaka sees %+v", got)
	}
	for _, want := range []string{"TODO", "Look at", "db1", "restart"} {
		if !strings.Contains(got[0].Text, want) {
			t.Errorf("the text lacks %q: %q", want, got[0].Text)
		}
	}
	if diff := cmp.Diff([]string{"Acknowledge", "Assign"}, got[0].Buttons); diff != "" {
		t.Errorf("buttons (-want +got):\n%s", diff)
	}
}

func sameKey(t *testing.T, b *bench) {
	b.send(chat.Message{Key: "a", To: "tanaka", Title: "open", Buttons: []chat.Button{{ID: "ack", Label: "Acknowledge"}}})
	b.send(note("b", "between"))
	b.send(chat.Message{Key: "a", To: "tanaka", Title: "acknowledged", Sections: []chat.Section{{Markdown: "by sato"}}})
	got := b.read(t, "tanaka")
	if len(got) != 2 || got[0].Key != "a" || got[1].Key != "b" {
		t.Fatalf("tanaka sees %+v, want a in its old place and b", got)
	}
	if a := got[0]; a.Title != "acknowledged" || !strings.Contains(a.Text, "by sato") || len(a.Buttons) != 0 || !a.Updated {
		t.Errorf("the message is not up to date: %+v", a)
	}
	if got[1].Updated {
		t.Error("the other message counts as updated too")
	}
}

func sameAgain(t *testing.T, b *bench) {
	m := note("a", "title")
	m.Sections, m.Buttons = []chat.Section{{Markdown: "text"}}, []chat.Button{{ID: "x", Label: "X"}}
	for range 3 {
		b.send(m)
	}
	got := b.read(t, "tanaka")
	if len(got) != 1 || got[0].Updated {
		t.Errorf("a message that was delivered repeatedly shows as %+v", got)
	}
}

func oneKeyAtOnce(t *testing.T, b *bench) {
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			if err := b.chat.Send(t.Context(), note("a", fmt.Sprint("by ", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := b.keys("tanaka"); len(got) != 1 {
		t.Errorf("32 sends of one key made %v", got)
	}
}

func addressesApart(t *testing.T, b *bench) {
	for _, to := range []string{"tanaka", "sato", "#infra-jp"} {
		b.send(chat.Message{Key: "same", To: to, Title: "for " + to})
	}
	for _, to := range []string{"tanaka", "sato", "#infra-jp"} {
		if got := b.read(t, to); len(got) != 1 || got[0].Title != "for "+to {
			t.Errorf("%s sees %+v", to, got)
		}
	}
}

func order(t *testing.T, b *bench) {
	var want []string
	for i := range 20 {
		key := fmt.Sprintf("m%02d", 99-i)
		b.send(note(key, key))
		b.send(chat.Message{Key: key, To: "sato", Title: key})
		want = append(want, key)
	}
	for _, to := range []string{"tanaka", "sato"} {
		if diff := cmp.Diff(want, b.keys(to)); diff != "" {
			t.Errorf("%s's messages (-as sent +as seen):\n%s", to, diff)
		}
	}
}

func thread(t *testing.T, b *bench) {
	b.send(note("incident", "open"))
	for _, key := range []string{"news-1", "news-2"} {
		m := note(key, key)
		m.Thread = "incident"
		b.send(m)
	}
	got := b.read(t, "tanaka")
	if len(got) != 3 {
		t.Fatalf("tanaka sees %+v", got)
	}
	for i, want := range []string{"", "incident", "incident"} {
		if got[i].Thread != want {
			t.Errorf("message %q is in the thread %q, want %q", got[i].Key, got[i].Thread, want)
		}
	}
}

func endedContext(t *testing.T, b *bench) {
	ctx, end := context.WithCancel(t.Context())
	end()
	if err := b.chat.Send(ctx, note("a", "a")); err == nil {
		t.Error("Send succeeded although its context had ended")
	}
	if got := b.keys("tanaka"); len(got) != 0 {
		t.Errorf("tanaka sees %v", got)
	}
}

func (b *bench) wantCode(what string, err error, code adapters.Code) {
	b.t.Helper()
	if err == nil || adapters.CodeOf(err) != code {
		b.t.Errorf("%s: got %v, want the code %v", what, err, code)
	}
}

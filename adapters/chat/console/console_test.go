package console_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/chattest"
	"tebiki/adapters/chat/console"
	"tebiki/store"
)

func TestConformance(t *testing.T) {
	chattest.Run(t, func(t *testing.T) (chat.Chat, chattest.Reader) {
		c := console.New(store.NewMemory())
		return c, func(t *testing.T, to string) []chattest.Seen { return seen(t, c, to) }
	})
}

func seen(t *testing.T, c *console.Console, to string) (out []chattest.Seen) {
	t.Helper()
	got, err := c.Messages(t.Context(), to, 1000, "")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(got)
	for _, m := range got {
		s := chattest.Seen{Key: m.Key, Thread: m.Thread, Title: m.Title, Updated: !m.Updated.IsZero()}
		for _, part := range m.Sections {
			s.Text += strings.TrimLeft(part.Heading+"\n"+part.Markdown+"\n", "\n")
		}
		for _, b := range m.Buttons {
			s.Buttons = append(s.Buttons, b.Label)
		}
		out = append(out, s)
	}
	return out
}

func send(t *testing.T, c *console.Console, m chat.Message) {
	t.Helper()
	if m.Title == "" {
		m.Title = "about " + m.Key
	}
	if err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesPages(t *testing.T) {
	c := console.New(store.NewMemory())
	for i := range 7 {
		send(t, c, chat.Message{Key: fmt.Sprint(i), To: "sato"})
		send(t, c, chat.Message{Key: fmt.Sprint(i), To: "sat"})
		send(t, c, chat.Message{Key: fmt.Sprint(i), To: "#sato"})
	}
	var keys []string
	before := ""
	for {
		page, err := c.Messages(t.Context(), "sato", 3, before)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			if m.To != "sato" {
				t.Errorf("a message of %q is among sato's", m.To)
			}
			keys = append(keys, m.Key)
		}
		before = page[len(page)-1].ID
	}
	if got := strings.Join(keys, ""); got != "6543210" {
		t.Errorf("the pages hold %s", got)
	}
	for _, before := range []string{"x", "0", "-1"} {
		if _, err := c.Messages(t.Context(), "sato", 3, before); adapters.CodeOf(err) != adapters.Refused {
			t.Errorf("before %q: %v", before, err)
		}
	}
	channels, err := c.Channels(t.Context())
	if diff := cmp.Diff([]string{"#sato"}, channels); err != nil || diff != "" {
		t.Errorf("Channels (-want +got): %v\n%s", err, diff)
	}
}

func TestUpdatedKeepsItsPlaceAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := console.New(store.NewMemory())
		start := time.Now()
		send(t, c, chat.Message{Key: "a", To: "sato", Title: "open"})
		time.Sleep(time.Hour)
		send(t, c, chat.Message{Key: "a", To: "sato", Title: "closed"})
		got, err := c.Messages(t.Context(), "sato", 1, "")
		if err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		if !got[0].Sent.Equal(start) || !got[0].Updated.Equal(start.Add(time.Hour)) {
			t.Errorf("sent %v, updated %v, want %v and an hour later", got[0].Sent, got[0].Updated, start)
		}
	})
}

func TestWatch(t *testing.T) {
	c := console.New(store.NewMemory())
	fired := func(ch <-chan struct{}) bool {
		select {
		case <-ch:
			return true
		default:
			return false
		}
	}
	for _, step := range []struct {
		m    chat.Message
		want bool
	}{
		{chat.Message{Key: "a", To: "sato", Title: "1"}, true},
		{chat.Message{Key: "a", To: "sato", Title: "1"}, false},
		{chat.Message{Key: "a", To: "sato", Title: "2"}, true},
	} {
		ch := c.Watch()
		if fired(ch) {
			t.Fatal("Watch fired before anything changed")
		}
		send(t, c, step.m)
		if got := fired(ch); got != step.want {
			t.Errorf("after %+v Watch fired: %v, want %v", step.m, got, step.want)
		}
	}
}

// handler keeps what it was asked and replies with a button.
type handler struct {
	acts  []chat.Action
	lines []chat.Command
	err   error
}

func (h *handler) Act(_ context.Context, a chat.Action) (chat.Reply, error) {
	h.acts = append(h.acts, a)
	return chat.Reply{Title: "done"}, h.err
}

func (h *handler) Command(_ context.Context, c chat.Command) (chat.Reply, error) {
	h.lines = append(h.lines, c)
	return chat.Reply{Title: "sure?", Buttons: []chat.Button{{ID: "alert", Value: c.Line, Label: "Yes"}}}, h.err
}

func TestPress(t *testing.T) {
	c, h := console.New(store.NewMemory()), &handler{}
	c.SetHandler(h)
	ack := chat.Button{ID: "ack", Value: "i-1", Label: "Acknowledge"}
	assign := chat.Button{ID: "assign", Value: "T-1", Label: "Assign", Choices: []chat.Choice{{Value: "T-1 sato", Label: "Sato"}}}
	send(t, c, chat.Message{Key: "m", To: "sato", Buttons: []chat.Button{ack, assign}})
	send(t, c, chat.Message{Key: "c", To: "#infra", Buttons: []chat.Button{ack}})
	send(t, c, chat.Message{Key: "old", To: "sato", Buttons: []chat.Button{ack}})
	send(t, c, chat.Message{Key: "old", To: "sato"})
	for _, p := range []struct {
		from, key, button, value string
		ok                       bool
	}{
		{"sato", "m", "ack", "i-1", true},
		{"sato", "m", "assign", "T-1 sato", true},
		{"lee", "c", "ack", "i-1", true},
		{"lee", "m", "ack", "i-1", false},
		{"sato", "m", "ack", "i-2", false},
		{"sato", "m", "assign", "T-1", false},
		{"sato", "m", "assign", "T-1 lee", false},
		{"sato", "m", "close", "i-1", false},
		{"sato", "old", "ack", "i-1", false},
		{"sato", "none", "ack", "i-1", false},
		{"sato", "", "ack", "i-1", false},
		{"#infra", "x", "ack", "i-1", false},
		{"", "m", "ack", "i-1", false},
	} {
		h.acts = nil
		reply, err := c.Press(t.Context(), p.from, p.key, p.button, p.value)
		if !p.ok {
			if err == nil || adapters.CodeOf(err) != adapters.NotFound || len(h.acts) != 0 || err.Error() == "" {
				t.Errorf("%+v: %v, handled %v", p, err, h.acts)
			}
			continue
		}
		want := []chat.Action{{From: p.from, Message: p.key, Button: p.button, Value: p.value}}
		if diff := cmp.Diff(want, h.acts); err != nil || diff != "" || reply.Title != "done" {
			t.Errorf("%+v: %v, %+v\n%s", p, err, reply, diff)
		}
	}
}

func TestButtonLimits(t *testing.T) {
	c := console.New(store.NewMemory())
	long := strings.Repeat("x", 3000)
	for name, b := range map[string]chat.Button{
		"a long id":      {ID: long, Label: "L"},
		"a long value":   {ID: "b", Value: long, Label: "L"},
		"a long choice":  {ID: "b", Label: "L", Choices: []chat.Choice{{Value: long, Label: "L"}}},
		"too many":       {ID: "b", Label: "L", Choices: make([]chat.Choice, 101)},
		"a blank label":  {ID: "b", Label: " "},
		"a blank choice": {ID: "b", Label: "L", Choices: []chat.Choice{{Value: "v", Label: " "}}},
	} {
		err := c.Send(t.Context(), chat.Message{Key: "k", To: "sato", Title: "t", Buttons: []chat.Button{b}})
		if adapters.CodeOf(err) != adapters.Refused || len(err.Error()) > 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReplyButtons(t *testing.T) {
	c, h := console.New(store.NewMemory()), &handler{}
	c.SetHandler(h)
	for i := range 21 {
		if _, err := c.Say(t.Context(), "sato", fmt.Sprint("/alert ", i)); err != nil {
			t.Fatal(err)
		}
	}
	for value, want := range map[string]bool{"/alert 20": true, "/alert 1": true, "/alert 0": false, "/alert 99": false} {
		if _, err := c.Press(t.Context(), "sato", "", "alert", value); (err == nil) != want {
			t.Errorf("press %q: %v", value, err)
		}
		if _, err := c.Press(t.Context(), "lee", "", "alert", value); adapters.CodeOf(err) != adapters.NotFound {
			t.Errorf("lee presses sato's %q: %v", value, err)
		}
	}
}

func TestSay(t *testing.T) {
	c, h := console.New(store.NewMemory()), &handler{}
	if _, err := c.Say(t.Context(), "sato", "/oncall"); adapters.CodeOf(err) != adapters.Unavailable {
		t.Errorf("without a handler: %v", err)
	}
	c.SetHandler(h)
	for line, code := range map[string]adapters.Code{" \n": adapters.Refused, strings.Repeat("x", 5000): adapters.Refused} {
		if _, err := c.Say(t.Context(), "sato", line); adapters.CodeOf(err) != code {
			t.Errorf("%.10q: %v", line, err)
		}
	}
	if _, err := c.Say(t.Context(), "", "/oncall"); adapters.CodeOf(err) != adapters.NotFound {
		t.Errorf("from nobody: %v", err)
	}
	if _, err := c.Say(t.Context(), "sato", "  /knowhow disk\xff\n"); err != nil {
		t.Fatal(err)
	}
	if want := []chat.Command{{From: "sato", Line: "/knowhow disk\uFFFD"}}; !cmp.Equal(want, h.lines) {
		t.Errorf("the handler got %+v", h.lines)
	}
	h.err = errors.New("broken")
	if _, err := c.Say(t.Context(), "sato", "x"); !errors.Is(err, h.err) {
		t.Errorf("the handler's error became %v", err)
	}
}

func TestSurvivesRestart(t *testing.T) {
	st := store.NewMemory()
	send(t, console.New(st), chat.Message{Key: "a", To: "sato", Title: "1"})
	c := console.New(st)
	send(t, c, chat.Message{Key: "a", To: "sato", Title: "2"})
	if got := seen(t, c, "sato"); len(got) != 1 || got[0].Title != "2" {
		t.Errorf("after a restart sato sees %+v", got)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Send(t.Context(), chat.Message{Key: "b", To: "sato", Title: "t"}); !errors.Is(err, store.ErrClosed) || adapters.Lasting(err) {
		t.Errorf("Send on a closed store: %v", err)
	}
}

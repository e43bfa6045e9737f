package unreached

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/bot/roster"
)

// missing is a chat that does not find some addresses.
type missing struct {
	addresses string
	code      adapters.Code
	got       []chat.Message
}

func (m *missing) Send(_ context.Context, msg chat.Message) error {
	if strings.Contains(m.addresses, msg.To) {
		return &adapters.Error{Op: "send to " + msg.To, Code: m.code, Err: errors.New("nobody has *this* address")}
	}
	m.got = append(m.got, msg)
	return nil
}

func TestTheLeaderIsTold(t *testing.T) {
	people, err := roster.New([]roster.Person{
		{ID: "sato", Name: "佐藤", Team: "jp", Chat: "sato@example.jp"}, {ID: "tanaka", Name: "田中 *", Team: "jp", Chat: "tanaka@example.jp"},
	}, []roster.Team{{ID: "jp", Leader: "sato", Lang: roster.Japanese, Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, misses, to string
		code             adapters.Code
		told             bool
	}{
		{"not found", "tanaka@example.jp", "tanaka@example.jp", adapters.NotFound, true},
		{"away for now", "tanaka@example.jp", "tanaka@example.jp", adapters.Unavailable, false},
		{"the leader", "sato@example.jp", "sato@example.jp", adapters.NotFound, false},
		{"both", "tanaka@example.jp sato@example.jp", "tanaka@example.jp", adapters.NotFound, false},
		{"a channel", "#ops", "#ops", adapters.NotFound, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			within := &missing{addresses: test.misses, code: test.code}
			c := &Chat{Within: within, Roster: people, Log: slog.New(slog.DiscardHandler)}
			if err := c.Send(t.Context(), chat.Message{Key: "a", To: test.to, Title: "b"}); adapters.CodeOf(err) != test.code {
				t.Fatalf("Send gave %v", err)
			}
			if told := len(within.got) == 1; told != test.told {
				t.Fatalf("sent besides: %+v", within.got)
			}
			if !test.told {
				return
			}
			m := within.got[0]
			if m.To != "sato@example.jp" || !strings.Contains(m.Title, "田中") || len(m.Sections) != 1 || !strings.Contains(m.Sections[0].Markdown, `tanaka\@example\.jp`) || strings.Contains(m.Sections[0].Markdown, "this") {
				t.Errorf("the leader has %+v", m)
			}
		})
	}
}

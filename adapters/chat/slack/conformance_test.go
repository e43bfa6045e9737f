package slack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/chattest"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
)

// named gives the people of the conformance suite their Slack ids.
type named struct{ *slack.Slack }

var ids = map[string]string{"tanaka": tanaka, "sato": sato}

func (n named) Send(ctx context.Context, m chat.Message) error {
	if id, ok := ids[m.To]; ok {
		m.To = id
	}
	return n.Slack.Send(ctx, m)
}

func TestConformance(t *testing.T) {
	chattest.Run(t, func(t *testing.T) (chat.Chat, chattest.Reader) {
		w := newWorld(t)
		return named{w.s}, func(t *testing.T, to string) (all []chattest.Seen) {
			if id, ok := ids[to]; ok {
				to = id
			}
			for _, m := range w.sees(to) {
				all = append(all, read(t, m))
			}
			return all
		}
	})
}

// read takes a message apart as somebody reads it.
func read(t *testing.T, m slacktest.Message) chattest.Seen {
	t.Helper()
	var meta struct {
		Payload struct{ Key, Thread string } `json:"event_payload"`
	}
	if err := json.Unmarshal(m.Metadata, &meta); err != nil {
		t.Fatalf("the metadata %s: %v", m.Metadata, err)
	}
	seen := chattest.Seen{Key: meta.Payload.Key, Thread: meta.Payload.Thread, Updated: m.Edited}
	for _, b := range blocksOf(t, m) {
		switch {
		case b.Type == "context" && seen.Title != "":
			seen.Text += shown(fmt.Sprint(b.Elements[0].Text)) + "\n"
		case b.Type != "section":
		case seen.Title == "":
			seen.Title = shown(strings.Trim(b.Text.Text, "*"))
		default:
			seen.Text += shown(b.Text.Text) + "\n"
		}
	}
	for _, c := range m.Controls {
		if c.URL != "" { // Slack's own way to follow the link
			continue
		}
		seen.Buttons = append(seen.Buttons, c.Label)
	}
	return seen
}

var linkMarkup = regexp.MustCompile(`<[^|>]*\|([^>]*)>`)

func shown(s string) string {
	s = linkMarkup.ReplaceAllString(s, "$1")
	return strings.NewReplacer("\u2060", "", "\u200b", "", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

package slack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldens are messages as the flows make them.
func goldens() map[string]chat.Message {
	return map[string]chat.Message{
		"request.ja": {
			Key: "request/OPS-1", Lang: "ja", Title: "OPS-1 サブドメインの追加", Link: "https://tebiki.example/tickets/OPS-1",
			Sections: []chat.Section{
				{Heading: "最初にすること", Markdown: "1. **申請者**に用途を確かめる\n2. `dig +short www.example.jp` を見る\n   - 返るなら止める\n   - 返らなければ進む"},
				{Heading: "確認の結果", Markdown: "- [x] 空きがある\n- [ ] 証明書が古い\n\n" + chat.Fence("www.example.jp. 300 IN A 192.0.2.1\n<none> & more")},
				{Heading: "手順", Markdown: "> 夜間は行わない\n\n詳しくは[手順書](https://wiki.example/dns?a=1&b=2)。", Folded: true},
			},
			Buttons: []chat.Button{
				{ID: "useful", Value: "OPS-1 dns", Label: "役に立った"}, {ID: "outdated", Value: "OPS-1 dns", Label: "古い"},
				{ID: "assign", Value: "OPS-1", Label: "担当を決める", Choices: []chat.Choice{{Value: "OPS-1 sato", Label: "佐藤"}, {Value: "OPS-1 lee", Label: "Lee"}}},
			},
		},
		"request.en": {
			Key: "request/OPS-2", Lang: "en", Title: "OPS-2 Disk full on db1", Link: "https://tebiki.example/tickets/OPS-2",
			Sections: []chat.Section{
				{Heading: "First", Markdown: "Look at *what grows*:\n\n| path | size |\n|---|---|\n| /var/log | 40 GB |\n| /srv/データ | 7 GB |"},
				{Heading: "Procedure", Markdown: "## Clean up\nRemove ~~everything~~ old logs.\n\n---\n\n![usage](https://graphs.example/db1.png)"},
			},
			Buttons: []chat.Button{{ID: "again", Value: "OPS-2", Label: "Run the checks again"}},
		},
		"urgent.open.en": {
			Key: "incident/7", Lang: "en", Urgent: true, Title: "db1: disk full <!channel>", Link: "https://tebiki.example/incidents/7",
			Sections: []chat.Section{
				{Markdown: "Open since [Wed 25 Nov 05:05](time:1763996700). Next: Sato at [05:10](time:1763997000)."},
				{Heading: "Alert", Markdown: "**check** " + chat.Escape("disk_free <@U1> *.log `rm -rf` 100% :fire:")},
			},
			Buttons: []chat.Button{
				{ID: "ack", Value: "7", Label: "Acknowledge", Style: chat.Primary}, {ID: "pass", Value: "7", Label: "Pass on"},
				{ID: "resolve", Value: "7", Label: "Resolve", Style: chat.Danger}, {ID: "call", Value: "7", Label: "Call now"},
			},
		},
		"urgent.resolved.ja": {
			Key: "incident/7", Lang: "ja", Title: "解決: db1 のディスクが一杯です", Link: "/incidents/7",
			Sections: []chat.Section{{Markdown: "佐藤が[05:20](time:1763997600)に解決しました。"}},
		},
		"long.en": {
			Key: "long", Lang: "en", Title: strings.Repeat("A long title ", 40), Link: "https://tebiki.example/long",
			Sections: []chat.Section{
				{Heading: "Long", Markdown: strings.Repeat("This sentence is one of many. ", 300)},
				{Heading: "Folded", Markdown: strings.Repeat("Nobody reads this at once. ", 100), Folded: true},
				{Heading: "Log", Markdown: chat.Fence(strings.Repeat("line of a log\n", 500))},
			},
		},
		"long.ja": {
			Key: "long", Lang: "ja", Title: "長い手順", Link: "https://tebiki.example/long",
			Sections: []chat.Section{{Heading: "手順", Markdown: strings.Repeat("この文はたくさんある文の一つです。", 600)}},
		},
	}
}

func TestGolden(t *testing.T) {
	for name, m := range goldens() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m.To = tanaka
			w.send(m)
			got := w.ws.Requests("chat.postMessage")
			var out bytes.Buffer
			fmt.Fprintf(&out, "%s\n\n", got[0].Params["text"])
			if err := json.Indent(&out, []byte(got[0].Params["blocks"]), "", "  "); err != nil {
				t.Fatal(err)
			}
			out.WriteByte('\n')
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a message holds, Slack takes it as we make it, or we refuse it
// ourselves.
func TestAnyMessageFitsSlack(t *testing.T) {
	w := newWorld(t)
	var log bytes.Buffer // says where Slack saw a fault
	w.s = w.open(func(o *slack.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		m := anyMessage(rt)
		n++
		m.Key = fmt.Sprint(n)
		err := w.s.Send(t.Context(), m)
		if err != nil && adapters.CodeOf(err) != adapters.Refused {
			rt.Fatal(err)
		}
		for _, r := range w.ws.Requests("chat.postMessage") {
			if r.Err != "" {
				rt.Fatalf("Slack says %s\n%.3000s", log.String(), r.Params["blocks"])
			}
		}
		if err == nil {
			m.Title += "!"
			if err := w.s.Send(t.Context(), m); err != nil {
				rt.Fatal(err)
			}
		}
	})
	for _, r := range w.ws.Requests("chat.update") {
		if r.Err != "" {
			t.Fatalf("Slack says %s to the update %.3000s", r.Err, r.Params["blocks"])
		}
	}
}

func anyMessage(t *rapid.T) chat.Message {
	text := rapid.StringOf(rapid.SampledFrom([]rune("ab 漢字。.\n\n`*_~<>&|-[](){}#1:/!\\\t😀\u202e\x00")))
	long := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(text.Draw(t, "unit"), rapid.SampledFrom([]int{1, 1, 3, 50, 400}).Draw(t, "times"))
	})
	choice := rapid.Custom(func(t *rapid.T) chat.Choice {
		return chat.Choice{Value: "v" + text.Draw(t, "value"), Label: "l" + long.Draw(t, "label")}
	})
	section := rapid.Custom(func(t *rapid.T) chat.Section {
		return chat.Section{Heading: long.Draw(t, "heading"), Markdown: long.Draw(t, "markdown"), Folded: rapid.Bool().Draw(t, "folded")}
	})
	button := rapid.Custom(func(t *rapid.T) chat.Button {
		b := chat.Button{ID: "ack", Value: text.Draw(t, "value"), Label: "b" + long.Draw(t, "label"), Style: rapid.SampledFrom([]chat.Style{"", chat.Primary, chat.Danger, "odd"}).Draw(t, "style")}
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			b.Choices = rapid.SliceOfN(choice, 1, 130).Draw(t, "choices")
			for i := range b.Choices {
				b.Choices[i].Value = fmt.Sprint(i)
			}
		}
		return b
	})
	return chat.Message{
		To: tanaka, Title: "t" + long.Draw(t, "title"), Urgent: rapid.Bool().Draw(t, "urgent"), Lang: rapid.SampledFrom([]string{"", "en", "ja", "xx"}).Draw(t, "lang"),
		Link:     rapid.SampledFrom([]string{"", "/tickets/1", "https://tebiki.example/" + strings.Repeat("&", 100), "javascript:x", "https://tebiki.example/a|b>c"}).Draw(t, "link"),
		Sections: rapid.SliceOfN(section, 0, 70).Draw(t, "sections"), Buttons: rapid.SliceOfN(button, 0, 12).Draw(t, "buttons"),
	}
}

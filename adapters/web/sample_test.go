package web

import (
	"fmt"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/phone"
	"tebiki/adapters/tracker"
)

// busyMorning is an office in which there is one of everything.
func busyMorning() *office {
	o := newOffice()
	ago := func(d time.Duration) time.Time { return minute.Add(-d) }
	o.hosts = []string{"web01", "web02", "db01", "mail01"}
	o.fillTickets(ago)
	o.fillMessages(ago)
	o.fillIncidents(ago)
	o.fillKnowHow(ago)
	o.calls = []Call{
		{ID: "page/1?", Person: "sato", Lang: "ja", State: Ringing, Since: ago(4 * time.Second)},
		{ID: "c2", Person: "miller", Lang: "en", State: Talking, Since: ago(20 * time.Second), Menu: menu, Incident: "I-2",
			Docs: []Doc{{Name: "web-down", Title: "A site is down", Owner: "Platform", Changed: ago(50 * time.Hour), Author: "okafor", Source: "docs/web-down.en.md",
				Link: "https://git.example.net/web-down", History: "https://git.example.net/log/web-down", Propose: "javascript:alert(1)"}}, Spoken: []string{
				"This is Tebiki.", "web01: HTTP does not answer, for 3 minutes.", "Press 1 to acknowledge, 2 to pass on."}},
		{ID: "c3", Person: "miller", Lang: "en", State: Over, Since: ago(2 * time.Hour), Outcome: phone.NotAnswered},
		{ID: "c4", Person: "sato", Lang: "ja", State: Over, Since: ago(26 * time.Hour), Outcome: phone.Acknowledged, Spoken: []string{"こちらは Tebiki です。", "db01 のディスクが 95% です。"}},
	}
	week := 7 * 24 * time.Hour
	for _, r := range []struct{ team, layer, a, b string }{
		{"基盤チーム", "一次", "sato", "tanaka"}, {"基盤チーム", "二次", "tanaka", "sato"}, {"Network", "Primary", "miller", "okafor"},
	} {
		o.rotas = append(o.rotas, Rota{Team: r.team, Layer: r.layer, Shifts: []Shift{
			{Person: r.a, From: ago(2 * 24 * time.Hour), Until: ago(2 * 24 * time.Hour).Add(week)},
			{Person: r.b, From: ago(2 * 24 * time.Hour).Add(week), Until: ago(2 * 24 * time.Hour).Add(2 * week), Override: r.b == "okafor"},
			{Person: r.a, From: ago(2 * 24 * time.Hour).Add(2 * week), Until: ago(2 * 24 * time.Hour).Add(3 * week)},
		}})
	}
	return o
}

func (o *office) fillTickets(ago func(time.Duration) time.Time) {
	add := func(t Ticket) { o.tickets[t.Key] = t }
	sub := tracker.Ticket{Key: "T-2", Parent: "T-1", Title: "空きを作る", Status: tracker.Open, Assignee: "sato", Component: "disk-full", Updated: ago(9 * time.Minute)}
	add(Ticket{
		Ticket: tracker.Ticket{Key: "T-1", Title: "db01 の /var が 95% を超えている", Component: "disk-full", Status: tracker.Open, Assignee: "sato", Reporter: "miller", Priority: tracker.Urgent,
			Fields: map[string]string{"host": "db01", "path": "/var"}, Created: ago(10 * time.Minute), Updated: ago(time.Minute),
			Body: "## TODO\n\n- [ ] 大きなファイルを探す\n- [x] 当番に知らせる\n\n```\n/dev/sda3   40G   38G   1.2G  95% /var\n```\n\n| 場所 | 使用率 |\n|---|---|\n| /var | 95% |\n\n[手順書](https://example.net/docs)"},
		Incident: "I-2", Can: []string{Assign, Fix, Close, Comment}, Subtickets: []tracker.Ticket{sub},
		History: []TicketEvent{
			{At: ago(10 * time.Minute), By: "miller", Kind: "created"},
			{At: ago(10 * time.Minute), By: "", Kind: "assigned", Text: "sato"},
			{At: ago(3 * time.Minute), By: "sato", Kind: "comment", Text: "古いログを圧縮しました。\n残り 60%。"},
			{At: ago(time.Minute), By: "sato", Kind: "status", Text: "fixed"},
		},
	})
	add(Ticket{Ticket: sub, ParentTitle: "db01 の /var が 95% を超えている", Can: []string{Fix}})
	add(Ticket{Ticket: tracker.Ticket{Key: "T-3", Title: "Add the subdomain shop.example.net", Component: "subdomain", Status: tracker.Fixed, Reporter: "okafor", Fields: map[string]string{"host": "ns1.example.net"}, Updated: ago(30 * time.Hour)}})
	add(Ticket{Ticket: tracker.Ticket{Key: "T-4", Title: "証明書の更新：www.example.jp", Component: "certificate", Status: tracker.Open, Updated: ago(50 * time.Hour)}})
}

func (o *office) fillMessages(ago func(time.Duration) time.Time) {
	ack := []chat.Button{{ID: "ack", Value: "I-2", Label: "対応する", Style: chat.Primary}, {ID: "pass", Value: "I-2", Label: "次の人に回す"},
		{ID: "assign", Value: "T-1", Label: "割り当てる", Choices: []chat.Choice{{Value: "sato", Label: "佐藤 健"}, {Value: "tanaka", Label: "田中 美咲"}}}}
	o.messages["sato"] = []Message{
		{ID: "3", Message: chat.Message{Key: "page/2", Thread: "incident/I-2", To: "sato", Lang: "ja", Title: "まだ対応されていません", Sent: ago(time.Minute), Sections: []chat.Section{{Markdown: "1 分後に電話します。"}}}},
		{ID: "2", Updated: ago(time.Minute), Message: chat.Message{Key: "incident/I-2", To: "sato", Lang: "ja", Urgent: true, Title: "web01: HTTP が応答しません", Link: "/incidents/I-2", Sent: ago(3 * time.Minute), Buttons: ack,
			Sections: []chat.Section{{Heading: "まずやること", Markdown: "1. `systemctl status nginx`\n2. 直前の変更を確認"}, {Heading: "手順", Markdown: "長い手順…", Folded: true}}}},
		{ID: "1", Message: chat.Message{Key: "ticket/T-1", To: "sato", Lang: "ja", Title: "T-1 db01 の /var が 95% を超えている", Link: "/tickets/T-1", Sent: ago(26 * time.Hour),
			Sections: []chat.Section{{Markdown: "担当になりました。"}}, Buttons: []chat.Button{{ID: "useful", Value: "T-1", Label: "役に立った"}, {ID: "stale", Value: "T-1", Label: "古い", Style: chat.Danger}}}},
	}
	o.messages["#infra-jp"] = []Message{{ID: "9", Message: chat.Message{Key: "i", To: "#infra-jp", Lang: "ja", Title: "I-2 が発生", Sent: ago(3 * time.Minute)}}}
}

func (o *office) fillIncidents(ago func(time.Duration) time.Time) {
	for i, state := range []string{"resolved", "open", "acknowledged", "held"} {
		id := fmt.Sprintf("I-%d", i+1)
		inc := Incident{ID: id, State: state, Title: []string{"mail01: queue of 4,200 mails", "web01: HTTP が応答しません", "db01: ディスク /var 95%", "core-sw2: ping loss"}[i],
			Host: []string{"mail01", "web01", "db01", "core-sw2"}[i], Severity: "critical", Team: "基盤チーム", Ticket: "T-1",
			Opened: ago(time.Duration(4-i) * 47 * time.Minute), Last: ago(time.Minute), Alerts: 2, Firing: 1, Signals: 7}
		page := IncidentPage{TicketURL: "/tickets/T-1", Component: "disk-full"}
		switch state {
		case "open":
			inc.Next = &NextPage{At: minute.Add(95 * time.Second), Person: "tanaka", Channel: "phone"}
			inc.Storm = true
			page.Can, page.Previous = []string{Acknowledge, PassOn, Resolve}, "I-1"
		case "acknowledged":
			inc.AckBy, inc.AckAt = "sato", ago(5*time.Minute)
			page.Can = []string{Confirm, PassOn, Resolve}
		case "resolved":
			page.ResolvedAt, inc.Firing = ago(20*time.Minute), 0
		}
		page.Incident = inc
		page.AlertLines = []AlertLine{{ID: "A-1", Source: "prometheus", Severity: "critical", Host: inc.Host, Service: "shop", Check: "http", Summary: inc.Title, Link: "https://prometheus.example.net/graph", Count: 6, First: inc.Opened, Last: inc.Last},
			{ID: "A-2", Source: "zabbix", Severity: "high", Host: inc.Host, Check: "ping", Summary: "packet loss 40 %", Resolved: true, Count: 1, First: inc.Last, Last: inc.Last}}
		page.Timeline = []TimelineEvent{
			{At: inc.Opened, Kind: "alert", Text: "prometheus: " + inc.Title},
			{At: inc.Opened.Add(time.Second), Kind: "page", Person: "sato", Channel: "chat", Text: "佐藤 健にメッセージを送信", Result: "届いた"},
			{At: inc.Opened.Add(2 * time.Minute), Kind: "page", Person: "sato", Channel: "phone", Text: "佐藤 健に電話", Result: "不在"},
			{At: inc.Opened.Add(3 * time.Minute), Kind: "ack", Person: "sato", Text: "佐藤 健が対応を開始"},
			{At: inc.Opened.Add(4 * time.Minute), Kind: "recovery", Text: "zabbix: packet loss 40 %"},
		}
		o.incidents[id] = page
	}
}

func (o *office) fillKnowHow(ago func(time.Duration) time.Time) {
	o.entries["disk-full"] = Entry{Component: "disk-full", Title: "ディスク逼迫", Aliases: []string{"disk", "ディスク"}, RequestType: "incident", Team: "基盤チーム", Alerts: []string{"prometheus alertname=*Disk*"},
		Subtickets: []EntrySubticket{{Title: "空きを作る", Checks: []Check{{Name: "df", Run: []string{"df", "-h", "{path}"}, Where: "bot"}},
			Doc: Doc{Name: "disk-free", Title: "ディスクの空きを作る", Lang: "ja", Owner: "基盤チーム", Reviewed: ago(40 * 24 * time.Hour), Source: "docs/disk-free.ja.md", Changed: ago(41 * 24 * time.Hour), Author: "sato", Link: "https://git.example.net/docs/disk-free.ja.md",
				Sections: []chat.Section{{Heading: "やること", Markdown: "- 大きなファイルを探す\n- 消してよいか確かめる"}, {Heading: "手順", Markdown: "```\ndu -xh /var | sort -h | tail\n```"}, {Heading: "特記事項", Markdown: "`/var/lib/mysql` は**触らない**。"}}}}}}
	for name, title := range map[string]string{"subdomain": "サブドメイン追加", "account": "アカウント作成", "certificate": "証明書の更新", "mail-queue": "メールキューの滞留", "host-down": "サーバー停止", "capacity": "容量の追加"} {
		o.entries[name] = Entry{Component: name, Title: title}
	}
	o.fields["disk-full"] = []Field{{Name: "path", Label: "マウントポイント", Required: true, Pattern: `/[A-Za-z0-9._\/\-]*`}}
}

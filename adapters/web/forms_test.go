package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/chat"
	"tebiki/adapters/source"
	"tebiki/adapters/tracker"
)

func wantAsked(t *testing.T, o *office, want string) {
	t.Helper()
	if got := o.asked(); !slices.Contains(got, want) {
		t.Errorf("nobody asked for %q, but for %q", want, got)
	}
}

func TestTicketActions(t *testing.T) {
	o := busyMorning()
	b := browser{t: t, h: o.server(t), person: "miller"}
	_, page := b.post("/tickets/T-1", "do", "fix")
	wantIn(t, page, "Fixed. The leader is asked to look.")
	wantAsked(t, o, "fix T-1 miller  ")
	b.post("/tickets/T-1", "do", "assign", "assignee", "okafor")
	wantAsked(t, o, "assign T-1 miller okafor ")
	b.post("/tickets/T-1", "do", "comment", "text", "  two\nlines ")
	wantAsked(t, o, "comment T-1 miller  two\nlines")
	_, page = b.post("/tickets/T-1", "do", "comment", "text", " ")
	wantIn(t, page, "The comment is empty.", `class="note bad"`)
	_, page = b.post("/tickets/T-1", "do", "assign", "assignee", "nobody-we-know")
	wantIn(t, page, "no such person")
	_, page = b.post("/tickets/T-2", "do", "close")
	wantIn(t, page, "you may not close")
	wantNot(t, b.get("/tickets/T-2"), `value="close"`, `value="assign"`)
	wantIn(t, b.get("/tickets/T-1"), "<b>Tebiki</b> assigned it to 佐藤 健", "<dt>マウントポイント</dt><dd><bdi>/var</bdi></dd>")
}

// TestChecksAgain: whoever presses too often is told so, and nothing is wrong.
func TestChecksAgain(t *testing.T) {
	o := busyMorning()
	for _, key := range []string{"T-1", "T-2"} {
		ticket := o.tickets[key]
		ticket.Can = append(slices.Clone(ticket.Can), Checks)
		o.tickets[key] = ticket
	}
	b := browser{t: t, h: o.server(t), person: "miller"}
	_, page := b.post("/tickets/T-1", "do", "checks")
	wantIn(t, page, "The checks are running.", `value="checks"`)
	wantAsked(t, o, "checks T-1 miller  ")
	_, page = b.post("/tickets/T-2", "do", "checks")
	wantIn(t, page, "they have just run")
	wantNot(t, page, `class="note bad"`)
}

// TestSendBackNeedsAReason: the form is for whoever may send back, and an empty
// one does nothing.
func TestSendBackNeedsAReason(t *testing.T) {
	o := busyMorning()
	wantNot(t, browser{t: t, h: o.server(t), person: "miller"}.get("/tickets/T-1"), `value="reopen"`)
	ticket := o.tickets["T-1"]
	ticket.Status, ticket.Can = tracker.Fixed, []string{Reopen}
	o.tickets["T-1"] = ticket
	b := browser{t: t, h: o.server(t), person: "miller"}
	wantIn(t, b.get("/tickets/T-1"), `value="reopen"`, "Send back", "required")
	for _, empty := range []string{"", " \n\t"} {
		_, page := b.post("/tickets/T-1", "do", "reopen", "text", empty)
		wantIn(t, page, "Say why it is opened again", `class="note bad"`)
	}
	_, page := b.post("/tickets/T-1", "do", "reopen", "text", " Still <full>\n")
	wantIn(t, page, "Open again.")
	wantAsked(t, o, "reopen T-1 miller  Still <full>")
}

func TestRateOutdated(t *testing.T) {
	o := busyMorning()
	b := browser{t: t, h: o.server(t), person: "miller"}
	wantIn(t, b.get("/knowhow/disk-full"), "Out of date?", `action="/knowhow/disk-full"`, `name="doc" value="disk-free"`)
	_, page := b.post("/knowhow/disk-full", "doc", "disk-free", "words", " The path\nhas moved ")
	wantIn(t, page, "It is noted that this is out of date.")
	wantAsked(t, o, "outdated miller disk-full disk-free The path\nhas moved")
	_, page = b.post("/knowhow/disk-full", "doc", `"><script>`)
	wantNot(t, page, "<script>alert", `"><script>`)
	w := b.send("POST", "/knowhow/none", url.Values{"words": {"x"}})
	if w.Code != http.StatusSeeOther {
		t.Errorf("a rating of what there is not: %d", w.Code)
	}
}

func TestReportPage(t *testing.T) {
	o := busyMorning()
	b := browser{t: t, h: o.server(t), person: "miller"}
	page := b.get("/reports/knowhow?days=7")
	wantIn(t, page, "Used most", "&lt;b&gt;disk&lt;/b&gt;", `href="/knowhow/disk-full"`, "sato: &lt;i&gt;old&lt;/i&gt;", `value="7"`)
	wantNot(t, page, "javascript:")
	wantAsked(t, o, "report en 7")
	for _, wrong := range []string{"0", "-1", "x", "99999999999999999999"} {
		b.get("/reports/knowhow?days=" + wrong)
	}
	wantAsked(t, o, "report en 30")
	wantIn(t, browser{t: t, h: newOffice().server(t), person: "miller"}.get("/reports/knowhow"), "Nothing was recorded")
}

func TestBrokenKnowHowIsShown(t *testing.T) {
	o := busyMorning()
	b := browser{t: t, h: o.server(t), person: "miller"}
	wantIn(t, b.get("/knowhow"), "In use since", `href="https://git.example.net/0123abc"`)
	wantNot(t, b.get("/knowhow"), "does not load")
	o.broken = []string{"docs/x.md:3: <b>"}
	wantIn(t, b.get("/knowhow"), "does not load", "docs/x.md:3: &lt;b&gt;")
}

func TestRequestForm(t *testing.T) {
	o := busyMorning()
	b := browser{t: t, h: o.server(t), person: "miller"}
	form := b.get("/tickets/new?component=disk-full")
	wantIn(t, form, "マウントポイント", `name="field.path" required pattern=`, `<option value="web02">`, `name="label" value="form:`)
	b2 := b.get("/tickets/new?component=disk-full")
	if label(form) == label(b2) {
		t.Error("two forms have the same label, so the second request would be lost")
	}
	filled := url.Values{"label": {"form:X"}, "component": {"disk-full"}, "title": {" Full again "}, "host": {"db01"}, "field.path": {"/var"}, "details": {"*now*"}}
	w := b.send("POST", "/tickets", filled)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/tickets/T-1" {
		t.Fatalf("%d to %q, want 303 to /tickets/T-1", w.Code, w.Header().Get("Location"))
	}
	wantAsked(t, o, "create miller disk-full Full again db01 /var *now*")
}

func label(form string) string {
	_, rest, _ := strings.Cut(form, `name="label" value="`)
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

func TestRefusedRequestKeepsWhatWasTyped(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t), person: "miller"}
	filled := url.Values{"label": {"form:X"}, "component": {"disk-full"}, "title": {"Full"}, "host": {"nowhere"}, "field.path": {`/va"r`}, "details": {"<b>"}}
	w := b.send("POST", "/tickets", filled)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d, want 422", w.Code)
	}
	wantIn(t, w.Body.String(), "nowhere is not in the inventory &lt;b&gt;", `value="form:X"`, `value="Full"`, `value="/va&#34;r"`, "&lt;b&gt;</textarea>")
	filled.Set("title", "  ")
	wantIn(t, b.send("POST", "/tickets", filled).Body.String(), "Say in one line")
}

func TestHostsAreCompleted(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t)}
	if got := b.get("/tickets/hosts?part=web"); got != `["web01","web02"]`+"\n" {
		t.Errorf("got %s", got)
	}
}

func TestIncidentActions(t *testing.T) {
	o := busyMorning()
	b := browser{t: t, h: o.server(t), person: "sato"}
	address, page := b.post("/incidents/I-2", "do", "ack")
	wantIn(t, page, "対応を引き受けました。")
	if !strings.HasPrefix(address, "/incidents/I-2?note=") {
		t.Errorf("led to %s", address)
	}
	wantAsked(t, o, "ack I-2 sato")
	_, page = b.post("/incidents/I-1", "do", "ack")
	wantIn(t, page, "too late", `class="note bad"`)
	wantNot(t, browser{t: t, h: o.server(t), person: "miller"}.get(address), "対応を引き受けました。")
}

func TestTestAlert(t *testing.T) {
	o := busyMorning()
	o.incidents["I-1"] = o.incidents["I-2"]
	b := browser{t: t, h: o.server(t), person: "miller"}
	address, page := b.post("/incidents/test", "host", " web01 ", "summary", "It is down", "severity", "critical")
	wantIn(t, page, "Sent. Look at the messages")
	if !strings.HasPrefix(address, "/incidents/I-1?") {
		t.Errorf("led to %s, want the incident", address)
	}
	want := []source.Alert{{Source: "console", Check: "test", Severity: "critical", Host: "web01", Summary: "It is down", At: minute}}
	if diff := cmp.Diff(want, o.accepted); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
	_, page = b.post("/incidents/test", "host", "web01", "summary", "x", "severity", "info")
	wantIn(t, page, "waits for the morning")
	_, page = b.post("/incidents/test", "host", "", "summary", "x")
	wantIn(t, page, "needs a host")
	_, page = b.post("/incidents/test", "host", strings.Repeat("h", 300), "summary", "x")
	wantIn(t, page, "too long")
	o.fail = &BusyError{time.Second}
	if w := b.send("POST", "/incidents/test", url.Values{"host": {"a"}, "summary": {"b"}}); w.Code != http.StatusSeeOther {
		t.Errorf("a full queue gave %d, want 303 to a page that says so", w.Code)
	}
}

func TestMessagesAndCommands(t *testing.T) {
	o := busyMorning()
	b := browser{t: t, h: o.server(t), person: "sato"}
	page := b.get("/messages")
	wantIn(t, page, `<option value="tanaka">`, `name="value" value="I-2">対応する`, `class="message urgent unread"`)
	if root, reply := strings.Index(page, "web01: HTTP"), strings.Index(page, "まだ対応されていません"); root < 0 || reply < root {
		t.Error("what was sent in a thread does not stand under its message")
	}
	_, page = b.post("/messages/press", "message", "incident/I-2", "button", "assign", "value", "tanaka")
	wantIn(t, page, "pressed assign")
	wantAsked(t, o, "press sato incident/I-2 assign tanaka")
	_, page = b.post("/messages/say", "line", " /knowhow <b> ")
	wantIn(t, page, "Answer to /knowhow &lt;b&gt;", "<em>two</em>", `name="value" value="3">More`)
	wantAsked(t, o, "say sato /knowhow <b>")
	address, _ := b.post("/messages/say", "line", "/oncall", "to", "#infra-jp")
	if !strings.HasPrefix(address, "/messages?to=%23infra-jp&note=") {
		t.Errorf("led to %s, want the channel", address)
	}
	_, page = b.post("/messages/say", "line", "")
	wantIn(t, page, `class="note bad"`)
}

func TestReadMessagesAreNotNew(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t), person: "sato"}
	wantIn(t, b.get("/oncall"), `title="未読 3 件"`)
	w := b.send("POST", "/messages/seen", url.Values{})
	b.header = http.Header{"Cookie": {strings.Split(w.Header().Get("Set-Cookie"), ";")[0]}}
	wantNot(t, b.get("/oncall"), "未読")
	b.person = "tanaka"
	wantNot(t, b.get("/oncall"), "未読")
}

func TestThreads(t *testing.T) {
	msg := func(id, key, under string) Message {
		return Message{ID: id, Message: chat.Message{Key: key, Thread: under}}
	}
	shape := func(list []thread) (out []string) {
		for _, th := range list {
			keys := []string{th.Key}
			for _, r := range th.Replies {
				keys = append(keys, r.Key)
			}
			out = append(out, strings.Join(keys, " "))
		}
		return out
	}
	tests := map[string]struct {
		in   []Message
		want []string
	}{
		"news lifts its message":  {[]Message{msg("4", "r2", "a"), msg("3", "b", ""), msg("2", "r1", "a"), msg("1", "a", "")}, []string{"a r1 r2", "b"}},
		"message out of the list": {[]Message{msg("2", "r", "gone"), msg("1", "a", "")}, []string{"r", "a"}},
		"under itself":            {[]Message{msg("1", "a", "a")}, []string{"a"}},
		"two under each other":    {[]Message{msg("2", "a", "b"), msg("1", "b", "a")}, []string{"a", "b"}},
		"under a reply":           {[]Message{msg("3", "c", "b"), msg("2", "b", "a"), msg("1", "a", "")}, []string{"a b c"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shape(threads(tt.in, time.Time{}))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPhone(t *testing.T) {
	o := busyMorning()
	sato, miller := browser{t: t, h: o.server(t), person: "sato"}, browser{t: t, h: o.server(t), person: "miller"}
	wantIn(t, sato.get("/phone"), `data-ring="mine"`, "着信中", "対応を引き受けた")
	sato.post("/phone", "call", "page/1?", "do", "answer")
	wantAsked(t, o, "answer sato page/1?")
	wantIn(t, miller.get("/phone"), `data-call="c2"`, `lang="en"`, "Press 1 to acknowledge", `name="key" value="0"`, "Not answered")
	miller.post("/phone", "call", "c2", "do", "key", "key", "1")
	wantAsked(t, o, "key miller c2 1")
	miller.post("/phone", "call", "c2", "do", "hangup")
	wantAsked(t, o, "hangup miller c2")
	_, page := miller.post("/phone", "call", "c2", "do", "explode")
	wantIn(t, page, `class="note bad"`)
}

func TestLayerAt(t *testing.T) {
	day := func(n int) time.Time { return minute.AddDate(0, 0, n) }
	rota := Rota{Shifts: []Shift{{Person: "a", From: day(-2), Until: day(-1)}, {Person: "a", From: day(-1), Until: day(1)}, {Person: "a", From: day(1), Until: day(2)}, {Person: "b", From: day(2), Until: day(3)}}}
	l := layerAt(rota, minute)
	if l.Now == nil || l.Now.Until != day(1) || l.Next == nil || l.Next.Person != "b" {
		t.Errorf("now %v, next %v; want a until tomorrow, then b", l.Now, l.Next)
	}
	if l := layerAt(Rota{Shifts: rota.Shifts[3:]}, minute); l.Now != nil || l.Next == nil {
		t.Errorf("now %v, next %v; want nobody, then b", l.Now, l.Next)
	}
	if l := layerAt(rota, day(1)); l.Now == nil || l.Now.From != day(1) {
		t.Errorf("at the handover %v has the turn, want who begins", l.Now)
	}
}

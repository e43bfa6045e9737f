package slack_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
)

// byHTTP is a bot that Slack reaches by requests.
func byHTTP(t *testing.T) (*world, *httptest.Server) {
	w := newWorld(t)
	return w, w.serve()
}

// serve lets Slack reach the bot by requests until the test ends.
func (w *world) serve() *httptest.Server {
	w.t.Helper()
	w.s = w.open(func(o *slack.Options) { o.Mode = slack.HTTP })
	server := httptest.NewServer(w.s.HTTP())
	w.t.Cleanup(server.Close)
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- w.s.Run(ctx) }()
	w.t.Cleanup(func() { end(); <-done })
	w.until("the token is checked", func() bool { return w.s.Status().Connected })
	return server
}

func TestByHTTP(t *testing.T) {
	w, server := byHTTP(t)
	if err := w.ws.Deliver(server.URL); err != nil { // asks for the challenge
		t.Fatal(err)
	}
	w.h.home = []chat.Block{{Section: chat.Section{Markdown: "my tickets"}}}
	w.h.command = func(_ context.Context, c chat.Command) (chat.Reply, error) {
		if strings.HasPrefix(c.Line, "/request") {
			f := requestForm()
			return chat.Reply{Form: &f}, nil
		}
		return chat.Reply{Title: "heard " + c.Line, Buttons: []chat.Button{{ID: "ok", Label: "OK"}}}, nil
	}
	w.h.act = func(context.Context, chat.Action) (chat.Reply, error) { return chat.Reply{Title: "pressed"}, nil }
	w.h.submit = func(context.Context, chat.Answers) (chat.Reply, map[string]string, error) {
		return chat.Reply{}, map[string]string{"text": "too short"}, nil
	}
	w.h.options = func(chat.Answers, string, string) ([]chat.Choice, error) {
		return []chat.Choice{{Value: "db1", Label: "db1"}}, nil
	}
	p := w.ws.Person(tanaka)
	p.DM("hello")
	w.lastSeen(tanaka, "heard hello")
	p.Command("/oncall", "infra", infra)
	m := w.lastSeen("#infra-jp", "heard /oncall infra")
	p.Press(m.Channel, m.TS, m.Controls[0].Action)
	w.lastSeen("#infra-jp", "pressed")
	p.OpenHome()
	w.until("the home is there", func() bool { return p.Home() != nil })
	p.Command("/request", "", infra)
	v := w.modal("What do you need?")
	if menu, _ := p.Type(v.ID, "server", "d"); len(menu) != 1 {
		t.Errorf("the menu shows %v", menu)
	}
	if r := p.Submit(v.ID, map[string]string{"component": "dns"}); len(r.Errors) != 1 {
		t.Errorf("%+v", r)
	}
}

// post sends a request as Slack would, signed at a time.
func post(t *testing.T, to, body, contentType, secret string, at time.Time, change func(http.Header)) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	slacktest.Sign(r.Header, secret, []byte(body), at)
	if change != nil {
		change(r.Header)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

const form = "application/x-www-form-urlencoded"

func TestSignaturesAreVerified(t *testing.T) {
	w, server := byHTTP(t)
	body := url.Values{"command": {"/oncall"}, "user_id": {tanaka}, "channel_id": {infra}, "response_url": {"http://127.0.0.1:1/"}}.Encode()
	now := time.Now()
	for name, c := range map[string]struct {
		secret string
		at     time.Time
		change func(http.Header)
	}{
		"another secret": {"guessed", now, nil},
		"too old":        {slacktest.SigningSecret, now.Add(-6 * time.Minute), nil},
		"too new":        {slacktest.SigningSecret, now.Add(6 * time.Minute), nil},
		"no signature":   {slacktest.SigningSecret, now, func(h http.Header) { h.Del("X-Slack-Signature") }},
		"no time":        {slacktest.SigningSecret, now, func(h http.Header) { h.Del("X-Slack-Request-Timestamp") }},
		"another time":   {slacktest.SigningSecret, now, func(h http.Header) { h.Set("X-Slack-Request-Timestamp", "1") }},
		"garbage":        {slacktest.SigningSecret, now, func(h http.Header) { h.Set("X-Slack-Signature", "v0=zz") }},
	} {
		if got := post(t, server.URL, body, form, c.secret, c.at, c.change); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", name, got.Status)
		}
	}
	if n := len(w.h.heard()); n != 0 {
		t.Errorf("%d commands were heard", n)
	}
}

func TestReplaysAreRefused(t *testing.T) {
	w, server := byHTTP(t)
	body := url.Values{"command": {"/oncall"}, "user_id": {tanaka}, "channel_id": {infra}, "response_url": {"http://127.0.0.1:1/"}}.Encode()
	now := time.Now()
	if got := post(t, server.URL, body, form, slacktest.SigningSecret, now, nil); got.StatusCode != http.StatusOK {
		t.Fatal(got.Status)
	}
	upper := func(h http.Header) {
		h.Set("X-Slack-Signature", "v0="+strings.ToUpper(strings.TrimPrefix(h.Get("X-Slack-Signature"), "v0=")))
	}
	for _, change := range []func(http.Header){nil, upper} {
		if got := post(t, server.URL, body, form, slacktest.SigningSecret, now, change); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("the same request again: %s", got.Status)
		}
	}
	w.until("the first is heard", func() bool { return len(w.h.heard()) == 1 })
	if st := w.s.Status(); st.Refused != 2 || st.Taken != 1 {
		t.Errorf("%+v", st)
	}
}

func TestRequestsThatAreNone(t *testing.T) {
	w, server := byHTTP(t)
	for _, c := range []struct {
		body, kind string
		want       int
	}{
		{"{", "application/json", http.StatusBadRequest},
		{`{"type":"url_verification"}`, "application/json", http.StatusBadRequest},
		{`{"type":"event_callback","event":{"type":"team_join"}}`, "application/json", http.StatusOK},
		{`{"type":"event_callback","event":3}`, "application/json; charset=utf-8", http.StatusOK},
		{"%zz", form, http.StatusBadRequest},
		{"a=b", form, http.StatusBadRequest},
		{"payload=%7B", form, http.StatusOK},
		{"payload=%7B%22type%22%3A%22shortcut%22%7D", form, http.StatusOK},
		{strings.Repeat("x", 2<<20), form, http.StatusRequestEntityTooLarge},
	} {
		if got := post(t, server.URL, c.body, c.kind, slacktest.SigningSecret, time.Now(), nil); got.StatusCode != c.want {
			t.Errorf("%.40q: %s, want %d", c.body, got.Status, c.want)
		}
	}
	got, err := http.Get(server.URL)
	if err != nil || got.StatusCode != http.StatusMethodNotAllowed {
		t.Error(got, err)
	}
	got.Body.Close()
	if w.s.Status().Malformed == 0 {
		t.Error("nothing malformed was counted")
	}
}

// An event that Slack repeats, with a new signature, is heard once.
func TestARepeatedEventIsHeardOnce(t *testing.T) {
	w, server := byHTTP(t)
	body := `{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel_type":"im","channel":"` +
		w.ws.Person(tanaka).Direct() + `","user":"` + tanaka + `","text":"hello","ts":"1.1"}}`
	for i := range 3 {
		got := post(t, server.URL, body, "application/json", slacktest.SigningSecret, time.Now().Add(-time.Duration(i)*time.Second), func(h http.Header) {
			h.Set("X-Slack-Retry-Num", "1")
		})
		if got.StatusCode != http.StatusOK {
			t.Error(got.Status)
		}
	}
	w.lastSeen(tanaka, "heard hello")
	if n := len(w.h.heard()); n != 1 {
		t.Errorf("heard %d times", n)
	}
}

func FuzzRequests(f *testing.F) {
	f.Add(`{"type":"event_callback","event":{"type":"app_mention","user":"U1","text":"<@U2|x> <","ts":"1"}}`, "application/json")
	f.Add("payload="+url.QueryEscape(`{"type":"view_submission","user":{"id":"U1"},"view":{"state":{"values":{"field/1/a":{"a":{}}}}}}`), form)
	f.Add("command=%2Fx&text=y", form)
	s, err := slack.New(slack.Options{
		BotToken: slacktest.BotToken, SigningSecret: slacktest.SigningSecret, Mode: slack.HTTP, Store: newStore(), APIURL: "http://127.0.0.1:1/",
		Log: discard(), Timeout: time.Millisecond, MaxWait: time.Millisecond,
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, contentType string) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader([]byte(body)))
		r.Header.Set("Content-Type", contentType)
		slacktest.Sign(r.Header, slacktest.SigningSecret, []byte(body), time.Now())
		w := httptest.NewRecorder()
		s.HTTP().ServeHTTP(w, r)
		if _, err := io.Copy(io.Discard, w.Body); err != nil || w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
			t.Errorf("%d %v", w.Code, err)
		}
	})
}

package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/adapters/phone/speech"
)

// promptTime is how long the recorded sound is heard.
const promptTime = 5265 * time.Millisecond

// A tape plays a recording to the adapter: it tells the recorded events at
// their times, under the ids that the adapter has chosen, and answers
// requests as it must for that. Its clock begins with the first request of
// the recording.
type tape struct {
	a     *Asterisk
	lines []asterisktest.Exchange
	began chan struct{}
	once  sync.Once
	asked chan struct{} // closed at the recorded answer to the first request

	mu       sync.Mutex
	recorded string               // id of the channel
	channel  string               // the adapter's
	names    map[string]string    // recorded ids of playbacks and recordings, and the adapter's
	played   []string             // recorded playbacks in their order
	begun    map[string]time.Time // the adapter's playbacks
	finished map[string]bool      // those whose recorded end was told
	over     bool                 // the channel is gone
	requests []string
}

func newTape(t *testing.T, name string) *tape {
	p := &tape{
		lines: asterisktest.ReadExchanges(t, "testdata/"+name+".jsonl"), began: make(chan struct{}), asked: make(chan struct{}), recorded: "hotline-1", channel: "hotline-1",
		names: map[string]string{}, begun: map[string]time.Time{}, finished: map[string]bool{},
	}
	var first struct{ ChannelID, Endpoint string }
	if json.Unmarshal(p.lines[0].Body, &first) == nil && p.lines[0].Path == "/channels" && !strings.Contains(first.Endpoint, "@inbound") {
		p.recorded = first.ChannelID
	}
	for _, x := range p.lines {
		if _, id, ok := strings.Cut(x.Path, "/play/"); ok && x.Kind == "request" {
			id, _, _ = strings.Cut(id, "?")
			p.played = append(p.played, id)
		}
	}
	voice := says("sound:hello-alert")
	var err error
	p.a, err = New(Options{URL: "http://asterisk.test/ari", User: "u", Password: "p", Voice: voice, Spare: voice, Transport: p})
	if err != nil {
		t.Fatal(err)
	}
	p.a.link.set(true, nil)
	return p
}

type says string

func (s says) Speak(context.Context, string, []phone.Sentence) ([]string, error) {
	return []string{string(s)}, nil
}

var _ speech.Voice = says("")

// tell tells what was recorded, in its time.
func (p *tape) tell(t *testing.T) {
	<-p.began
	start, answered := time.Now(), sync.OnceFunc(func() { close(p.asked) })
	for i, x := range p.lines {
		time.Sleep(time.Until(start.Add(time.Duration(x.AtMS)*time.Millisecond + time.Duration(i)*time.Microsecond)))
		if x.Kind == "response" {
			answered()
		}
		if x.Kind != "event" {
			continue
		}
		if err := p.a.take(t.Context(), p.rename(x.Body)); err != nil {
			t.Error(err)
		}
	}
	answered()
}

// rename puts the adapter's ids in place of the recorded ones.
func (p *tape) rename(event []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if bytes.Contains(event, []byte(`"ChannelDestroyed"`)) || bytes.Contains(event, []byte(`"StasisEnd"`)) {
		p.over = true
	}
	for _, form := range []string{`"%s"`, `"%s;2"`, `"channel:%s"`} {
		event = bytes.ReplaceAll(event, fmt.Appendf(nil, form, p.recorded), fmt.Appendf(nil, form, p.channel))
	}
	for recorded, ours := range p.names {
		named := bytes.ReplaceAll(event, []byte(`"`+recorded+`"`), []byte(`"`+ours+`"`))
		if !bytes.Equal(named, event) && bytes.Contains(event, []byte(`"PlaybackFinished"`)) {
			p.finished[ours] = true
		}
		event = named
	}
	return event
}

// RoundTrip answers as Asterisk does.
func (p *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(r.URL.Path, "/ari")
	var body struct{ ChannelID, Name string }
	if r.Body != nil {
		_ = json.NewDecoder(r.Body).Decode(&body) // not every body is of interest
	}
	p.mu.Lock()
	p.requests = append(p.requests, r.Method+" "+path)
	p.mu.Unlock()
	if r.Method == http.MethodPost && path == "/channels" {
		p.mu.Lock()
		p.channel = body.ChannelID
		p.mu.Unlock()
		p.once.Do(func() { close(p.began) })
		<-p.asked
		return answer(r, http.StatusOK, nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rest(r, path, body.Name)
}

func (p *tape) rest(r *http.Request, path, name string) (*http.Response, error) {
	switch {
	case strings.HasPrefix(path, "/applications/"):
		return answer(r, http.StatusOK, nil)
	case strings.HasSuffix(path, "/file"):
		return answer(r, http.StatusOK, asterisktest.WAV(time.Second))
	case strings.HasSuffix(path, "/record"):
		p.names["report-1"] = name
		return answer(r, http.StatusCreated, nil)
	case strings.HasPrefix(path, "/recordings/"):
		return answer(r, http.StatusNoContent, nil)
	case strings.HasPrefix(path, "/playbacks/"):
		id := strings.TrimPrefix(path, "/playbacks/")
		if p.over || p.finished[id] || !p.isRecorded(id) && time.Since(p.begun[id]) >= promptTime {
			return answer(r, http.StatusNotFound, nil)
		}
		return answer(r, http.StatusOK, nil)
	case p.over:
		return answer(r, http.StatusNotFound, nil)
	case strings.Contains(path, "/play/"):
		_, id, _ := strings.Cut(path, "/play/")
		if p.begun[id] = time.Now(); len(p.begun) <= len(p.played) {
			p.names[p.played[len(p.begun)-1]] = id
		}
		return answer(r, http.StatusCreated, nil)
	}
	return answer(r, http.StatusOK, nil)
}

// isRecorded tells whether the end of one of the adapter's playbacks is told by
// the recording.
func (p *tape) isRecorded(id string) bool {
	for _, ours := range p.names {
		if ours == id {
			return true
		}
	}
	return false
}

func answer(r *http.Request, status int, body []byte) (*http.Response, error) {
	if body == nil {
		body = []byte("{}")
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// recordedCalls are the recordings of calls to people, and what becomes of
// each.
func recordedCalls() map[string]phone.Result {
	return map[string]phone.Result{
		"call-ack":          {Outcome: phone.Acknowledged},
		"call-wrongthenack": {Outcome: phone.Acknowledged},
		"call-decline":      {Outcome: phone.PassedOn},
		"call-silent":       {Outcome: phone.Heard, Cause: "hung up"},
		"call-quickhangup":  {Outcome: phone.Heard, Cause: "hung up"},
		"call-noanswer":     {Outcome: phone.NotAnswered},
		"call-busy":         {Outcome: phone.Busy},
		"call-congestion":   {Outcome: phone.Failed, Again: true, Cause: noLine},
		"call-reject":       {Outcome: phone.Unreachable, Cause: "the call was rejected"},
		"call-unalloc":      {Outcome: phone.Unreachable, Cause: "there is no such number"},
		"call-nosuchext":    {Outcome: phone.Unreachable, Cause: "there is no such number"},
		"playback":          {Outcome: phone.Heard, Cause: "hung up"}, // after a sound that was missing
	}
}

// TestReplayCalls: what was recorded of calls to people gives what the
// recording's name says.
func TestReplayCalls(t *testing.T) {
	for name, want := range recordedCalls() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTape(t, name)
				var telling sync.WaitGroup
				telling.Go(func() { p.tell(t) })
				var keys []string
				call := phone.Call{
					ID: "page-1", To: "Local/x@phones", Lang: "en", Ring: 6 * time.Second, Repeat: 2, Prompt: phone.Texts("Alert."),
					Press: func(_ context.Context, key string) phone.Answer {
						keys = append(keys, key)
						return phone.Answer{
							End: key == "1" || key == "2", Again: true,
							Result: map[string]phone.Outcome{"1": phone.Acknowledged, "2": phone.PassedOn}[key],
						}
					},
				}
				got, err := p.a.Call(t.Context(), call)
				answered := !got.Answered.IsZero()
				got.Answered = time.Time{}
				if err != nil || got != want {
					t.Errorf("%+v, %v, want %+v", got, err, want)
				}
				if talked := want.Outcome == phone.Acknowledged || want.Outcome == phone.PassedOn || want.Outcome == phone.Heard; answered != talked {
					t.Errorf("answered: %v", answered)
				}
				if wanted := map[string]string{"call-ack": "1", "call-wrongthenack": "91", "call-decline": "2"}[name]; strings.Join(keys, "") != wanted {
					t.Errorf("keys %q, want %q", keys, wanted)
				}
				telling.Wait()
				if name == "playback" {
					p.wantSpare(t)
				}
			})
		})
	}
}

// wantSpare wants the sound that was missing to have been said another way, on
// the same line and at once.
func (p *tape) wantSpare(t *testing.T) {
	t.Helper()
	first, second := p.begun[p.names["x1"]], p.begun[p.names["x4"]]
	if first.IsZero() || second.Sub(first) > 100*time.Millisecond || second.Before(first) {
		t.Errorf("it was begun at %v, and again at %v:\n%s", first, second, strings.Join(p.requests, "\n"))
	}
}

// TestEveryRecording is replayed here.
func TestEveryRecording(t *testing.T) {
	replayed := append(slices.Collect(maps.Keys(recordedCalls())), "inbound-record", "application-replaced", "errors")
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		if !slices.Contains(replayed, name) {
			t.Errorf("%s is replayed by no test of this package", file)
		}
	}
	if len(files) != len(replayed) {
		t.Errorf("%d recordings are there, and %d are replayed", len(files), len(replayed))
	}
}

// reporter lets a caller hear a greeting and leave a report.
type reporter struct {
	number string
	wav    []byte
	err    error
	done   chan struct{}
}

func (r *reporter) Answer(ctx context.Context, l phone.Line) {
	defer close(r.done)
	r.number = l.Caller()
	if r.err = l.Say(ctx, "en", phone.Texts("Speak.")); r.err != nil {
		return
	}
	rec, err := l.Record(ctx, 3*time.Second)
	if r.err = err; err == nil {
		r.wav, r.err = io.ReadAll(rec.WAV)
	}
}

func TestReplayInbound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTape(t, "inbound-record")
		r := &reporter{done: make(chan struct{})}
		p.a.SetAnswerer(r)
		close(p.began)
		p.tell(t)
		<-r.done
		p.a.callers.Wait()
		if r.err != nil || len(r.wav) < 44 || r.number != "0312345678" {
			t.Errorf("%q has left %d bytes, %v", r.number, len(r.wav), r.err)
		}
		if log := strings.Join(p.requests, "\n"); !strings.Contains(log, "DELETE /recordings/stored/"+p.names["report-1"]) || !strings.HasSuffix(log, "DELETE /channels/hotline-1") {
			t.Errorf("the requests were\n%s", log)
		}
	})
}

func TestReplayReplaced(t *testing.T) {
	p := newTape(t, "application-replaced")
	for _, x := range p.lines {
		if err := p.a.take(t.Context(), x.Body); !errors.Is(err, errTaken) {
			t.Errorf("%s: %v", x.Body, err)
		}
	}
	if err := p.a.take(t.Context(), []byte(`{"type":"ApplicationReplaced","application":"another"}`)); err != nil {
		t.Errorf("another application: %v", err)
	}
}

// TestReplayErrors: each error that was recorded has its code, and what
// Asterisk said of it.
func TestReplayErrors(t *testing.T) {
	codes := map[int]adapters.Code{400: adapters.Refused, 401: adapters.Denied, 403: adapters.Denied, 404: adapters.NotFound, 409: adapters.Refused, 500: adapters.Unavailable}
	seen := 0
	for _, x := range asterisktest.ReadExchanges(t, "testdata/"+"errors"+".jsonl") {
		if x.Kind != "response" || x.Status < 400 {
			continue
		}
		seen++
		var text string
		if json.Unmarshal(x.Body, &text) == nil { // it was recorded as it came
			x.Body = json.RawMessage(text)
		}
		code, err := meaning(x.Status, x.Body)
		var said struct{ Message, Error string }
		if json.Unmarshal(x.Body, &said) != nil {
			t.Fatalf("%s", x.Body)
		}
		if want, known := codes[x.Status]; !known || code != want || !strings.Contains(err.Error(), said.Message+said.Error) {
			t.Errorf("%d %s: %v, %v", x.Status, x.Body, code, err)
		}
	}
	if seen < 6 {
		t.Errorf("%d errors were recorded", seen)
	}
}

package asterisktest

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An Exchange is one line of a recording.
// recorded puts the people of the recordings at their telephones.
func recorded(t *testing.T, seed uint64) *Asterisk {
	a := New(t, WithoutNetwork(), WithSeed(seed), WithSounds(fstest.MapFS{"hello-alert.wav": {Data: WAV(5265 * time.Millisecond)}}))
	s := time.Second
	for name, script := range map[string]Script{
		"ack":          {Answer: s, Then: []Step{{After: 2 * s, Key: "1"}}},
		"wrongthenack": {Then: []Step{{After: s, Key: "9"}, {After: 3 * s, Key: "1"}}},
		"decline":      {Then: []Step{{After: 2 * s, Key: "2"}}},
		"silent":       {Then: []Step{{After: 20 * s, HangUp: true}}},
		"quickhangup":  {Then: []Step{{After: s, HangUp: true}}},
		"noanswer":     {Ending: Never},
		"busy":         {Ending: Busy},
		"congestion":   {Ending: Congested},
		"reject":       {Ending: Rejects},
		"unalloc":      {Ending: Unallocated},
	} {
		a.Person("Local/"+name+"@phones", script)
	}
	a.Hotline("Local/hotline@inbound", "tebiki", "inbound")
	return a
}

// most is how many seeds are tried until the recorded order of events comes.
const most = 400

// TestReplay sends the requests of each recording to the fake, when they were
// sent, and holds what it answers and tells against what was recorded: every
// answer, every event with all it holds, for each leg in the recorded order
// whatever the seed, and for one of the seeds in the recorded order of both
// legs together. See the package's doc for what is normalised.
func TestReplay(t *testing.T) {
	paths, err := filepath.Glob("../testdata/*.jsonl")
	if err != nil || len(paths) != 15 {
		t.Fatalf("%d recordings, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".jsonl"), func(t *testing.T) { replay(t, ReadExchanges(t, path)) })
	}
}

func replay(t *testing.T, lines []Exchange) {
	var wanted []string
	var when []time.Duration
	for _, x := range lines {
		if x.Kind == "event" {
			wanted = append(wanted, normal(t, x.Body))
			when = append(when, time.Duration(x.AtMS)*time.Millisecond)
		}
	}
	for seed := range uint64(most) {
		var told []string
		var at []time.Duration
		synctest.Test(t, func(t *testing.T) { told, at = play(t, lines, seed) })
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
		if diff := cmp.Diff(byLeg(wanted), byLeg(told)); diff != "" {
			t.Fatalf("with seed %d the events of a leg (-recorded +fake):\n%s", seed, diff)
		}
		if seed >= 4 && slices.Equal(told, wanted) {
			inTime(t, wanted, at, when)
			return
		}
	}
	t.Errorf("the legs' events never came in the recorded order")
}

// inTime holds the times of events against those that were recorded.
func inTime(t *testing.T, events []string, got, want []time.Duration) {
	t.Helper()
	for i := range want {
		if apart := (got[i] - want[i]).Abs(); apart > 600*time.Millisecond {
			t.Errorf("told at %v, recorded at %v: %s", got[i], want[i], events[i])
		}
	}
}

// play sends the requests of a recording and gives the events,
// and when they were told.
func play(t *testing.T, lines []Exchange, seed uint64) (told []string, at []time.Duration) {
	a := recorded(t, seed)
	c := connect(t, a)
	synctest.Wait()
	begun := time.Now()
	var asked []Exchange
	for i, x := range lines {
		// The lines of one millisecond keep their order.
		time.Sleep(time.Duration(x.AtMS)*time.Millisecond + time.Duration(i)*10*time.Microsecond - time.Since(begun))
		switch {
		case x.Kind == "request":
			asked = append(asked, x)
			ask(t, a, master, x, answerTo(t, lines[i:], x))
		case x.Kind == "response" && !slices.ContainsFunc(asked, func(r Exchange) bool { return r.Verb == x.Verb && r.Path == x.Path }):
			askAlone(t, a, x)
		case strings.Contains(string(x.Body), `"ApplicationReplaced"`):
			t.Cleanup(a.TakeOver("tebiki"))
		}
	}
	time.Sleep(100 * time.Millisecond)
	synctest.Wait()
	var logged []string
	for _, e := range a.Events() {
		logged = append(logged, normal(t, e.Body))
		at = append(at, e.At.Sub(begun))
	}
	for _, ev := range c.heard() {
		told = append(told, normal(t, asText(ev)))
	}
	if diff := cmp.Diff(logged, told); diff != "" {
		t.Errorf("what was noted and what a client heard (-noted +heard):\n%s", diff)
	}
	return told, at
}

func answerTo(t *testing.T, lines []Exchange, request Exchange) Exchange {
	t.Helper()
	for _, x := range lines {
		if x.Kind == "response" && x.Verb == request.Verb && x.Path == request.Path {
			return x
		}
	}
	t.Fatalf("%s %s has no answer in the recording", request.Verb, request.Path)
	return Exchange{}
}

// askAlone makes a request of which only the answer was recorded, with who
// made it in its path.
func askAlone(t *testing.T, a *Asterisk, x Exchange) {
	t.Helper()
	user := map[string]string{"wrong password": User + ":wrong", "read-only user": ReadOnlyUser + ":" + Password}
	path, who, _ := strings.Cut(strings.TrimSuffix(x.Path, ")"), " (")
	x.Path = path
	var text string
	if err := json.Unmarshal(x.Body, &text); err != nil || user[who] == "" {
		t.Fatalf("%s: %v", x.Body, err)
	}
	request := x
	request.Body, x.Body = nil, json.RawMessage(text)
	ask(t, a, user[who], request, x)
}

func ask(t *testing.T, a *Asterisk, user string, request, answer Exchange) {
	t.Helper()
	var body any
	if request.Body != nil {
		body = request.Body
	}
	status, text, err := send(a, user, request.Verb, request.Path, body)
	if err != nil || status != answer.Status {
		t.Errorf("%s %s: %d %s %v, recorded %d", request.Verb, request.Path, status, text, err, answer.Status)
		return
	}
	if len(text) == 0 && answer.Body == nil {
		return
	}
	// A playback may have begun when its request is answered.
	begun := strings.NewReplacer(`"state": "playing"`, `"state": "queued"`)
	if diff := cmp.Diff(begun.Replace(normal(t, answer.Body)), begun.Replace(normal(t, text))); diff != "" {
		t.Errorf("%s %s (-recorded +fake):\n%s", request.Verb, request.Path, diff)
	}
}

var serial = regexp.MustCompile(`-[0-9a-f]{8}(;[12])?$`)

// normal is JSON in one form, without what differs from call to call: times,
// and the number in a channel's name.
func normal(t *testing.T, text []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	pretty, err := json.MarshalIndent(plain("", v), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(pretty)
}

func plain(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plain(k, v[k])
		}
	case []any:
		for i := range v {
			v[i] = plain("", v[i])
		}
	case string:
		switch key {
		case "timestamp", "creationtime":
			if _, err := time.Parse("2006-01-02T15:04:05.000-0700", v); err == nil {
				return "a time"
			}
		case "name":
			return serial.ReplaceAllString(v, "-N$1")
		}
	}
	return v
}

// byLeg are the events of each leg: those of playbacks and recordings belong
// to the leg that they are on.
func byLeg(events []string) map[string][]string {
	legs := map[string][]string{}
	for _, text := range events {
		var ev struct {
			Channel, Peer       struct{ ID string }
			Playback, Recording struct {
				Target string `json:"target_uri"`
			}
		}
		leg := ""
		if json.Unmarshal([]byte(text), &ev) == nil {
			leg = strings.TrimPrefix(ev.Channel.ID+ev.Peer.ID+ev.Playback.Target+ev.Recording.Target, "channel:")
		}
		legs[leg] = append(legs[leg], text)
	}
	return legs
}

// TestEventsBeforeTheAnswer holds the one recorded case that is no matter of
// chance.
func TestEventsBeforeTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(t, WithoutNetwork())
		connect(t, a)
		want(t, a, 200, "POST", "/channels", originate("Local/nosuchext@phones", "x"))
		if got := len(a.Events("ChannelDestroyed")); got != 2 {
			t.Errorf("%d legs had ended when the request was answered, want 2", got)
		}
	})
}

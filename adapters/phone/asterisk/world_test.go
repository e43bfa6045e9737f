package asterisk

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/websocket"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// A voice makes each sentence a sound of its own that lasts a second, and
// knows afterwards which is which.
type voice struct {
	mu    sync.Mutex
	texts []string
	fail  error
	holes bool // what it gives is not there
	kind  string
}

func (v *voice) Speak(ctx context.Context, _ string, say []phone.Sentence) (media []string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.fail != nil {
		return nil, v.fail
	}
	for _, s := range say {
		n := -1
		for i, t := range v.texts {
			if t == s.Text {
				n = i
			}
		}
		if n < 0 {
			n = len(v.texts)
			v.texts = append(v.texts, s.Text)
		}
		media = append(media, fmt.Sprintf("sound:%s/%d", v.kind, n))
	}
	return media, ctx.Err()
}

// Open gives the sounds to Asterisk.
func (v *voice) Open(name string) (fs.File, error) {
	v.mu.Lock()
	holes := v.holes
	v.mu.Unlock()
	if !strings.HasPrefix(name, v.kind+"/") || holes {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return fstest.MapFS{name: {Data: asterisktest.WAV(time.Second)}}.Open(name)
}

// text is what a sound says, "" when it is none of the voice's.
func (v *voice) text(media string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := -1
	if _, err := fmt.Sscanf(media, "sound:"+v.kind+"/%d", &n); err != nil || n < 0 || n >= len(v.texts) {
		return ""
	}
	return v.texts[n]
}

// A world is an Asterisk and the adapter on it, in a bubble.
type world struct {
	t     *testing.T
	fake  *asterisktest.Asterisk
	a     *Asterisk
	voice *voice
	spare *voice
	stop  func() // ends the process in good order
	kill  func() // ends it as SIGKILL does
	n     int

	mu     sync.Mutex
	counts map[string]int
}

func newWorld(t *testing.T, options ...asterisktest.Option) *world {
	t.Helper()
	w := newWorldAway(t, options...)
	w.connected()
	return w
}

// newWorldAway does not wait for the connection.
func newWorldAway(t *testing.T, options ...asterisktest.Option) *world {
	t.Helper()
	w := &world{t: t, voice: &voice{kind: "spoken"}, spare: &voice{kind: "spare"}, counts: map[string]int{}}
	w.fake = asterisktest.New(t, append([]asterisktest.Option{asterisktest.WithoutNetwork(), asterisktest.WithSounds(w.voice), asterisktest.WithSounds(w.spare)}, options...)...)
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) options(n network) Options {
	return Options{
		URL: w.fake.URL(), User: asterisktest.User, Password: asterisktest.Password, Number: "PJSIP/{number}@trunk", Voice: w.voice, Spare: w.spare,
		Transport: n.transport, Dialer: n.dialer, Count: w.count,
	}
}

func (w *world) count(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[what]++
}

func (w *world) counted(what string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts[what]
}

// start begins a process.
func (w *world) start() {
	w.t.Helper()
	n := newNetwork(w.fake)
	a, err := New(w.options(n))
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Run(ctx)
	}()
	w.a = a
	w.stop = sync.OnceFunc(func() { cancel(); <-done })
	w.kill = func() { n.cut(); w.stop() }
}

// A network is what one process reaches Asterisk by; cut, no byte of it gets
// there any more.
type network struct {
	transport *http.Transport
	dialer    *websocket.Dialer
	wires     *wires
}

type wires struct {
	mu   sync.Mutex
	open []net.Conn
	dead bool
}

func newNetwork(fake *asterisktest.Asterisk) network {
	w := &wires{}
	dial := func(ctx context.Context, kind, address string) (net.Conn, error) {
		conn, err := fake.DialContext(ctx, kind, address)
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.dead {
			_ = conn.Close()
			return nil, net.ErrClosed
		}
		w.open = append(w.open, conn)
		return conn, nil
	}
	return network{&http.Transport{DialContext: dial, MaxIdleConnsPerHost: 64}, &websocket.Dialer{NetDialContext: dial}, w}
}

func (n network) cut() {
	n.wires.mu.Lock()
	defer n.wires.mu.Unlock()
	n.wires.dead = true
	for _, conn := range n.wires.open {
		_ = conn.Close()
	}
}

// connected waits until the connection is up.
func (w *world) connected() {
	w.t.Helper()
	limit := time.After(2 * time.Minute)
	for {
		up, _, change, why := w.a.link.state()
		if up {
			return
		}
		select {
		case <-change:
		case <-limit:
			w.t.Fatalf("there is no connection: %v", why)
		}
	}
}

// said is what an endpoint has heard, at least in part.
func (w *world) said(to string) (said []string) {
	for _, h := range w.fake.Heard(to) {
		if text := w.voice.text(h.Media); text != "" && h.How != asterisktest.Missing {
			said = append(said, text)
		}
	}
	return said
}

// person puts somebody at an endpoint of their own.
func (w *world) person(s asterisktest.Script) (to string) {
	w.n++
	to = fmt.Sprintf("PJSIP/person%d", w.n)
	w.fake.Person(to, s)
	return to
}

// call is a usual call, whose key 1 acknowledges and whose key 2 passes on.
func (w *world) call(to string) phone.Call {
	w.n++
	return phone.Call{
		ID: fmt.Sprint("page-", w.n), To: to, Lang: "en", Ring: 20 * time.Second, Repeat: 2, Prompt: phone.Texts("db1 is down.", "Press 1."),
		Menu: []phone.Choice{{Key: "1", Label: "acknowledge"}, {Key: "2", Label: "pass on"}},
		Press: func(_ context.Context, key string) phone.Answer {
			switch key {
			case "1":
				return phone.Answer{Say: phone.Texts("Thank you."), End: true, Result: phone.Acknowledged}
			case "2":
				return phone.Answer{Say: phone.Texts("Thank you."), End: true, Result: phone.PassedOn}
			}
			return phone.Answer{Say: phone.Texts("No such key."), Again: true}
		},
	}
}

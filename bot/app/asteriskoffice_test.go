package app

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/inprocess"
	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/bot/roster/pin"
	"tebiki/escalation"
)

// An office whose telephone is an Asterisk runs in a bubble of time: the whole
// app, its store on disk, and people who pick up, press keys and hang up.

// A cord is all that leads from one process to Asterisk. Cut, it is as if the
// process had died.
type cord struct {
	to *asterisktest.Asterisk

	mu     sync.Mutex
	open   []net.Conn
	dead   bool
	sought []byte // what leads to seen being called before it is sent, once
	seen   func()
}

// A plugged connection tells its cord what goes through it.
type plugged struct {
	net.Conn
	cord *cord
}

func (p plugged) Write(b []byte) (int, error) {
	p.cord.look(b)
	return p.Conn.Write(b)
}

func (c *cord) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.to.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return nil, conn.Close()
	}
	c.open = append(c.open, conn)
	return plugged{conn, c}, nil
}

func (c *cord) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
	for _, conn := range c.open {
		_ = conn.Close() // whoever has closed it before
	}
}

// before calls what is to be seen at the moment when something is first sent.
func (c *cord) before(sought string, see func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sought, c.seen = []byte(sought), see
}

func (c *cord) look(b []byte) {
	c.mu.Lock()
	see := c.seen
	if see == nil || !bytes.Contains(b, c.sought) {
		c.mu.Unlock()
		return
	}
	c.seen = nil
	c.mu.Unlock()
	see()
}

// A journal is a log that can be read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// An asteriskOffice is an office whose telephone is an Asterisk. Suzuki is on
// call, and sato after her; sato has a number, tanaka a PIN besides.
type asteriskOffice struct {
	*office
	asterisk *asterisktest.Asterisk
	cord     *cord
	journal  *journal
	opt      Options
	stop     func() // ends the app and waits for it
	ends     func() // ends the rival
}

const (
	tanakasPIN   = "73914"
	satosNumber  = "09011112222"
	satosPhone   = "PJSIP/" + satosNumber + "@trunk"
	suzukisPhone = "PJSIP/suzuki"
)

// An asteriskSetting is what a test's telephone and configuration have
// besides.
type asteriskSetting struct {
	password string // in the configuration, when it is not the right one
	phone    string // keys of the telephone, as YAML: ", lines: 1"
	asterisk string // and of Asterisk: ", app: other"
	replace  []string
	sounds   string // a folder that holds Asterisk's sounds from another office's time; a new one otherwise
}

// inAsterisk runs a test in a bubble, with an office on an Asterisk.
func inAsterisk(t *testing.T, set asteriskSetting, test func(o *asteriskOffice)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(saturday)) // in the bubble's time
		sounds := set.sounds
		if sounds == "" {
			sounds = t.TempDir()
		}
		o := &asteriskOffice{office: &office{t: t}, asterisk: asterisktest.New(t, asterisktest.WithoutNetwork(), asterisktest.WithSoundsFolder(sounds)), journal: &journal{}}
		o.opt = asteriskOptions(t, o.asterisk.URL(), sounds, set)
		o.opt.Log = slog.New(slog.NewTextHandler(o.journal, nil))
		t.Cleanup(func() { o.stop() })
		o.start()
		o.pause(5 * time.Second)
		test(o)
		if t.Failed() {
			t.Logf("the log:\n%s", o.journal)
		}
	})
}

func asteriskOptions(t testing.TB, url, sounds string, set asteriskSetting) Options {
	t.Helper()
	salt, err := pin.NewSalt(1000)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := pin.New(tanakasPIN, salt)
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(cmp.Or(set.password, asterisktest.Password)), 0o600); err != nil {
		t.Fatal(err)
	}
	phone := fmt.Sprintf("\nphone: {ring: 45s, repeat: 2%s, asterisk: {url: %q, password: {file: %q}, sounds: %q, number: 'PJSIP/{number}@trunk'%s}}\n",
		set.phone, url, secret, sounds, set.asterisk)
	return officeOptions(t, append(set.replace, "\nphone: {lines: 4, ring: 45s, repeat: 2}\n", phone,
		"mail: tanaka@example.jp", fmt.Sprintf("mail: tanaka@example.jp, phone: PJSIP/tanaka, pin: '%s'", hash),
		"mail: sato@example.jp", "mail: sato@example.jp, phone: 090-1111-2222",
		"mail: suzuki@example.jp", "mail: suzuki@example.jp, phone: "+suzukisPhone)...)
}

// start runs the app on the store as it is.
func (o *asteriskOffice) start() {
	t := o.t
	t.Helper()
	o.cord = &cord{to: o.asterisk}
	o.opt.Listener, o.opt.Dial = newDeaf(), o.cord.dial
	a, err := New(t.Context(), o.opt)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	o.stop = sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	o.office = &office{a, t, &http.Client{Transport: inprocess.Transport{Handler: a.web}}}
}

// die is a death without warning: what is on the disk is all that is left, and
// Asterisk hears nothing more. It is some seconds before anybody has noticed.
func (o *asteriskOffice) die() {
	o.cord.cut()
	o.leave(o.opt.Data)
	o.stop()
	o.resume(o.opt.Data)
}

func (o *asteriskOffice) pause(d time.Duration) {
	time.Sleep(d) // in the bubble's time
	synctest.Wait()
}

// untilRinging waits until an endpoint's phone rings, in the bubble's time.
func (o *asteriskOffice) untilRinging(endpoint string) {
	o.t.Helper()
	for range 20 * 60 * 10 {
		if o.asterisk.OnLine(endpoint) != nil {
			return
		}
		o.pause(100 * time.Millisecond)
	}
	o.t.Fatalf("the phone of %s does not ring", endpoint)
}

// calls is how often an endpoint was called.
func (o *asteriskOffice) calls(endpoint string) int { return len(o.asterisk.Calls(endpoint)) }

// said are the names of the sounds that somebody heard to the end.
func said(heard []asterisktest.Heard) (names []string) {
	for _, h := range heard {
		if h.How == asterisktest.Finished {
			names = append(names, path.Base(h.Media))
		}
	}
	return names
}

// saidInOrder tells whether sounds were heard one after the other, with
// others in between.
func (o *asteriskOffice) saidInOrder(heard []asterisktest.Heard, want ...string) {
	o.t.Helper()
	left := want
	for _, name := range said(heard) {
		if len(left) > 0 && name == left[0] {
			left = left[1:]
		}
	}
	if len(left) > 0 {
		o.t.Errorf("%q of %q was not heard: %q", left, want, said(heard))
	}
}

// results are what became of the calls about an incident, in their order.
func (o *asteriskOffice) results(id string) (out []string) {
	o.t.Helper()
	for _, l := range o.history(id) {
		if l.News == escalation.NewsOutcome && l.Channel == escalation.Phone {
			out = append(out, l.Person+" "+string(l.Outcome))
		}
	}
	return out
}

func (o *asteriskOffice) history(id string) []escalation.Line {
	o.t.Helper()
	n, err := escalation.ParseID(id)
	if err != nil {
		o.t.Fatal(err)
	}
	lines, err := o.runner.History(o.t.Context(), n)
	if err != nil {
		o.t.Fatal(err)
	}
	return lines
}

// resulted wants the results of the calls about an incident to be just these.
func (o *asteriskOffice) resulted(id string, want ...string) {
	o.t.Helper()
	if got := o.results(id); !slices.Equal(got, want) {
		o.t.Errorf("the calls about %s came to %q, want %q", id, got, want)
	}
}

// taken wants an incident to be somebody's.
func (o *asteriskOffice) taken(id, by string) {
	o.t.Helper()
	if inc := o.incident(id); inc.State != "acknowledged" || inc.AcknowledgedBy != by {
		o.t.Errorf("%s is %s, by %q, want it %s's", id, inc.State, inc.AcknowledgedBy, by)
	}
}

// says is what a person writes in chat.
func (o *asteriskOffice) says(person, line string) {
	o.t.Helper()
	if _, err := o.App.messages.Say(o.t.Context(), person, line); err != nil {
		o.t.Fatal(err)
	}
}

// down is an urgent alert about a host.
func down(host string) map[string]any {
	return map[string]any{"source": "zabbix", "host": host, "check": "ping", "severity": "critical", "summary": host + " does not answer"}
}

// callAfter is how long after its incident a call comes, by the policy.
const callAfter = 2 * time.Minute

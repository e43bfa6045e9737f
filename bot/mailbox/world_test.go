package mailbox

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/source/mail/rule"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
)

func rules() *escalation.Rules {
	step := escalation.PolicyStep{Who: escalation.Target{Person: "sato"}, Via: []escalation.Delayed{{Channel: escalation.Chat}}, Next: time.Hour}
	return &escalation.Rules{
		Low:      []string{"low", "info", "warning"},
		Routes:   []escalation.Route{{Policy: "infra"}},
		Policies: map[string]*escalation.Policy{"infra": {Name: "infra", Team: "infra", Leader: "sato", Steps: []escalation.PolicyStep{step}, LeaderEvery: time.Hour}},
		Match:    nil, MatchWithin: time.Hour, Subtickets: 3, Storm: escalation.Rate{Count: 100000, Within: time.Second}, ListEvery: time.Hour,
		Reopen: time.Hour, Grace: time.Hour, Flap: escalation.Rate{Count: 1000, Within: time.Second}, FlapQuiet: time.Hour, AckTimeout: time.Hour, ConfirmLimit: time.Hour,
	}
}

// A process is a runner and an intake on a store.
type process struct {
	*Intake
	runner *runner.Runner
	logged *logged
	end    func()
}

func start(t testing.TB, st store.Store) *process {
	t.Helper()
	r := runner.New(st, rules(), runner.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = r.Run(ctx) })
	set, err := rule.Standard()
	if err != nil {
		t.Fatal(err)
	}
	log := &logged{}
	p := &process{Intake: New(r, st, set, time.Now, slog.New(slog.NewTextHandler(log, nil))), runner: r, logged: log}
	p.end = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(p.end)
	return p
}

// logged keeps what was logged.
type logged struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *logged) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.all.String(), what)
}

// stored gives the keys of all alerts that are there, each as often as it came,
// in order.
func stored(t testing.TB, st store.Store) (keys []string) {
	t.Helper()
	err := st.View(context.Background(), func(tx store.Reader) error {
		low, err := runner.LowAfter(tx, "", 1<<20)
		for _, l := range low {
			keys = append(keys, l.Alert.Key)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := runner.New(st, rules(), runner.Options{})
	if err := r.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	for id := escalation.ID(1); ; id++ {
		_, ok, err := r.Incident(context.Background(), id)
		if err != nil || !ok {
			break
		}
		members, err := r.Alerts(context.Background(), id, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range members {
			for range m.Count {
				keys = append(keys, m.Alert.Key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// zabbix is a problem's mail.
func zabbix(id, host string) []byte {
	return []byte(strings.ReplaceAll("From: Zabbix <zabbix@example.jp>\nTo: ops@example.jp\nSubject: Problem: Disk space is critical on "+host+
		"\nDate: Wed, 25 Nov 2026 10:00:00 +0900\nMessage-ID: <"+id+"@example.jp>\nContent-Type: text/plain; charset=UTF-8\n\n"+
		"Problem started at 10:00:00 on 2026.11.25\nProblem name: Disk space is critical on "+host+"\nHost: "+host+"\nSeverity: High\n\nOriginal problem ID: 1"+id+"\n", "\n", "\r\n"))
}

// await asks again and again, for there is nothing to wait on in a server.
func await(t testing.TB, until func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !until() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it has not come to pass within twenty seconds")
		}
	}
}

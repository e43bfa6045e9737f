package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/knowhow"
)

const places = `
  here: {run: [uptime]}
  there: {run: [df, "{path}"], where: server, params: {path: {from: path, pattern: "/.*", default: /}}}
  page: {get: "https://status.example.jp/x?of={path}", json: $.up, params: {path: {from: path, pattern: ".*", default: /}}}
  asked: {get: "https://{host}:8443/x", params: {host: {from: host, pattern: ".*"}}}
`

func TestPlaces(t *testing.T) {
	o := new(office)
	results := o.runner(t).Run(t.Context(), Order{Checks: checks(t, places), Fields: map[string]string{"host": "www.example.jp", "path": "/var & x"}})
	for i, want := range []struct{ host, where, command string }{
		{"", "bot", "uptime"},
		{"192.0.2.1", "server", "df '/var & x'"},
		{"status.example.jp", "bot", "GET 'https://status.example.jp/x?of=%2Fvar+%26+x' '$.up'"},
		{"192.0.2.1", "bot", "GET https://192.0.2.1:8443/x"},
	} {
		r := results[i]
		if r.Reason != Ran || r.Text != "ok" || r.Host != want.host || r.Where != want.where || r.Command != want.command || r.Started.IsZero() {
			t.Errorf("got %+v, want %+v", r, want)
		}
	}
	for _, want := range []string{"bot: uptime", "192.0.2.1: df /var & x", "http: GET https://status.example.jp/x?of=%2Fvar+%26+x $.up", "http: GET https://192.0.2.1:8443/x"} {
		if !strings.Contains(strings.Join(o.ran, "\n"), want) {
			t.Errorf("%q was not run but\n%s", want, strings.Join(o.ran, "\n"))
		}
	}
}

// TestOnlyTheInventory: what a ticket names is run on and asked only when the
// inventory has it, whatever else goes well.
func TestOnlyTheInventory(t *testing.T) {
	list := checks(t, places)
	for host, want := range map[string]struct {
		reason Reason
		says   string
	}{
		"":                       {Refused, `field "host" is empty`},
		"unknown":                {Unlisted, "not in the inventory"},
		"torn":                   {Broken, "look at the inventory"},
		"; rm -rf /":             {Unlisted, "not in the inventory"},
		"-oProxyCommand=x":       {Unlisted, "not in the inventory"},
		"\u202egnp\n\x00":        {Unlisted, `"\u202egnp\n\x00"`},
		strings.Repeat("a", 1e6): {Refused, "1000000 bytes"},
	} {
		o := new(office)
		results := o.runner(t).Run(t.Context(), Order{Checks: list, Fields: map[string]string{"host": host}})
		if r := results[1]; r.Reason != want.reason || !strings.Contains(r.Err, want.says) || r.Text != "" {
			t.Errorf("%.20q: %s %q", host, r.Reason, r.Err)
		}
		if r := results[3]; r.Reason == Ran || len(r.Err) > 2000 {
			t.Errorf("%.20q was asked: %+v", host, r)
		}
		if results[0].Reason != Ran || results[2].Reason != Ran || len(o.ran) != 2 {
			t.Errorf("%.20q held up others: %q", host, o.ran)
		}
	}
}

// TestHostileFields: whatever a ticket holds, it stays in its argument or is
// refused, and nobody is shown it as more than a line.
func TestHostileFields(t *testing.T) {
	list := checks(t, places)
	for _, hostile := range []string{
		"; rm -rf /", "/a; rm -rf /", "/a\nrm -rf /", "/$(id)", "/`id`", "/a\x00b", "/" + strings.Repeat("x", 1<<20), "/\u202egnp.exe", "--help", "-rf", "/\xff", "/'\"\\",
	} {
		o := new(office)
		results := o.runner(t).Run(t.Context(), Order{Checks: list, Fields: map[string]string{"host": "web1", "path": hostile}})
		for _, r := range results {
			if strings.ContainsAny(r.Command+r.Err, "\x00\n\u202e") || len(r.Err) > 1000 {
				t.Errorf("%.20q: %.200q, %.200q", hostile, r.Command, r.Err)
			}
			if r.Reason != Ran && r.Reason != Refused {
				t.Errorf("%.20q: %s is %s: %s", hostile, r.Check, r.Reason, r.Err)
			}
		}
		for _, ran := range o.ran {
			if strings.HasPrefix(ran, "192") && ran != "192.0.2.1: df "+hostile {
				t.Errorf("%q was run", ran)
			}
		}
	}
}

func TestRulesBind(t *testing.T) {
	o := new(office)
	r := o.runner(t, func(o *Options) {
		o.Rules = Rules{Deny: []string{"df /etc*"}, AllowHosts: []string{"status.example.jp"}}
	})
	results := r.Run(t.Context(), Order{Checks: checks(t, places), Fields: map[string]string{"host": "web1", "path": "/etc/passwd"}})
	for i, want := range []Reason{Ran, Denied, Ran, Denied} {
		if results[i].Reason != want {
			t.Errorf("%s is %q: %s", results[i].Check, results[i].Reason, results[i].Err)
		}
	}
	if want := `df was not run: the rule "df /etc*" of the bot's configuration denies it. Ask whoever runs the bot, or change the check there`; results[1].Err != want {
		t.Errorf("it says %q", results[1].Err)
	}
	if len(o.ran) != 2 {
		t.Errorf("what is denied ran: %q", o.ran)
	}
}

func TestWithoutExecutors(t *testing.T) {
	r, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range r.Run(t.Context(), Order{Checks: checks(t, places), Fields: map[string]string{"host": "web1"}}) {
		if res.Reason != Refused || res.Err == "" {
			t.Errorf("%+v", res)
		}
	}
}

// TestSecretsNeverLeave: not by output, by error, by command or by verdict.
func TestSecretsNeverLeave(t *testing.T) {
	const secret = "hunter2hunter2"
	o := &office{do: func(_ context.Context, argv []string, _ int) (Output, error) {
		out := Output{Text: []byte("pass\x1b[1mword=" + secret + "\nEMP-" + secret + "\n")}
		if argv[0] == "fails" {
			return out, errors.New("dial https://root:" + secret + "@db1: refused")
		}
		return out, nil
	}}
	r := o.runner(t, func(o *Options) { o.Secrets = []string{`EMP-(\w+)`} })
	results := r.Run(t.Context(), Order{Checks: checks(t, `
  a: {run: [a, "--token={word}"], params: {word: {from: word, pattern: ".*"}}, expect: {matches: "(?i)EMP-.*|hunter.*"}}
  b: {run: [fails]}
  c: {run: [a, "{word}"], params: {word: {from: word, pattern: "password=[0-9]+"}}}
`), Fields: map[string]string{"word": "password=" + secret}})
	all := fmt.Sprintf("%+v %+v %+v", results, o.audit, *results[0].Verdict)
	if strings.Contains(all, secret) {
		t.Errorf("the secret is in\n%s", all)
	}
	if !strings.Contains(results[0].Text, "password=[masked]\nEMP-[masked]") {
		t.Errorf("the text is %q", results[0].Text)
	}
}

func TestVerdict(t *testing.T) {
	o := &office{do: func(_ context.Context, argv []string, limit int) (Output, error) {
		switch argv[0] {
		case "long":
			k := NewKeeper(limit)
			_, _ = k.Write([]byte("head " + strings.Repeat("x", 1<<20) + "\nused 91\n"))
			return k.Output(), nil
		case "fails":
			return Output{Text: []byte("used 91")}, errors.New("torn")
		}
		return Output{Text: []byte("used 91"), Exit: 1}, nil
	}}
	results := o.runner(t).Run(t.Context(), Order{Checks: checks(t, `
  a: {run: [a], expect: {exit: 1, compare: "> 90"}}
  b: {run: [a], expect: {exit: 0, compare: "< 90"}}
  c: {run: [a]}
  d: {run: [fails], expect: {exit: 0}}
  e: {run: [long], expect: {matches: "used ([0-9]+)", compare: "== 91"}}
  f: {run: [long], expect: {compare: "== 91"}}
`)})
	for i, want := range []string{"met", "unmet", "", "", "met", "met"} {
		got := ""
		if v := results[i].Verdict; v != nil {
			got = map[bool]string{true: "met", false: "unmet"}[v.Met]
		}
		if got != want {
			t.Errorf("%s: %q, want %q (%+v)", results[i].Check, got, want, results[i].Verdict)
		}
	}
	if v := results[1].Verdict; v.Points[0] != (knowhow.Point{By: knowhow.ByExit, Want: "0", Found: "1"}) {
		t.Errorf("the first point is %+v", v.Points[0])
	}
}

// TestPerHost: a host that hangs takes two places and no more, and its queue
// keeps nothing from running elsewhere.
func TestPerHost(t *testing.T) {
	yaml := ""
	for i := range 6 {
		yaml += fmt.Sprintf("  hang%d: {run: [hang], where: server, timeout: 1m}\n", i)
	}
	slow, quick := checks(t, yaml), checks(t, "  q: {run: [q], where: server}\n")
	synctest.Test(t, func(t *testing.T) {
		o := &office{do: func(ctx context.Context, argv []string, _ int) (Output, error) {
			if argv[0] == "hang" {
				<-ctx.Done()
				return Output{}, ctx.Err()
			}
			return Output{}, nil
		}}
		r := o.runner(t)
		var all sync.WaitGroup
		all.Go(func() {
			began := time.Now()
			for _, res := range r.Run(t.Context(), Order{Checks: slow, Fields: map[string]string{"host": "web1"}}) {
				if res.Reason != Late || res.Took != time.Minute {
					t.Errorf("%+v", res)
				}
			}
			if took := time.Since(began); took != 3*time.Minute {
				t.Errorf("six that hang, two at once, took %v", took)
			}
		})
		synctest.Wait()
		began := time.Now()
		res := r.Run(t.Context(), Order{Checks: quick, Fields: map[string]string{"host": "web2"}})[0]
		if took := time.Since(began); res.Reason != Ran || res.Host != "web2" || took != 0 {
			t.Errorf("the other host waited %v: %+v", took, res)
		}
		all.Wait()
		if len(r.slots.hosts) != 0 || len(r.slots.all) != 0 {
			t.Errorf("places are left: %d hosts", len(r.slots.hosts))
		}
	})
}

func TestFailuresSayWhatToDo(t *testing.T) {
	o := &office{do: func(_ context.Context, argv []string, _ int) (Output, error) {
		return Output{}, fmt.Errorf("running it: %w", &Failure{Reason: ChangedKey, What: "it shows another key", Err: errors.New("x")})
	}}
	res := o.runner(t).Run(t.Context(), Order{Checks: checks(t, "  a: {run: [a], where: server}\n"), Fields: map[string]string{"host": "web1"}})[0]
	if res.Reason != ChangedKey || res.Err != "it shows another key" {
		t.Errorf("%+v", res)
	}
	r := o.runner(t, func(opts *Options) {
		opts.Resolve = func(context.Context, string) (string, error) {
			return "", fmt.Errorf("find it: %w", &Failure{Reason: Refused, What: "it has no name"})
		}
	})
	res = r.Run(t.Context(), Order{Checks: checks(t, "  a: {run: [a], where: server}\n"), Fields: map[string]string{"host": "web1"}})[0]
	if res.Reason != Refused || res.Err != "it has no name" {
		t.Errorf("%+v", res)
	}
	seen := map[Reason]bool{Ran: true}
	for _, r := range Reasons() {
		if seen[r] {
			t.Errorf("%s is listed twice", r)
		}
		seen[r] = true
	}
}

package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tebiki/bot/app"
	"tebiki/bot/config"
	"tebiki/bot/sample"
)

var shots = flag.String("shots", "", "folder to write pictures of the pages into")

// A browser is a real Chromium on the console of a running app.
type browser struct {
	t   *testing.T
	ctx context.Context
	url string

	mu     sync.Mutex
	faults []string // what the browser complained of
}

// TestConsole is a new user's first minutes, in a real browser: a request with
// its sub-tickets and message, and an alert with its call.
func TestConsole(t *testing.T) {
	b := openBrowser(t, serveSample(t))
	b.choose("tanaka")
	t.Run("request", func(t *testing.T) { b.t = t; b.request() })
	t.Run("alert", func(t *testing.T) { b.t = t; b.alert() })
	t.Run("rating", func(t *testing.T) { b.t = t; b.rate() })
	t.Run("review", func(t *testing.T) { b.t = t; b.review() })
	t.Run("phone width", func(t *testing.T) { b.t = t; b.narrow() })
	for _, f := range b.complaints() {
		t.Errorf("the browser complains: %s", f)
	}
}

// serveSample runs the sample workspace, in which the phone rings after a
// second instead of two minutes.
func serveSample(t *testing.T) string {
	cfg, err := config.Load(sample.FS(), sample.Config, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen = "127.0.0.1:0"
	for _, p := range cfg.Rules.Policies {
		for i := range p.Steps {
			p.Steps[i].Via[1].After = time.Second
		}
	}
	a, err := app.New(t.Context(), app.Options{Config: cfg, Files: sample.FS(), Data: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + a.Addr().String()
}

func openBrowser(t *testing.T, url string) *browser {
	path, err := exec.LookPath("chromium")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("CI has no chromium: .ci/run installs it")
	case err != nil:
		t.Skip("no chromium here: on Debian, apt-get install chromium")
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(1280, 900), chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "en"))...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, url: url}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		b.listen(ctx)
	}()
	t.Cleanup(func() { cancel(); <-listening })
	return b
}

// listen keeps what a person would see in the browser's console: exceptions,
// and above all what the Content-Security-Policy refused.
func (b *browser) listen(ctx context.Context) {
	for m, err := range chromedp.Console(ctx) {
		if err != nil {
			return
		}
		if m.IsException() || m.Type == "error" || m.Type == "warning" {
			b.mu.Lock()
			b.faults = append(b.faults, m.String())
			b.mu.Unlock()
		}
	}
}

func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.faults
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v\nThe page says:\n%s", what, err, b.text())
	}
}

func evaluate[T any](b *browser, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

func (b *browser) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	if err != nil {
		return err.Error()
	}
	return s
}

// see waits until the page shows all the texts, as live pages do by
// themselves, and as the next page does after a form was sent.
func (b *browser) see(texts ...string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for _, s := range texts {
		script := fmt.Sprintf("document.body?.innerText.includes(%q) ?? false", s)
		for seen := false; !seen; {
			select {
			case <-ctx.Done():
				b.t.Fatalf("%q is not to be seen. The page says:\n%s", s, b.text())
			case <-look.C:
			}
			// An error is a page that is just being left: the next is looked at.
			seen, _ = chromedp.Run(ctx, chromedp.Evaluate[bool](script))
		}
	}
}

// pressUntil presses a button, as impatient people do, until the page shows
// something.
func (b *browser) pressUntil(button, text string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	script := fmt.Sprintf("document.body.innerText.includes(%q) || (document.querySelector(%q)?.click(), false)", text, button)
	for seen := false; !seen; {
		select {
		case <-ctx.Done():
			b.t.Fatalf("%q is not to be seen, however often %s is pressed. The page says:\n%s", text, button, b.text())
		case <-again.C:
		}
		seen, _ = chromedp.Run(ctx, chromedp.Evaluate[bool](script)) // an error is a page that is just being left
	}
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.do("open "+path, chromedp.Navigate(b.url+path), chromedp.WaitReady(chromedp.CSS("main")))
}

// picture writes what is to be seen into the folder of -shots.
func (b *browser) picture(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Errorf("take a picture of %s: %v", name, err)
	}
}

// choose acts as a person, in English.
func (b *browser) choose(person string) {
	b.open("/tickets")
	b.do("choose "+person, chromedp.Click(chromedp.CSS("#who summary")),
		chromedp.Click(chromedp.CSS(fmt.Sprintf("form[action='/viewer'] button[value=%q]", person))))
	b.do("wait for it", chromedp.WaitReady(chromedp.CSS(fmt.Sprintf("button[value=%q][aria-current]", person))))
	if evaluate[string](b, "document.documentElement.lang") != "en" {
		b.do("read English", chromedp.Click(chromedp.CSS("form[action='/lang'] button")), chromedp.WaitReady(chromedp.CSS("html[lang=en]")))
	}
}

func (b *browser) request() {
	b.open("/tickets/new?component=disk-full")
	b.do("fill in the form", chromedp.SendKeys(chromedp.CSS("#title"), "Disk on db1 is filling up"), chromedp.SendKeys(chromedp.CSS("#host"), "db1.example.jp"),
		chromedp.SetValue(chromedp.CSS("#assignee"), "tanaka"), chromedp.Click(chromedp.CSS("form[action='/tickets'] button.primary")))
	b.see("Disk on db1 is filling up", "Sub-tickets")
	b.do("open the first sub-ticket", chromedp.Click(chromedp.CSS("section .row-title a")))
	b.see("やること", "確認結果") // tanaka reads Japanese
	b.picture("subticket")
	b.open("/messages")
	b.see("Disk on db1 is filling up")
	b.picture("message")
	b.do("say that it was useful", chromedp.Click(chromedp.CSS("button[value=useful], .message button")))
	b.see("記録しました")
}

// rate says that a document is out of date and why, and finds that in the
// report.
func (b *browser) rate() {
	b.open("/knowhow/disk-full")
	b.do("open the form", chromedp.Click(chromedp.CSS("details.remark summary")))
	b.do("say what is wrong", chromedp.SendKeys(chromedp.CSS("details.remark[open] textarea"), "The path of the logs has moved."))
	b.picture("rating")
	b.do("send it", chromedp.Click(chromedp.CSS("details.remark[open] button")))
	b.see("It is noted that this is out of date.")
	b.open("/reports/knowhow")
	b.see("Rated out of date", "The path of the logs has moved.")
	b.picture("report")
	b.do("look at a week", chromedp.SetValue(chromedp.CSS("#days"), "7"), chromedp.Click(chromedp.CSS("form[action='/reports/knowhow'] button")))
	b.see("The path of the logs has moved.")
}

// review lets the checks of a ticket run again, and has it sent back for a
// reason by the leader.
func (b *browser) review() {
	b.open("/tickets/T-1")
	b.picture("ticket")
	b.do("run the checks again", chromedp.Click(chromedp.CSS("button[value=checks]")))
	b.see("The checks") // are running, or have just run
	b.picture("ticket-checks")
	b.do("fix it", chromedp.Click(chromedp.CSS("button[value=fix]")))
	b.see("The leader is asked to look.")
	b.choose("sato")
	b.open("/tickets/T-1")
	b.do("open the form", chromedp.Click(chromedp.CSS("details.reason summary")))
	b.picture("ticket-back")
	if problem := evaluate[string](b, "document.querySelector('details.reason button').click(); document.querySelector('#reason').validity.valueMissing ? '' : 'a ticket goes back without a reason'"); problem != "" {
		b.t.Error(problem)
	}
	b.do("say why", chromedp.SendKeys(chromedp.CSS("#reason"), "It is at 97 % again."), chromedp.Click(chromedp.CSS("details.reason button")))
	b.see("Open again.", "It is at 97 % again.")
	b.do("fix it again", chromedp.Click(chromedp.CSS("button[value=fix]")))
	b.see("The leader is asked to look.")
	b.open("/tickets/T-2")
	b.pressUntil("button[value=checks]", "再確認の結果") // tanaka reads Japanese; a while after they last ran
	b.picture("subticket-checks")
}

// alert lets the phone ring on whichever page is open, answers, and presses 1.
func (b *browser) alert() {
	b.open("/incidents")
	b.do("send an alert", chromedp.SetValue(chromedp.CSS("#test-host"), "web1.example.jp"), chromedp.Click(chromedp.CSS("#test button.primary")))
	b.see("web1.example.jp")
	b.picture("incident-open")
	b.open("/phone")
	b.do("answer the phone", chromedp.Click(chromedp.CSS("button[value=answer]")))
	b.see("ウェブ 1")
	b.picture("phone")
	b.do("press 1", chromedp.Click(chromedp.CSS("button[name=key][value='1']")))
	b.open("/incidents/I-1")
	b.see("Acknowledged")
	b.picture("incident")
	b.open("/messages")
	b.see("I-1")
	b.picture("page")
}

// narrow looks for pages that a phone would have to scroll sideways.
func (b *browser) narrow() {
	b.do("be a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateScale(2), chromedp.EmulateMobile))
	for _, path := range []string{"/incidents", "/incidents/I-1", "/tickets", "/tickets/T-1", "/tickets/new", "/tickets/new?component=subdomain",
		"/messages", "/phone", "/oncall", "/knowhow", "/knowhow/disk-full", "/knowhow?q=disk", "/reports/knowhow"} {
		b.open(path)
		evaluate[int](b, "document.querySelectorAll('main details').forEach(d => d.open = true), 0") // forms may be wide
		b.picture("narrow" + strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path))
		if wide := evaluate[int](b, "document.documentElement.scrollWidth - window.innerWidth"); wide > 0 {
			b.t.Errorf("%s is %d pixels wider than a phone", path, wide)
		}
	}
	if s := b.text(); strings.TrimSpace(s) == "" {
		b.t.Error("the last page is empty")
	}
}

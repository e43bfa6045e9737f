package app

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"tebiki/bot/sample"
	"tebiki/store/bolt"
)

// What is wrong is told before anything runs, and nothing is left open.
func TestNewRefuses(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for name, c := range map[string]struct {
		spoil func(*Options)
		want  string
	}{
		"address in use":      {func(o *Options) { o.Config.Listen = ln.Addr().String() }, "--listen chooses another address"},
		"open to everybody":   {func(o *Options) { o.Config.Listen = "0.0.0.0:0" }, "neither a password nor a token"},
		"no inventory":        {func(o *Options) { o.Config.InventoryFile = "gone.yaml" }, "inventory"},
		"wrong inventory":     {func(o *Options) { o.Files = fstest.MapFS{"inventory.yaml": {Data: []byte("servers: 3")}} }, "inventory.yaml"},
		"no know-how":         {func(o *Options) { o.Dir, o.Config.KnowhowDir = os.TempDir(), "gone-for-good" }, "create the folder, or correct knowhow.dir"},
		"embedded know-how":   {func(o *Options) { o.Config.KnowhowDir = "gone" }, "load the know-how in gone"},
		"know-how's own name": {func(o *Options) { o.Config.KnowhowDir = "../x" }, "open the know-how in ../x"},
	} {
		t.Run(name, func(t *testing.T) {
			ignore := goleak.IgnoreCurrent()
			o := officeOptions(t)
			c.spoil(&o)
			if _, err := New(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New gives %v, want %q in it", err, c.want)
			}
			goleak.VerifyNone(t, ignore)
			wantFree(t, o.Data)
		})
	}
}

// wantFree opens the store, which only one can have open.
func wantFree(t *testing.T, data string) {
	t.Helper()
	st, err := bolt.Open(filepath.Join(data, File), bolt.Options{LockTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatalf("the store was left open: %v", err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}

func TestNewWithoutRoom(t *testing.T) {
	o := officeOptions(t)
	o.Data = filepath.Join(o.Data, "file")
	if err := os.WriteFile(o.Data, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), o); err == nil || !strings.Contains(err.Error(), o.Data) {
		t.Errorf("with a file where the folder should be: %v", err)
	}
}

// Built and never run, it frees all that it has taken; closing twice is no fault.
func TestCloseWithoutRun(t *testing.T) {
	o := officeOptions(t)
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	addr := a.Addr().String()
	for range 2 {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	wantFree(t, o.Data)
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("the address is still taken: %v", err)
	}
	if err := ln.Close(); err != nil {
		t.Error(err)
	}
}

// Asked to end before it has begun, it ends, and that is no fault.
func TestRunEndsAtOnce(t *testing.T) {
	o := officeOptions(t)
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Run(ctx); err != nil {
		t.Error(err)
	}
	wantFree(t, o.Data)
}

// A part that ends by itself ends all, with its reason.
func TestPartEnds(t *testing.T) {
	o := officeOptions(t)
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(t.Context()) }()
	if err := a.ln.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "the console: ") {
			t.Errorf("Run gives %v, want the console's reason", err)
		}
	case <-time.After(patienceOfTests):
		t.Fatal("without its console it goes on")
	}
	wantFree(t, o.Data)
}

// The address of links is the one that is served, also when any port would do.
func TestURL(t *testing.T) {
	o := officeOptions(t)
	for _, c := range []struct{ url, want string }{
		{"http://127.0.0.1:0", "http://ADDR"}, {"https://tebiki.example.jp/", "https://tebiki.example.jp"}, {"https://tebiki.example.jp:8000", "https://tebiki.example.jp:8000"},
	} {
		o.Config.URL = c.url
		a, err := New(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Replace(c.want, "ADDR", a.Addr().String(), 1); a.url() != want {
			t.Errorf("%s becomes %s, want %s", c.url, a.url(), want)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The sample is served as it is.
func TestSample(t *testing.T) {
	o := openOffice(t)
	for path, want := range map[string]string{"/healthz": "alive", "/readyz": "ready", "/": "<html", "/metrics": "tebiki_"} {
		if body := o.page(path); !strings.Contains(body, want) {
			t.Errorf("%s answers %.200s", path, body)
		}
	}
	metrics := o.page("/metrics")
	for _, name := range []string{"events_total", "event_commits_total", "commit_failing", "incidents", "alerts_remembered", "outbox_waiting",
		"outbox_running", "outbox_delivered_total", "outbox_failed_total", "outbox_oldest_seconds", "knowhow_fault", "inventory_fault", "store_file_bytes"} {
		if !strings.Contains(metrics, "\ntebiki_"+name) {
			t.Errorf("/metrics does not tell tebiki_%s", name)
		}
	}
	if entries := o.library.Base().Components(); len(entries) != 8 {
		t.Errorf("%s serves know-how of %d components, want 8", sample.Config, len(entries))
	}
}

func (o *office) page(path string) string {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, o.url()+path, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	req.Close = true
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		o.t.Errorf("%s answers %d %v", path, resp.StatusCode, err)
	}
	return string(body)
}

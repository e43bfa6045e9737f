package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tebiki/knowhow/source/gittest"
)

// pushed is what GitHub would send after a push to a branch.
func pushed(branch, secret string) *http.Request {
	body := `{"ref":"refs/heads/` + branch + `","repository":{"full_name":"` + strings.TrimSuffix(gittest.Name, ".git") + `"}}`
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-GitHub-Event", "push")
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

// TestHook goes the whole way: a push, its webhook, a fetch over https with a
// token, and a new snapshot, long before Run would look.
func TestHook(t *testing.T) {
	const token, secret = "t0ken-of-the-bot", "open sesame"
	var fetches atomic.Int32
	hold := make(chan struct{})
	w := newWorld(t, func(repo *gittest.Repo, o *GitOptions) {
		serve := repo.Handler("bot", token)
		o.URL, o.CAFile = repo.HTTPS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/info/refs") {
				fetches.Add(1)
				<-hold
			}
			serve.ServeHTTP(w, r)
		}))
		o.User, o.Token = "bot", func() string { return token }
	})
	w.between = time.Millisecond
	hook := w.Hook(func() string { return secret })
	post := func(r *http.Request, want int) {
		t.Helper()
		answer := httptest.NewRecorder()
		if hook.ServeHTTP(answer, r); answer.Code != want {
			t.Errorf("the answer is %d, want %d: %s", answer.Code, want, answer.Body)
		}
	}
	var running sync.WaitGroup
	running.Go(func() { w.Source.Run(t.Context(), time.Hour) })
	t.Cleanup(running.Wait) // after the context's end
	first := w.repo.Commit("first", good("One"))
	before := w.Current()
	post(pushed("main", secret), http.StatusAccepted)
	hold <- struct{}{} // the answer came while the fetch was waiting
	replaced(t, before)
	if now := w.Current(); now.Commit.hash() != first || now.Fault != nil {
		t.Fatalf("after the hook there is %+v", now)
	}

	before = w.Current()
	second := w.repo.Commit("second", good("Two"))
	post(pushed("other", secret), http.StatusOK)
	post(pushed("main", "wrong"), http.StatusUnauthorized)
	for range 50 {
		post(pushed("main", secret), http.StatusAccepted)
	}
	close(hold)
	replaced(t, before)
	if now := w.Current(); now.Commit.hash() != second {
		t.Errorf("after the hook there is %+v", now)
	}
	if n := fetches.Load(); n > 4 {
		t.Errorf("50 pushes at once were fetched %d times", n-1)
	}
	if log := w.log.String(); strings.Contains(log, token) || strings.Contains(log, secret) || !strings.Contains(log, "was refused") {
		t.Errorf("the log is %s", log)
	}
}

func TestHookOfFolder(t *testing.T) {
	if h := Folder(t.TempDir(), silent()).Hook(func() string { return "x" }); h != nil {
		t.Errorf("a folder takes webhooks: %v", h)
	}
}

// TestAway: a repository that cannot be asked for a while is told of once.
func TestAway(t *testing.T) {
	w := newWorld(t, nil)
	first := w.repo.Commit("first", good("One"))
	w.serves("One", first)
	show := w.hide()
	for range 3 {
		if now := w.serves("One", first); now.Away == nil || now.Fault == nil || now.Failed != nil {
			t.Errorf("of a repository that is away there is %+v", now)
		}
	}
	show()
	for range 3 {
		w.fine(w.serves("One", first))
	}
	log := w.log.String()
	for words, want := range map[string]int{"cannot be asked": 1, "answers again": 1, "know-how loaded": 1, "loads again": 0, "does not load": 0} {
		if n := strings.Count(log, words); n != want {
			t.Errorf("%q is logged %d times, want %d:\n%s", words, n, want, log)
		}
	}
}

// TestTimeLimit: a repository that does not answer is given up on.
func TestTimeLimit(t *testing.T) {
	end := make(chan struct{})
	w := newWorld(t, func(repo *gittest.Repo, o *GitOptions) {
		o.URL, o.CAFile = repo.HTTPS(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
		o.Timeout = 5 * time.Millisecond
	})
	defer close(end)
	if now := w.serves("", ""); now.Away == nil || !strings.Contains(now.Away.Error(), "did not end in the time it has") {
		t.Errorf("of a repository that hangs the fault is %v", now.Fault)
	}
}

package forge

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const secret = "open sesame"

func sign(body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// A delivery is what a service sends.
type delivery struct {
	header map[string]string
	body   string
	method string
}

// deliver gives the answer's status, whether the hook woke, and its log.
func deliver(t *testing.T, remote string, d delivery) (status int, woken bool, log string) {
	t.Helper()
	var out bytes.Buffer
	h := &Hook{Secret: func() string { return secret }, Repository: parsed(t, remote), Branch: "release/1",
		Wake: func() { woken = true }, Log: slog.New(slog.NewTextHandler(&out, nil))}
	method := http.MethodPost
	if d.method != "" {
		method = d.method
	}
	r := httptest.NewRequest(method, "/hook", strings.NewReader(d.body))
	for k, v := range d.header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if strings.Contains(out.String()+w.Body.String(), secret) {
		t.Error("the secret is shown")
	}
	return w.Code, woken, out.String()
}

func gitHub(event, body string) delivery {
	return delivery{header: map[string]string{"X-GitHub-Event": event, "X-Hub-Signature-256": sign(body), "Content-Type": "application/json"}, body: body}
}

func gitLab(event, token, body string) delivery {
	return delivery{header: map[string]string{"X-Gitlab-Event": event, "X-Gitlab-Token": token}, body: body}
}

func bitbucket(event, signature, body string) delivery {
	d := delivery{header: map[string]string{"X-Event-Key": event, "X-Request-Id": "1"}, body: body}
	if signature != "" {
		d.header["X-Hub-Signature"] = signature
	}
	return d
}

const (
	gitHubPush    = `{"ref":"refs/heads/release/1","repository":{"full_name":"Team/kh","clone_url":"https://github.com/Team/kh.git"}}`
	gitLabPush    = `{"object_kind":"push","ref":"refs/heads/release/1","project":{"path_with_namespace":"team/kh"}}`
	serverPush    = `{"eventKey":"repo:refs_changed","repository":{"slug":"kh","project":{"key":"TEAM"}},"changes":[{"ref":{"id":"refs/heads/x"},"refId":"refs/heads/x"},{"ref":{"id":"refs/heads/release/1","displayId":"release/1","type":"BRANCH"},"refId":"refs/heads/release/1","type":"UPDATE"}]}`
	serverDelete  = `{"repository":{"slug":"kh","project":{"key":"TEAM"}},"changes":[{"refId":"refs/heads/release/1","type":"DELETE"}]}`
	cloudPush     = `{"repository":{"full_name":"team/kh"},"push":{"changes":[{"new":{"type":"branch","name":"release/1"},"old":null}]}}`
	cloudTag      = `{"repository":{"full_name":"team/kh"},"push":{"changes":[{"new":{"type":"tag","name":"release/1"},"old":null}]}}`
	serverAddress = "https://git.example.jp/scm/team/kh.git"
)

func TestHook(t *testing.T) {
	form := url.Values{"payload": {gitHubPush}}.Encode()
	wrapped := gitHub("push", form)
	wrapped.header["Content-Type"] = "application/x-www-form-urlencoded"
	get := gitHub("push", gitHubPush)
	get.method = http.MethodGet
	unsigned := gitHub("push", gitHubPush)
	delete(unsigned.header, "X-Hub-Signature-256")
	sha1 := gitHub("push", gitHubPush)
	sha1.header["X-Hub-Signature-256"] = "sha1=" + sha1.header["X-Hub-Signature-256"][7:]
	large := strings.Repeat(" ", maxBody) + gitHubPush
	for name, c := range map[string]struct {
		delivery
		remote string
		status int
	}{
		"GitHub":                       {gitHub("push", gitHubPush), "git@github.com:team/kh.git", 202},
		"GitHub, in a form":            {wrapped, "https://github.com/team/kh", 202},
		"GitHub's ping":                {gitHub("ping", `{"zen":"x"}`), "https://github.com/team/kh", 200},
		"GitHub, other event":          {gitHub("issues", `{}`), "https://github.com/team/kh", 200},
		"GitHub, other repository":     {gitHub("push", gitHubPush), "https://github.com/team/other", 200},
		"GitHub, longer name":          {gitHub("push", gitHubPush), "https://github.com/steam/kh", 200},
		"GitHub, other branch":         {gitHub("push", strings.Replace(gitHubPush, "release/1", "main", 1)), "https://github.com/team/kh", 200},
		"GitHub, tag":                  {gitHub("push", strings.Replace(gitHubPush, "refs/heads", "refs/tags", 1)), "https://github.com/team/kh", 200},
		"GitHub, no repository":        {gitHub("push", `{"ref":"refs/heads/release/1"}`), "https://github.com/team/kh", 200},
		"GitHub, no JSON":              {gitHub("push", `{"ref":`), "https://github.com/team/kh", 400},
		"GitHub, other type":           {gitHub("push", `{"ref":[]}`), "https://github.com/team/kh", 400},
		"GitHub, unsigned":             {unsigned, "https://github.com/team/kh", 401},
		"GitHub, SHA-1":                {sha1, "https://github.com/team/kh", 401},
		"GitHub, other body":           {delivery{header: gitHub("push", gitHubPush).header, body: gitHubPush + " "}, "https://github.com/team/kh", 401},
		"GitHub, too large":            {gitHub("push", large), "https://github.com/team/kh", 413},
		"GitLab":                       {gitLab("Push Hook", secret, gitLabPush), "https://gitlab.example.jp/team/kh.git", 202},
		"GitLab, in a folder":          {gitLab("Push Hook", secret, gitLabPush), "https://example.jp/gitlab/team/kh.git", 202},
		"GitLab, other event":          {gitLab("Tag Push Hook", secret, gitLabPush), "https://gitlab.example.jp/team/kh.git", 200},
		"GitLab, wrong token":          {gitLab("Push Hook", secret+"!", gitLabPush), "https://gitlab.example.jp/team/kh.git", 401},
		"GitLab, no token":             {gitLab("Push Hook", "", gitLabPush), "https://gitlab.example.jp/team/kh.git", 401},
		"Bitbucket Server":             {bitbucket("repo:refs_changed", sign(serverPush), serverPush), serverAddress, 202},
		"Bitbucket Server over ssh":    {bitbucket("repo:refs_changed", sign(serverPush), serverPush), "ssh://git@git.example.jp:7999/TEAM/kh.git", 202},
		"Bitbucket Server, deletion":   {bitbucket("repo:refs_changed", sign(serverDelete), serverDelete), serverAddress, 202},
		"Bitbucket Server's test":      {bitbucket("diagnostics:ping", "", `{"test":true}`), serverAddress, 200},
		"Bitbucket Server, false test": {bitbucket("diagnostics:ping", "sha256=00", `{"test":true}`), serverAddress, 401},
		"Bitbucket Server, unsigned":   {bitbucket("repo:refs_changed", "", serverPush), serverAddress, 401},
		"Bitbucket Server, no hex":     {bitbucket("repo:refs_changed", "sha256=zz", serverPush), serverAddress, 401},
		"Bitbucket Cloud":              {bitbucket("repo:push", sign(cloudPush), cloudPush), "git@bitbucket.org:team/kh.git", 202},
		"Bitbucket Cloud, tag":         {bitbucket("repo:push", sign(cloudTag), cloudTag), "git@bitbucket.org:team/kh.git", 200},
		"somebody else":                {delivery{body: "{}"}, serverAddress, 400},
		"no POST":                      {get, "https://github.com/team/kh", 405},
	} {
		t.Run(name, func(t *testing.T) {
			status, woken, log := deliver(t, c.remote, c.delivery)
			if status != c.status || woken != (c.status == 202) {
				t.Errorf("the answer is %d, woken %v, want %d; log %s", status, woken, c.status, log)
			}
			if (status == 401) != strings.Contains(log, "was refused") {
				t.Errorf("the log of %d is %q", status, log)
			}
		})
	}
}

// TestHookWithoutSecret: an empty secret would let everybody in who signs
// with an empty one.
func TestHookWithoutSecret(t *testing.T) {
	for _, v := range []func(*http.Request){
		func(r *http.Request) {
			r.Header.Set("X-Gitlab-Event", "Push Hook")
			r.Header.Set("X-Gitlab-Token", "")
		},
		func(r *http.Request) {
			mac := hmac.New(sha256.New, nil)
			mac.Write([]byte(gitHubPush))
			r.Header.Set("X-GitHub-Event", "push")
			r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		},
	} {
		h := &Hook{Secret: func() string { return "" }, Repository: parsed(t, "https://github.com/team/kh"), Branch: "release/1",
			Wake: func() { t.Error("woken") }, Log: slog.New(slog.DiscardHandler)}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(gitHubPush))
		v(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("the answer is %d", w.Code)
		}
	}
}

func FuzzHook(f *testing.F) {
	for _, body := range []string{gitHubPush, gitLabPush, serverPush, serverDelete, cloudPush, cloudTag, `{"push":{"changes":[null]}}`, `[]`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, d := range []delivery{gitHub("push", body), gitLab("Push Hook", secret, body), bitbucket("repo:push", sign(body), body), bitbucket("repo:refs_changed", sign(body), body)} {
			status, woken, _ := deliver(t, serverAddress, d)
			if (status == http.StatusAccepted) != woken || status >= 500 {
				t.Errorf("%q is answered with %d, woken %v", body, status, woken)
			}
		}
	})
}

// TestRefusedOften: a flood of calls that are refused does not fill the log,
// and how many there were is told.
func TestRefusedOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		h := &Hook{Secret: func() string { return secret }, Repository: parsed(t, "https://github.com/o/r"), Branch: "main",
			Wake: func() { t.Error("it woke") }, Log: slog.New(slog.NewTextHandler(&out, nil))}
		flood := func() {
			for range 1000 {
				r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader("{}"))
				r.Header.Set("X-Gitlab-Event", "Push Hook")
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
					t.Errorf("the answer is %d", w.Code)
				}
			}
		}
		flood()
		time.Sleep(time.Minute) // the bubble's time
		flood()
		if lines := strings.Count(out.String(), "\n"); lines != 2 || !strings.Contains(out.String(), "before=999") {
			t.Errorf("2000 refusals are logged so:\n%s", out.String())
		}
	})
}

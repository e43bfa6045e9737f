package mirror

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"tebiki/knowhow/source/gittest"
)

// ways are all ways to a repository.
func ways(t *testing.T, repo *gittest.Repo) map[string]*world {
	https, ca := repo.HTTPS(repo.Handler(anyUser, token))
	sshd := repo.SSHD()
	return map[string]*world{
		"file":   newWorld(t, repo, "", nil),
		"path":   newWorld(t, repo, repo.Dir, nil),
		"daemon": newWorld(t, repo, repo.Daemon(), nil),
		"https":  newWorld(t, repo, https, func(o *Options) { o.Token, o.CAFile = secret(token), ca }),
		"ssh": newWorld(t, repo, sshd.URL, func(o *Options) {
			o.KeyFile, o.KnownHosts = sshd.Key, []string{sshd.KnownHosts(t, sshd.HostKeys[1])} // not the kind that is usual
		}),
	}
}

// TestTransports takes one repository through its life, over every way to it.
func TestTransports(t *testing.T) {
	repo := gittest.New(t)
	all := ways(t, repo)
	each := func(what string, do func(w *world)) {
		for name, w := range all {
			t.Run(what+"/"+name, func(t *testing.T) {
				w.T = t
				do(w)
				w.tidy()
			})
		}
	}
	each("empty", func(w *world) { w.fails("the repository is empty; push") })
	first := repo.Commit("first", map[string]string{"a.md": "one"})
	each("first", func(w *world) {
		w.fetch()
		w.has(first, "a.md", "one")
	})
	repo.Git("tag", "-a", "-m", "x", "v1")
	repo.Git("branch", "other")
	second := repo.Commit("second", map[string]string{"a.md": "two"})
	each("second", func(w *world) {
		w.fetch()
		w.has(second, "a.md", "two")
		w.fetch()
		if n := packsIn(w.mirror.path(repoDir)); n != 2 {
			w.Errorf("after two pushes and three fetches there are %d packs", n)
		}
	})
	repo.Reset(first)
	each("reset", func(w *world) {
		w.fetch()
		w.has(first, "a.md", "one")
	})
	third := repo.Commit("instead", map[string]string{"a.md": "three"})
	each("forced", func(w *world) {
		w.fetch()
		w.has(third, "a.md", "three")
	})
	repo.Git("branch", "-m", "main", "trunk")
	each("gone", func(w *world) {
		w.fails("has no such branch (it has: other, trunk)")
		w.has(third, "a.md", "three")
	})
	repo.Git("branch", "main", first)
	each("back", func(w *world) {
		w.restart()
		w.has(third, "a.md", "three")
		w.fetch()
		w.has(first, "a.md", "one")
	})
	if err := os.RemoveAll(repo.Dir); err != nil {
		t.Fatal(err)
	}
	each("deleted", func(w *world) {
		w.fails("the server has no such repository")
		w.has(first, "a.md", "one")
	})
}

func TestHTTPSRefuses(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", map[string]string{"a.md": "one"})
	url, ca := repo.HTTPS(repo.Handler("bot", token))
	for name, c := range map[string]struct {
		change func(*Options)
		word   string
	}{
		"no token":             {func(o *Options) { o.CAFile = ca }, "does not let the bot in"},
		"other token":          {func(o *Options) { o.CAFile, o.User, o.Token = ca, "bot", secret("no"+token) }, "does not let the bot in"},
		"other user":           {func(o *Options) { o.CAFile, o.Token = ca, secret(token) }, "does not let the bot in"},
		"nobody's certificate": {func(o *Options) { o.User, o.Token = "bot", secret(token) }, "certificate"},
	} {
		t.Run(name, func(t *testing.T) { newWorld(t, repo, url, c.change).fails(c.word) })
	}
}

// TestHTTPSOdd: what answers need not be git, nor mean well.
func TestHTTPSOdd(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", map[string]string{"a.md": "one"})
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		word    string
	}{
		"a page":    {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>Log in</html>")) }, "pkt-len"},
		"nothing":   {func(http.ResponseWriter, *http.Request) {}, "not a git server"},
		"an error":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "500"},
		"not there": {http.NotFound, "no such repository"},
		"an echo": {func(w http.ResponseWriter, r *http.Request) {
			_, password, _ := r.BasicAuth()
			line := "ERR I know you: " + password
			w.Write([]byte("001e# service=git-upload-pack\n0000" + "00" + hex2(len(line)+4) + line))
		}, "I know you: ***"},
		"endless branches": {func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte("001e# service=git-upload-pack\n0000"))
			w.Write(ref("\x00side-band-64k"))
			for refs := bytes.Repeat(ref(""), 1000); ; {
				if _, err := w.Write(refs); err != nil {
					return
				}
			}
		}, "more branches and tags than anybody has"},
		"an endless page": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(403)
			for page := []byte(strings.Repeat("no ", 1<<15)); ; {
				if _, err := w.Write(page); err != nil {
					return
				}
			}
		}, "does not let the bot in"},
	} {
		t.Run(name, func(t *testing.T) {
			url, ca := repo.HTTPS(c.handler)
			newWorld(t, repo, url, func(o *Options) { o.CAFile, o.Token = ca, secret(token) }).fails(c.word)
		})
	}
}

// ref is a line of a list of branches.
func ref(capabilities string) []byte {
	line := strings.Repeat("a", 40) + " refs/heads/x" + capabilities + "\n"
	return fmt.Appendf(nil, "%04x%s", len(line)+4, line)
}

func hex2(n int) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[n>>4], digits[n&15]})
}

// TestRedirect: a server that sends the bot elsewhere does not send its token
// there.
func TestRedirect(t *testing.T) {
	repo := gittest.New(t)
	first := repo.Commit("first", map[string]string{"a.md": "one"})
	shown := make(chan string, 10)
	public := repo.Handler("", "")
	elsewhere, ca := repo.HTTPS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown <- r.Header.Get("Authorization")
		public.ServeHTTP(w, r)
	}))
	target := strings.TrimSuffix(elsewhere, "/"+gittest.Name)
	url, _ := repo.HTTPS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target+r.URL.RequestURI(), http.StatusFound)
	}))
	w := newWorld(t, repo, url, func(o *Options) { o.CAFile, o.Token = ca, secret(token) })
	w.fetch()
	w.has(first, "a.md", "one")
	close(shown)
	n := 0
	for header := range shown {
		if n++; header != "" {
			t.Errorf("elsewhere it showed %q", header)
		}
	}
	if n == 0 {
		t.Error("nothing was asked for elsewhere")
	}
}

// TestSSH lets the bot in by other keys, and trusts by what is known of them.
func TestSSH(t *testing.T) {
	repo := gittest.New(t)
	first := repo.Commit("first", map[string]string{"a.md": "one"})
	sshd := repo.SSHD()
	for name, change := range map[string]func(*Options){
		"a key with a passphrase": func(o *Options) {
			o.KeyFile, o.Passphrase, o.KnownHosts = sshd.Locked, secret("open sesame"), []string{sshd.KnownHosts(t, sshd.HostKeys...)}
		},
		"a signed host key": func(o *Options) { o.KeyFile, o.KnownHosts = sshd.Key, []string{sshd.KnownHosts(t, sshd.Authority)} },
		"two files": func(o *Options) {
			o.KeyFile, o.KnownHosts = sshd.Key, []string{sshd.KnownHosts(t), sshd.KnownHosts(t, sshd.HostKeys[0])}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, repo, sshd.URL, change)
			w.fetch()
			w.has(first, "a.md", "one")
		})
	}
}

func TestSSHRefuses(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", map[string]string{"a.md": "one"})
	sshd := repo.SSHD()
	known := sshd.KnownHosts(t, sshd.HostKeys...)
	for name, c := range map[string]struct {
		key, known string
		words      []string
	}{
		"stranger":     {sshd.Stranger, known, []string{"does not let the bot in as", "SHA256:", "access keys"}},
		"unknown host": {sshd.Key, sshd.KnownHosts(t), []string{"is not in ", "SHA256:", "add the line: ["}},
		"changed host": {sshd.Key, sshd.KnownHosts(t, sshd.Key), []string{"another host key", ":1: ssh-ed25519 SHA256:", "listening in"}},
	} {
		t.Run(name, func(t *testing.T) {
			newWorld(t, repo, sshd.URL, func(o *Options) { o.KeyFile, o.KnownHosts = c.key, []string{c.known} }).fails(c.words...)
		})
	}
}

// TestSSHLineIsWhole: the line to add is what helps, however long the sentence
// is that ends with it.
func TestSSHLineIsWhole(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", map[string]string{"a.md": "one"})
	sshd := repo.SSHD()
	w := newWorld(t, repo, sshd.URL, func(o *Options) {
		o.KeyFile = sshd.Key
		for range 30 {
			o.KnownHosts = append(o.KnownHosts, sshd.KnownHosts(t))
		}
	})
	_, line, _ := strings.Cut(w.fails().Error(), "add the line: ")
	known := w.options.KnownHosts[0]
	if err := os.WriteFile(known, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.fetch()
}

func TestNewRefuses(t *testing.T) {
	sshd := gittest.New(t).SSHD()
	known := []string{sshd.KnownHosts(t, sshd.HostKeys...)}
	good := func() Options {
		return Options{Address: parsed(t, "https://host/kh"), Branch: "main", Dir: t.TempDir()}
	}
	for word, change := range map[string]func(*Options){
		"needs a folder":            func(o *Options) { o.Dir = "" },
		"no name of a branch":       func(o *Options) { o.Branch = "a..b" },
		`"-x" is no name`:           func(o *Options) { o.Branch = "-x" },
		"use https":                 func(o *Options) { o.Address, o.Token = parsed(t, "http://host/kh"), secret(token) },
		"read the certificates":     func(o *Options) { o.CAFile = "/nowhere" },
		"holds no certificate":      func(o *Options) { o.CAFile = sshd.Key },
		"needs the file of a key":   func(o *Options) { o.Address = parsed(t, "git@host:kh") },
		"read the key":              func(o *Options) { o.Address, o.KeyFile, o.KnownHosts = parsed(t, "git@host:kh"), "/nowhere", known },
		"has a passphrase; give it": func(o *Options) { o.Address, o.KeyFile, o.KnownHosts = parsed(t, "git@host:kh"), sshd.Locked, known },
		"its passphrase the right o": func(o *Options) {
			o.Address, o.KeyFile, o.KnownHosts, o.Passphrase = parsed(t, "git@host:kh"), sshd.Locked, known, secret(token)
		},
		"cannot be used": func(o *Options) { o.Address, o.KeyFile, o.KnownHosts = parsed(t, "git@host:kh"), known[0], known },
	} {
		o := good()
		change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), token) {
			t.Errorf("the error is %v, want %q", err, word)
		}
	}
	if _, err := New(good()); err != nil {
		t.Error(err)
	}
}

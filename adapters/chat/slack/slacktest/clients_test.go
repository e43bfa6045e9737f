package slacktest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// install puts Slack's own clients and the script into a folder.
func install(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("Slack's own clients are installed from npm, which is not short")
	}
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, program+" is not here: "+err.Error())
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "js"))); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		missing(t, "Slack's own clients cannot be had from npm: "+err.Error()+"\n"+string(out))
	}
	return dir
}

// A step is one line that the script says.
type step struct {
	Step, User, TS, Text, Error, Command, View, Note string
	Scopes, Messages, Names                          []string
	Waits                                            int
	Data                                             any
}

// A script is the bot in JavaScript, running.
type script struct {
	t     *testing.T
	steps chan step
	stdin io.WriteCloser
}

func runScript(t *testing.T, ws *Workspace, dir string) *script {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	node := exec.CommandContext(ctx, "node", "bot.js")
	var complaints bytes.Buffer
	node.Dir, node.Stderr = dir, &complaints
	node.Env = append(os.Environ(), "SLACK_URL="+ws.URL(), "SLACK_BOT_TOKEN="+BotToken, "SLACK_APP_TOKEN="+AppToken)
	stdin, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	s := &script{t, make(chan step, 100), stdin}
	read := make(chan struct{})
	go func() { defer close(read); s.read(stdout) }()
	t.Cleanup(func() {
		defer cancel()
		_ = stdin.Close()
		<-read
		if err := node.Wait(); err != nil {
			t.Errorf("the script ended with %v", err)
		}
		if t.Failed() {
			t.Log(complaints.String())
		}
	})
	return s
}

func (s *script) read(from io.Reader) {
	defer close(s.steps)
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var st step
		if err := json.Unmarshal(lines.Bytes(), &st); err != nil {
			s.t.Errorf("the script said %s", lines.Text())
			continue
		}
		s.steps <- st
	}
}

// next is what the script says next, which must be about this.
func (s *script) next(name string) step {
	s.t.Helper()
	select {
	case st, ok := <-s.steps:
		if !ok || st.Step != name {
			s.t.Fatalf("the script said %+v, want %s", st, name)
		}
		return st
	case <-time.After(30 * time.Second):
		s.t.Fatalf("the script says nothing of %s", name)
	}
	return step{}
}

// TestSlacksOwnClients holds the workspace against the clients that Slack
// itself publishes.
func TestSlacksOwnClients(t *testing.T) {
	t.Parallel()
	dir := install(t)
	ws := team(t)
	ws.Break("chat.postEphemeral", 1, RateLimited(time.Second))
	s := runScript(t, ws, dir)
	ownWebAPI(t, ws, s)
	ownSocketMode(t, ws, s)
}

func ownWebAPI(t *testing.T, ws *Workspace, s *script) {
	t.Helper()
	if st := s.next("auth"); st.User != BotUserID || len(st.Scopes) != len(BotScopes()) {
		t.Errorf("auth.test: %+v", st)
	}
	posted := s.next("post")
	if st := s.next("update"); st.TS != posted.TS || st.Text != "two" {
		t.Errorf("post %+v, update %+v", posted, st)
	}
	if st := s.next("limited"); st.Waits != 1 {
		t.Errorf("429: waits %d s, want 1", st.Waits)
	}
	if st := s.next("refused"); st.Error != "channel_not_found" {
		t.Errorf("refused: %+v", st)
	}
	if st := s.next("invalid"); st.Error != "invalid_blocks" || !strings.Contains(strings.Join(st.Messages, ""), "unsupported type: banner [json-pointer:/blocks/0/type]") {
		t.Errorf("invalid blocks: %+v", st)
	}
	if st := s.next("users"); len(st.Names) != 5 {
		t.Errorf("users: %v", st.Names)
	}
	seen := ws.Person("USATO").See("CINFRA")
	if len(seen) != 2 || seen[0].TS != posted.TS || seen[0].Shown != "two" || len(seen[0].Metadata) == 0 || !seen[1].Ephemeral {
		t.Errorf("Sato sees %+v", seen)
	}
}

func ownSocketMode(t *testing.T, ws *Workspace, s *script) {
	t.Helper()
	tanaka := ws.Person("UTANAKA")
	s.next("connected")
	if r := tanaka.Mention("CINFRA", "disk"); !r.Acked {
		t.Errorf("a mention: %+v", r)
	}
	if st := s.next("mention"); st.Text != "<@U0BOT> disk" {
		t.Errorf("a mention: %+v", st)
	}
	ws.Disconnect("refresh_requested")
	s.next("connected")
	if r := tanaka.Command("/request", "", "CINFRA"); !r.Acked || r.Err != "" {
		t.Errorf("a command: %+v", r)
	}
	st := s.next("command")
	if r := tanaka.Submit(st.View, map[string]string{"note": "hi"}); r.Errors["note"] != "too short" {
		t.Errorf("a submission: %+v", r)
	}
	if st := s.next("submitted"); st.Note != "hi" {
		t.Errorf("a submission: %+v", st)
	}
	ws.DropSockets()
	s.next("connected")
	if r := tanaka.Mention("CINFRA", "again"); !r.Acked {
		t.Errorf("after the cut: %+v", r)
	}
	s.next("mention")
}

package mirror

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing/format/pktline"
)

// dialFile runs git for a repository on the bot's own host.
func dialFile(o Options) func(context.Context) (session, error) {
	return func(ctx context.Context) (session, error) {
		cmd := exec.CommandContext(ctx, "git", "upload-pack", o.Address.Path)
		cmd.WaitDelay = time.Second
		cmd.Env = plainEnviron()
		said := new(tail)
		cmd.Stderr = said
		in, err := cmd.StdinPipe()
		if err != nil {
			return nil, err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, fmt.Errorf("run git: %w; a repository in a folder needs git on the bot's host", err)
		}
		end := sync.OnceFunc(func() {
			_, _ = in.Write(pktline.FlushPkt) // ends it, should it wait for what is wanted
			_ = in.Close()
			_ = out.Close()
			_ = cmd.Wait() // how it ended matters only when nothing came, and then it has said why
		})
		complaint := func() string {
			end()
			return said.String()
		}
		return newStream(in, out, complaint, func() error { end(); return nil }), nil
	}
}

// plainEnviron leaves out what would point git at another repository, or make
// it speak another version of the protocol.
func plainEnviron() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			env = append(env, v)
		}
	}
	return append(env, "LC_ALL=C")
}

// dialGit speaks to git daemon, which lets everybody in.
func dialGit(o Options) func(context.Context) (session, error) {
	return func(ctx context.Context) (session, error) {
		host, path := o.Address.Host, "/"+strings.TrimPrefix(o.Address.Path, "/")
		port := o.Address.Port
		if port == "" {
			port = "9418"
		}
		conn, err := dialTCP(ctx, net.JoinHostPort(host, port))
		if err != nil {
			return nil, err
		}
		hello := "git-upload-pack " + path + "\x00host=" + net.JoinHostPort(host, port) + "\x00"
		if err := pktline.NewEncoder(conn).EncodeString(hello); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return newStream(conn, conn, nil, conn.Close), nil
	}
}

// A contextConn is broken by the end of a context.
type contextConn struct {
	net.Conn
	stop func() bool
}

func (c *contextConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

func dialTCP(ctx context.Context, at string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", at)
	if err != nil {
		return nil, err
	}
	return &contextConn{conn, context.AfterFunc(ctx, func() { _ = conn.Close() })}, nil
}

// A tail keeps the end of what a program complains of.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-maxTail):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}

var _ io.Writer = (*tail)(nil)

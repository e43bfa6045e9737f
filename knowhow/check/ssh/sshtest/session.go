//go:build unix

package sshtest

import (
	"errors"
	"io"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"
)

// A Session is one command. It ends when Handle returns.
type Session struct {
	Command string
	ssh.Channel
	Signalled chan string   // the names of signals, as they come
	Closed    chan struct{} // when the client has closed it
}

// Exit tells the client the status.
func (s *Session) Exit(status int) {
	_, _ = s.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
}

// Killed tells the client that the command ended by a signal.
func (s *Session) Killed(signal string) {
	_, _ = s.SendRequest("exit-signal", false, ssh.Marshal(struct {
		Signal  string
		Dumped  bool
		Message string
		Lang    string
	}{Signal: signal}))
}

func (s *Server) session(ch ssh.NewChannel) {
	defer s.end()
	channel, requests, err := ch.Accept()
	if err != nil {
		return
	}
	session := &Session{Channel: channel, Signalled: make(chan string, 8), Closed: make(chan struct{})}
	var handler sync.WaitGroup
	defer handler.Wait()
	defer close(session.Closed)
	for r := range requests {
		switch r.Type {
		case "exec":
			var payload struct{ Command string }
			_ = ssh.Unmarshal(r.Payload, &payload)
			session.Command = payload.Command
			_ = r.Reply(true, nil)
			handler.Go(func() {
				defer func() { _ = channel.Close() }()
				s.handle(session)
			})
		case "signal":
			var payload struct{ Name string }
			_ = ssh.Unmarshal(r.Payload, &payload)
			session.Signalled <- payload.Name
		default:
			if r.WantReply {
				_ = r.Reply(false, nil)
			}
		}
	}
}

func (s *Server) handle(session *Session) {
	if s.options.Handle != nil {
		s.options.Handle(session)
		return
	}
	Shell(session)
}

// Shell runs a session's command by sh, as a real server does: the signal KILL
// and the end of the session end it.
func Shell(s *Session) {
	cmd := exec.Command("/bin/sh", "-c", s.Command)
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin"}
	cmd.Stdout, cmd.Stderr = s, s.Stderr()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		s.Exit(126)
		return
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-s.Signalled:
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		err = <-ended
	case <-s.Closed:
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		err = <-ended
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() {
		s.Killed("KILL")
		return
	}
	s.Exit(cmd.ProcessState.ExitCode())
}

// forward joins a client to another server, as a jump host does.
func forward(ch ssh.NewChannel) {
	var to struct {
		Host   string
		Port   uint32
		From   string
		FromBy uint32
	}
	if err := ssh.Unmarshal(ch.ExtraData(), &to); err != nil {
		_ = ch.Reject(ssh.Prohibited, "what")
		return
	}
	conn, err := net.Dial("tcp", net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))))
	if err != nil {
		_ = ch.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := ch.Accept()
	if err != nil {
		_ = conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(conn, channel)
		_ = conn.Close()
	})
	_, _ = io.Copy(channel, conn)
	_ = channel.Close()
	both.Wait()
}

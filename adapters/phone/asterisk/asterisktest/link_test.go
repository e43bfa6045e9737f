package asterisktest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := newLink()
		sent := bytes.Repeat([]byte("0123456789"), linkBuffer/2) // much more than fits
		var all sync.WaitGroup
		all.Go(func() {
			if n, err := client.Write(sent); n != len(sent) || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			_ = client.Close()
		})
		synctest.Wait() // it is full
		got, err := io.ReadAll(server)
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("read %d bytes, %v", len(got), err)
		}
		all.Wait()
		if _, err := server.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("writing to who closed gave %v", err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading what is closed gave %v", err)
		}
	})
}

func TestLinkDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := newLink()
		begun := time.Now()
		_ = client.SetDeadline(begun.Add(time.Minute))
		_, err := client.Read(make([]byte, 1))
		timeout, ok := errors.AsType[net.Error](err)
		if !errors.Is(err, os.ErrDeadlineExceeded) || !ok || !timeout.Timeout() || time.Since(begun) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		synctest.Wait() // both deadlines have passed
		if _, err := client.Write(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
		_ = client.SetDeadline(time.Time{})
		_ = client.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := client.Write(make([]byte, 2*linkBuffer)); n != linkBuffer || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("nobody read, and %d were written: %v", n, err)
		}
		_ = server.SetReadDeadline(time.Now().Add(-time.Second)) // how net/http wakes a reader
		if _, err := server.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

func TestLinkReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := newLink()
		_, _ = server.Write([]byte("under way"))
		time.AfterFunc(time.Second, server.abort)
		time.Sleep(2 * time.Second)
		for _, e := range []*end{client, server} {
			if _, err := e.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("reading gave %v", err)
			}
			if _, err := e.Write(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("writing gave %v", err)
			}
		}
	})
}

package imaptest

import (
	"net"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Folder gives what lies in a folder, by a back door at which no command is
// counted or refused.
func (s *Server) Folder(t testing.TB, name string) []Stored {
	t.Helper()
	conn, err := net.Dial("tcp", s.back.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(conn, nil)
	defer func() { _ = c.Close() }()
	if err := c.Login(User, Password).Wait(); err != nil {
		t.Fatal(err)
	}
	data, err := c.Select(name, nil).Wait()
	if err != nil || data.NumMessages == 0 {
		return nil
	}
	all := imap.SeqSet{imap.SeqRange{Start: 1, Stop: 0}}
	got, err := c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var out []Stored
	for _, m := range got {
		stored := Stored{UID: m.UID, Flags: m.Flags}
		for _, section := range m.BodySection {
			stored.Body = string(section.Bytes)
		}
		out = append(out, stored)
	}
	return out
}

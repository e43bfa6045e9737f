package mirror

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"syscall"
	"unicode"

	"github.com/go-git/go-git/v5/plumbing/format/pktline"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

// A session is one conversation with git-upload-pack, the program that serves
// a repository: it says which branches there are, and then sends one pack.
type session interface {
	AdvertisedReferencesContext(context.Context) (*packp.AdvRefs, error)
	UploadPack(context.Context, *packp.UploadPackRequest) (*packp.UploadPackResponse, error)
	Close() error
}

// A stream is a session over one connection, in version 0 of the protocol.
// Whoever makes it sees to it that the end of the context breaks it.
type stream struct {
	in    io.Writer
	out   *bufio.Reader // of a bounded
	bound *bounded
	said  func() string // waits for the end, and gives what the server complained of beside the protocol; may be nil
	close func() error
}

var _ session = (*stream)(nil)

func (s *stream) Close() error { return s.close() }

func (s *stream) AdvertisedReferencesContext(context.Context) (*packp.AdvRefs, error) {
	refs := packp.NewAdvRefs()
	s.bound.left = maxRefs
	err := refs.Decode(s.out)
	s.bound.left = math.MaxInt64 // what follows is limited by who reads it
	var line *pktline.ErrorLine
	switch {
	case errors.As(err, &line):
		return nil, complaint(line.Text)
	case errors.Is(err, packp.ErrEmptyAdvRefs), err == nil && refs.IsEmpty():
		return nil, transport.ErrEmptyRemoteRepository
	case err != nil:
		return nil, s.complained(err)
	}
	transport.FilterUnsupportedCapabilities(refs.Capabilities)
	return refs, nil
}

// maxRefs is how much of a list of branches and tags is read: more than
// 200,000 of them.
const maxRefs = 16 << 20

var errRefs = errors.New("the server lists more branches and tags than anybody has")

// A bounded reader fails when a stranger sends without end.
type bounded struct {
	io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errRefs
	}
	n, err := b.Reader.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func newStream(in io.Writer, out io.Reader, said func() string, end func() error) *stream {
	bound := &bounded{Reader: out}
	return &stream{in: in, out: bufio.NewReader(bound), bound: bound, said: said, close: end}
}

// complained prefers the server's own words, if it ended without an answer.
func (s *stream) complained(err error) error {
	ended := errors.Is(err, packp.ErrEmptyInput) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE)
	if s.said == nil || !ended {
		return err
	}
	if text := s.said(); text != "" {
		return complaint(text)
	}
	return err
}

func (s *stream) UploadPack(_ context.Context, req *packp.UploadPackRequest) (*packp.UploadPackResponse, error) {
	if err := s.ask(req); err != nil {
		return nil, s.complained(fmt.Errorf("asking for the pack: %w", err))
	}
	answer := packp.NewUploadPackResponse(req)
	if err := answer.Decode(io.NopCloser(s.out)); err != nil {
		return nil, s.complained(err)
	}
	return answer, nil
}

func (s *stream) ask(req *packp.UploadPackRequest) error {
	w := bufio.NewWriter(s.in)
	if err := req.UploadRequest.Encode(w); err != nil {
		return err
	}
	if err := req.UploadHaves.Encode(w, true); err != nil {
		return err
	}
	if err := pktline.NewEncoder(w).EncodeString("done\n"); err != nil {
		return err
	}
	return w.Flush()
}

// complaint makes an error of what a server says, which may be anything. The
// services say in several ways that there is no such repository.
func complaint(text string) error {
	text = line(text, 200)
	lower := strings.ToLower(text)
	for _, words := range []string{"not found", "does not exist", "not exported", "no such repository", "not appear to be a git repository", "could not be found", "not a git repository"} {
		if strings.Contains(lower, words) {
			return fmt.Errorf("%w (%s)", transport.ErrRepositoryNotFound, text)
		}
	}
	return fmt.Errorf("the server says %q", text)
}

// line makes one line of at most n characters, without control characters and
// what changes the direction of writing, of a stranger's text.
func line(text string, n int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	runes := []rune(strings.TrimSpace(text))
	if len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return string(runes)
}

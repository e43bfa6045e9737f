package mail

import (
	"bufio"
	"bytes"
	"errors"
)

// A mender hands on a mail line by line so that a strict reader can read it:
// every line ends with a line feed, a header holds only fields and ends with
// an empty line, and is not longer than MaxHeader.
type mender struct {
	in       *bufio.Reader
	boundary []byte // "--" and the boundary, after which a header begins; nil without parts
	head     bool   // in a header
	fields   int    // of this header so far
	left     int    // bytes that this header may still have
	skip     bool   // the field that is being read is too much, or rubbish
	broken   bool   // the last piece was not the whole of its line
	out      []byte
}

// newMender reads a whole mail or, with a boundary, the body of a multipart.
func newMender(in *bufio.Reader, boundary []byte) *mender {
	return &mender{in: in, boundary: boundary, head: boundary == nil, left: MaxHeader}
}

// Read implements io.Reader.
func (m *mender) Read(b []byte) (int, error) {
	for len(m.out) == 0 {
		if err := m.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, m.out)
	m.out = m.out[n:]
	return n, nil
}

// next takes a line, or as much of it as the buffer holds.
func (m *mender) next() error {
	line, err := m.in.ReadSlice('\n')
	if len(line) == 0 {
		return err
	}
	rest := m.broken
	if m.broken = errors.Is(err, bufio.ErrBufferFull); !m.broken {
		line = ended(line)
	}
	switch {
	case rest:
		m.more(line)
	case m.begins(line):
		m.out = line
		if m.head { // the header of the part before had no end
			m.out = append([]byte("\n"), line...)
		}
		m.head, m.fields, m.left, m.skip = true, 0, MaxHeader, false
	case m.head:
		m.field(line)
	default:
		m.out = line
	}
	return nil
}

// ended gives a line the end that all have, in its own place if it can.
func ended(line []byte) []byte {
	n := len(line)
	switch {
	case line[n-1] != '\n': // the mail's last
		return append(bytes.Clone(line), '\n')
	case n > 1 && line[n-2] == '\r':
		line[n-2] = '\n'
		return line[:n-1]
	}
	return line
}

// more hands on what remains of a long line.
func (m *mender) more(piece []byte) {
	if m.head {
		m.left -= len(piece)
	}
	if m.head && (m.skip || m.left < 0) {
		piece = nil
	}
	m.out = piece
}

// begins tells the line that begins a part.
func (m *mender) begins(line []byte) bool {
	if m.boundary == nil || !bytes.HasPrefix(line, m.boundary) {
		return false
	}
	return len(bytes.TrimSpace(line[len(m.boundary):])) == 0
}

// field takes one line of a header.
func (m *mender) field(line []byte) {
	switch {
	case len(line) == 1:
		m.head, m.out = false, line
		return
	case line[0] == ' ' || line[0] == '\t':
		m.skip = m.skip || m.fields == 0
	case isField(line):
		m.skip = false
		m.fields++
	default:
		line = bytes.Clone(line) // looking ahead moves the buffer
		if m.skip = m.fieldFollows(); !m.skip {
			m.end(line)
			return
		}
	}
	if m.left -= len(line); m.skip || m.left < 0 {
		m.skip, line = true, nil
	}
	m.out = line
}

// end closes a header whose empty line is missing; the line is the body's
// first.
func (m *mender) end(line []byte) {
	m.head = false
	m.out = append([]byte("\n"), line...)
}

// fieldFollows looks whether the next line is a field again, which makes this
// one rubbish within a header: the "From " line of a mailbox, a log line that a
// script printed there.
func (m *mender) fieldFollows() bool {
	next, _ := m.in.Peek(256) // what there is, when it is less
	line, _, _ := bytes.Cut(next, []byte("\n"))
	return isField(line)
}

// isField tells a line that begins with a field's name and a colon.
func isField(line []byte) bool {
	name, _, found := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	if !found || len(name) == 0 || len(name) > 100 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

package mail

import (
	"bufio"
	"encoding/base64"
	"io"
	"strings"
)

func b64(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

func newBuf(s string) *bufio.Reader { return bufio.NewReader(strings.NewReader(s)) }

func readAll(r io.Reader) (string, error) {
	out, err := io.ReadAll(r)
	return string(out), err
}

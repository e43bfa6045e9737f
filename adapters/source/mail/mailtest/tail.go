//go:build unix

package mailtest

import "sync"

// A tail keeps the beginning of what a program says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// maxTail is more than anybody reads.
const maxTail = 20_000

// Write implements io.Writer.
func (k *tail) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text = append(k.text, b[:min(len(b), maxTail-len(k.text))]...)
	return len(b), nil
}

func (k *tail) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return string(k.text)
}

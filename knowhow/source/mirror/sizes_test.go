package mirror

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"tebiki/knowhow/source/gittest"
)

// allocates gives how much memory is taken while f runs.
func allocates(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHugeFile: a small pack may hold a file that is larger than the memory.
func TestHugeFile(t *testing.T) {
	repo := gittest.New(t)
	if err := os.WriteFile(repo.Path("zeros"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(repo.Path("zeros"), 17<<20); err != nil {
		t.Fatal(err)
	}
	repo.Git("config", "core.compression", "1")
	repo.Commit("huge", map[string]string{"a.md": "one"})
	w := newWorld(t, repo, "", nil)
	w.mirror.limits.object = 16 << 20
	grown := allocates(func() { w.fails("holds a file of 17 MiB, and of at most 16 are taken") })
	if grown > 8<<20 {
		t.Errorf("the file took %d MiB of memory", grown>>20)
	}
	w.tidy()
}

// TestLargeFile: a large file beside the know-how is no hindrance, and is not
// read into memory when somebody looks into it.
func TestLargeFile(t *testing.T) {
	repo := gittest.New(t)
	const size = 8 << 20
	head := repo.Commit("large", map[string]string{"a.md": "one", "zeros": strings.Repeat("\x00", size)})
	w := newWorld(t, repo, "", nil)
	w.fetch()
	w.has(head, "a.md", "one")
	files, err := w.view().Files(head, "")
	if err != nil {
		t.Fatal(err)
	}
	grown := allocates(func() {
		f, err := files.Open("zeros")
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if n, readErr := io.CopyN(io.Discard, f, 1<<20); err != nil || readErr != nil || n != 1<<20 || info.Size() != size {
			t.Errorf("of the file %d bytes were read, its size is %d: %v", n, info.Size(), readErr)
		}
	})
	if grown > size/2 {
		t.Errorf("the file took %d MiB of memory", grown>>20)
	}
}

// packOf makes a pack of some zeros and of what a delta makes of them.
func packOf(size int, made uint64, copies int) []byte {
	base := make([]byte, size)
	var p bytes.Buffer
	p.WriteString("PACK\x00\x00\x00\x02\x00\x00\x00\x02")
	object := func(kind byte, length int, ref, content []byte) {
		b := kind<<4 | byte(length&15)
		for length >>= 4; length > 0; length >>= 7 {
			p.WriteByte(b | 0x80)
			b = byte(length & 0x7f)
		}
		p.WriteByte(b)
		p.Write(ref)
		z := zlib.NewWriter(&p)
		_, _ = z.Write(content)
		_ = z.Close()
	}
	object(3, size, nil, base)
	delta := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(size)), made)
	for range copies {
		delta = append(delta, 0x80) // copies 64 KiB from the start
	}
	name := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", size), base...))
	object(7, len(delta), name[:], delta)
	sum := sha1.Sum(p.Bytes())
	return append(p.Bytes(), sum[:]...)
}

var small = limits{pack: 64 << 20, object: 16 << 20}

// TestDeltaBomb: a few bytes may copy another object many times.
func TestDeltaBomb(t *testing.T) {
	if err := receive(t.Context(), bytes.NewReader(packOf(64<<10, 128<<10, 2)), small, t.TempDir()); err != nil {
		t.Fatalf("a pack as it should be gives %v", err)
	}
	for name, pack := range map[string][]byte{
		"honest":   packOf(1<<20, 20<<20, 320),
		"negative": packOf(1<<20, 1<<63, 320),
		"overflow": packOf(1<<20, 1<<64-1, 16),
		"lying":    packOf(1<<20, 1<<20, 320),
	} {
		var err error
		grown := allocates(func() { err = receive(t.Context(), bytes.NewReader(pack), small, t.TempDir()) })
		if err == nil || grown > 16<<20 {
			t.Errorf("%s: a pack of %d KiB took %d MiB of memory: %v", name, len(pack)>>10, grown>>20, err)
		}
	}
}

func FuzzReceive(f *testing.F) {
	whole := packOf(64<<10, 128<<10, 2)
	f.Add(whole[:len(whole)-20])
	f.Add([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00"))
	f.Add([]byte("PACK\x00\x00\x00\x02\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha1.Sum(body)
		dir := t.TempDir()
		err := receive(t.Context(), io.MultiReader(bytes.NewReader(body), bytes.NewReader(sum[:])), small, dir)
		if n := packsIn(dir); (n == 1) != (err == nil) {
			t.Errorf("there are %d packs after %v", n, err)
		}
	})
}

package knowhow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// File is the one that says what there is; documents lie beside it in Folder.
const (
	File   = "knowhow.yaml"
	Folder = "docs"
)

// Limits of what is read. They are above the 100,000 documents that search is
// measured with.
const (
	maxIndex = 16 << 20
	maxDoc   = 256 << 10
	maxDocs  = 200_000
)

// Load reads the whole know-how. The error is all its Faults in order, and
// the base is nil if there is one.
func Load(fsys fs.FS) (*Base, error) {
	l := newLoader(fsys)
	l.readDocs()
	l.readIndex()
	return l.done()
}

// A loader gathers one base and everything wrong with it.
type loader struct {
	fsys    fs.FS
	digest  hash.Hash
	faults  Faults
	base    *Base
	written map[string]bool // documents that have a file, even a faulty one
}

func newLoader(fsys fs.FS) *loader {
	return &loader{
		fsys:    fsys,
		digest:  sha256.New(),
		written: make(map[string]bool),
		base:    &Base{words: make(map[string]*Entry), docs: make(map[docKey]*Doc)},
	}
}

func (l *loader) done() (*Base, error) {
	if len(l.faults) > 0 {
		return nil, l.faults.sorted()
	}
	l.base.warnings = l.base.warnings.sorted()
	l.base.digest = hex.EncodeToString(l.digest.Sum(nil))[:12]
	return l.base, nil
}

func (l *loader) fault(at position, format string, args ...any) {
	l.faults = append(l.faults, at.fault(fmt.Sprintf(format, args...)))
}

func (l *loader) readIndex() {
	if data, ok := l.read(File, maxIndex); ok {
		parseIndex(l, data)
	}
}

// readDocs comes first, so that knowhow.yaml is checked against documents
// that are known.
func (l *loader) readDocs() {
	files, err := fs.ReadDir(l.fsys, Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.fault(position{Folder, 1, 1}, "reading the folder: %v; give the bot leave to read it", err)
	}
	if len(files) > maxDocs {
		l.fault(position{Folder, 1, 1}, "there are %d files and at most %d are read; move some elsewhere", len(files), maxDocs)
		return
	}
	for _, f := range files {
		if name := f.Name(); strings.HasSuffix(name, ".md") && !strings.HasPrefix(name, ".") {
			l.readDoc(path.Join(Folder, name))
		}
	}
}

func (l *loader) readDoc(file string) {
	base := strings.TrimSuffix(path.Base(file), ".md")
	dot := strings.LastIndexByte(base, '.')
	name, lang := base[:max(dot, 0)], base[dot+1:]
	if !isID(name) || (lang != Japanese && lang != English) {
		l.fault(position{file, 1, 1}, "the file's name must be NAME.ja.md or NAME.en.md, with lower-case letters, digits and hyphens; rename it")
		return
	}
	l.written[name] = true
	if data, ok := l.read(file, maxDoc); ok {
		l.addDoc(file, name, lang, data)
	}
}

func (l *loader) addDoc(file, name, lang, data string) {
	doc, faults := parseDoc(file, name, lang, data)
	l.faults = append(l.faults, faults...)
	if len(faults) == 0 {
		l.base.docs[docKey{name, lang}] = doc
	}
}

// read gives a file's text with plain line ends and without a byte order
// mark. What cannot be text is a fault.
func (l *loader) read(file string, limit int) (string, bool) {
	data, err := readFile(l.fsys, file, limit)
	if err != nil {
		l.fault(position{file, 1, 1}, "%v", err)
		return "", false
	}
	fmt.Fprintf(l.digest, "%s %d\n", file, len(data))
	l.digest.Write(data)
	data = plainLines(data)
	if bad, why := notText(data); bad >= 0 {
		l.fault(position{file, 1 + bytes.Count(data[:bad], []byte("\n")), 1}, "%s", why)
		return "", false
	}
	return string(data), true
}

func plainLines(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}

// readFile opens regular files only: a pipe would never end.
func readFile(fsys fs.FS, file string, limit int) ([]byte, error) {
	info, err := fs.Stat(fsys, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such file; write it")
	case err != nil:
		return nil, fmt.Errorf("looking at the file: %w; give the bot leave to read it", err)
	case !info.Mode().IsRegular():
		return nil, errors.New("this is no regular file; put the text itself here")
	}
	f, err := fsys.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w; give the bot leave to read it", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w; try again", err)
	}
	if len(data) > limit {
		return nil, fmt.Errorf("the file is larger than %d KiB; split it or remove what is no know-how", limit>>10)
	}
	return data, nil
}

// notText gives the offset of the first byte that keeps data from being
// text, and what to do about it, or -1.
func notText(data []byte) (int, string) {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i, "this line is not UTF-8; save the file as UTF-8"
		}
		if r < ' ' && r != '\n' && r != '\t' {
			return i, fmt.Sprintf("this line holds the control character %U; remove it", r)
		}
		i += size
	}
	return -1, ""
}

// isID accepts the names that documents and checks have.
func isID(s string) bool {
	for i, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		case r == '-' && i > 0:
		default:
			return false
		}
	}
	return s != "" && len(s) <= 100
}

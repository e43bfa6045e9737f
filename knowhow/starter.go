package knowhow

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// A Starter is what an entry begins as: the least that loads, with words on
// what belongs where.
type Starter struct {
	Component string
	Document  string   // name of its document; "" makes one of the component's
	Langs     []string // that the document is written in
	Owner     string   // id of a person or a team
	Day       time.Time
}

// Files gives the texts of the files to write for the know-how in fsys to have
// the entry: knowhow.yaml, with what it holds left as it is, and a document in
// each language. They are proven to load. Where there is no knowhow.yaml it
// begins one.
func (s Starter) Files(fsys fs.FS) (map[string]string, error) {
	was, index, err := s.read(fsys)
	if err != nil {
		return nil, err
	}
	if e, ok := was.Entry(s.Component); ok {
		return nil, fmt.Errorf("%q finds the component %q already (%s:%d): write there, or choose another name", s.Component, e.Name, File, e.nameAt.line)
	}
	l := newLoader(fsys)
	l.readDocs()
	if s.Document, err = s.document(l); err != nil {
		return nil, err
	}
	if index, err = addEntry(index, s.entry()); err != nil {
		return nil, err
	}
	files := map[string]string{File: index}
	for _, lang := range s.Langs {
		if _, ok := startWords[lang]; !ok {
			return nil, fmt.Errorf("documents are written in %s or %s, not in %q", Japanese, English, lang)
		}
		file := path.Join(Folder, s.Document+"."+lang+".md")
		files[file] = s.text(lang)
		l.written[s.Document] = true
		l.addDoc(file, s.Document, lang, files[file])
	}
	return files, s.prove(l, was, index)
}

// read gives what is known already, and the text of its file.
func (s Starter) read(fsys fs.FS) (*Base, string, error) {
	if _, err := fs.Stat(fsys, File); errors.Is(err, fs.ErrNotExist) {
		return new(Base), beginning, nil
	}
	data, err := readFile(fsys, File, maxIndex)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", File, err)
	}
	base, err := Load(fsys)
	if err != nil {
		return nil, "", fmt.Errorf("the know-how has faults: correct them before something is added:\n%w", err)
	}
	return base, string(data), nil
}

// document chooses a name that no document has.
func (s Starter) document(l *loader) (string, error) {
	if s.Document != "" {
		switch {
		case !isID(s.Document):
			return "", fmt.Errorf("the document's name is %q and must be made of lower-case letters, digits and hyphens", s.Document)
		case l.written[s.Document]:
			return "", fmt.Errorf("there is a document %q already: choose another name", s.Document)
		}
		return s.Document, nil
	}
	name := slug(s.Component)
	for i := 2; l.written[name]; i++ {
		name = slug(s.Component) + "-" + strconv.Itoa(i)
	}
	return name, nil
}

// slug makes a document's name of a component's. One of other letters than
// those that names are made of leaves nothing.
func slug(component string) string {
	words := strings.FieldsFunc(Fold(component), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := strings.Join(words, "-")
	if name = strings.TrimRight(name[:min(len(name), 80)], "-"); name == "" {
		return "document"
	}
	return name
}

// prove loads what would be written. The text was put in by its lines; should
// it have come to mean something else, nobody must find that out later.
func (s Starter) prove(l *loader, was *Base, index string) error {
	parseIndex(l, string(plainLines([]byte(index))))
	now, err := l.done()
	if err != nil {
		return fmt.Errorf("%q cannot be added to %s, which would have faults:\n%w", s.Component, File, err)
	}
	all := now.Components()
	same := len(all) == len(was.entries)+1 && all[len(all)-1].Name == s.Component && len(now.checks) == len(was.checks)
	for i, e := range was.entries {
		same = same && all[i].Name == e.Name
	}
	if !same {
		return fmt.Errorf("%q cannot be added to %s as it is written: add it by hand, at the end of components", s.Component, File)
	}
	return nil
}

package knowhow

import (
	"cmp"
	"slices"
)

// A Base is one parsed state of the know-how. It never changes, may be used
// by any number of goroutines, and the zero value knows nothing. What its
// methods hand out must not be written to.
type Base struct {
	entries  []*Entry
	words    map[string]*Entry // by wordKey of name and aliases
	checks   []*Check
	docs     map[docKey]*Doc
	warnings Faults
	digest   string
	origin   Origin
}

// An Origin is which state of its source a base was read from.
type Origin struct {
	Commit string // in full; "" where there are none
	Link   string // where people see it; "" if that is not known
}

type docKey struct{ name, lang string }

// Entry finds a component by its name or one of its aliases. Case, width,
// kana, and hyphens for spaces make no difference.
func (b *Base) Entry(word string) (*Entry, bool) {
	e, ok := b.words[wordKey(word)]
	return e, ok
}

// ForAlert gives the first entry of the file that serves the alert.
func (b *Base) ForAlert(a AlertFields) (*Entry, bool) {
	for _, e := range b.entries {
		for _, m := range e.Alerts {
			if m.Match(a) {
				return e, true
			}
		}
	}
	return nil, false
}

// Components gives the entries in the order of the file.
func (b *Base) Components() []*Entry { return slices.Clone(b.entries) }

// Checks gives the checks in the order of the file.
func (b *Base) Checks() []*Check { return slices.Clone(b.checks) }

// Doc gives a document in lang, or in the other language if it was not
// written in this one.
func (b *Base) Doc(name, lang string) (*Doc, bool) {
	for _, l := range []string{lang, English, Japanese} {
		if d, ok := b.docs[docKey{name, l}]; ok {
			return d, true
		}
	}
	return nil, false
}

// Docs gives every document in every language, by name and then language.
func (b *Base) Docs() []*Doc {
	docs := make([]*Doc, 0, len(b.docs))
	for _, d := range b.docs {
		docs = append(docs, d)
	}
	slices.SortFunc(docs, func(x, y *Doc) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Lang, y.Lang))
	})
	return docs
}

// Warnings are what is suspicious and yet usable: documents and checks that
// nothing refers to.
func (b *Base) Warnings() Faults { return slices.Clone(b.warnings) }

// Digest identifies the content of the files the base was read from.
func (b *Base) Digest() string { return b.digest }

// WithChanges gives a base whose documents carry what of says about the
// last change of each document's file.
func (b *Base) WithChanges(of func(path string) Change) *Base {
	changed := *b
	changed.docs = make(map[docKey]*Doc, len(b.docs))
	for key, doc := range b.docs {
		d := *doc
		d.Changed = of(d.Source)
		changed.docs[key] = &d
	}
	return &changed
}

// WithOrigin gives a base that says where it is from.
func (b *Base) WithOrigin(o Origin) *Base {
	from := *b
	from.origin = o
	return &from
}

// Origin tells which state of its source the base was read from.
func (b *Base) Origin() Origin { return b.origin }

package search

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"tebiki/knowhow"
)

// TestPlaces has one word in an alias, a title, a heading and a text, often
// in the lesser places: the better place comes first all the same.
func TestPlaces(t *testing.T) {
	files := make(fstest.MapFS)
	var index strings.Builder
	index.WriteString("components:\n")
	for _, c := range []struct{ name, alias, title, heading, text string }{
		{"d", "delta", "Four", "Fourth", "Zebra, " + strings.Repeat("a zebra and a zebra, ", 50)},
		{"c", "gamma", "Three", "The zebra", "Nothing"},
		{"b", "beta", "A zebra", "Second", "Nothing"},
		{"a", "plain zebra", "One", "First", "Nothing"},
	} {
		fmt.Fprintf(&index, "  - {name: %s, aliases: [%s], request_type: x, subtickets: [{title: s, document: doc-%s}]}\n", c.name, c.alias, c.name)
		files["docs/doc-"+c.name+".en.md"] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"---\ntitle: %s\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\na\n## Procedure\n### %s\n%s\n", c.title, c.heading, c.text)}
	}
	files["knowhow.yaml"] = &fstest.MapFile{Data: []byte(index.String())}
	base, err := knowhow.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range New(base).Search("zebra", "en", 10) {
		got = append(got, h.Component)
	}
	if order := strings.Join(got, " "); order != "a b c d" {
		t.Errorf("the order is %q, want by alias, title, heading and text: a b c d", order)
	}
}

// TestNearMisses writes what the sample has in other ways.
func TestNearMisses(t *testing.T) {
	x := New(sample(t))
	tests := []struct{ query, want string }{
		{"certifcate", "certificate"},
		{"cretificate", "certificate"},
		{"certificatte", "certificate"},
		{"サブドメン", "subdomain"},
		{"サブドメイソ", "subdomain"},
		{"ｻﾌﾞﾄﾞﾒｲﾝ", "subdomain"},
		{"さぶどめいん", "subdomain"},
		{"サブドメインー", "subdomain"},
		{"ハイパ-バイザ-", "host-down"},
		{"ハイパーバイザ", "host-down"},
		{"ＤＩＳＫ－ＦＵＬＬ", "disk-full"},
		{"diskfull", "disk-full"},
		{"disk_full", "disk-full"},
		{"DiskFull", "disk-full"},
		{"アカウソト", "account"},
		{"ngnix", "web-server-setting"},
		{"log rotate", "disk-full"},
	}
	for _, tt := range tests {
		hits := x.Search(tt.query, "ja", 3)
		if len(hits) == 0 || hits[0].Component != tt.want {
			t.Errorf("%q finds %+v, want %s first", tt.query, hits, tt.want)
		}
	}
}

func TestNearby(t *testing.T) {
	terms := []string{"buffer", "certificate", "disk", "dns", "log", "reply", "retry", "x86-64", "ろどばらんさ"}
	near := newNearby(terms)
	tests := []struct{ word, want string }{
		{"dsk", ""},      // of three letters only two may be swapped or one wrong
		{"dsn", "dns"},   // swapped
		{"dikk", "disk"}, // wrong
		{"cetrificat", "certificate"},
		{"cetrficat", ""}, // three mistakes
		{"repry", "reply retry"},
		{"x86-65", ""}, // a number is no slip of another
		{"ろどばんさ", "ろどばらんさ"},
		{"q", ""},
		{strings.Repeat("a", 1000), ""},
	}
	for _, tt := range tests {
		var got []string
		for _, g := range near.of([]rune(tt.word)) {
			got = append(got, terms[g.term])
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("near %q is %q, want %q", tt.word, got, tt.want)
		}
	}
}

// The postings of many counters are those of one.
func TestMerge(t *testing.T) {
	_, base := corpus{seed: 9, components: 60}.make(t)
	x := New(base)
	one := newCounter(newScanner())
	for i := range x.units {
		u := x.units[i]
		title := ""
		if u.entry != nil {
			title = titlesOf(u.entry, u.doc.Name)
		}
		one.count(&u, title)
	}
	one.done()
	whole := merge([]*counter{one})
	if len(whole.terms) != len(x.posts.terms) || string(whole.data) != string(x.posts.data) {
		t.Errorf("%d terms in %d bytes, of one counter %d in %d", len(x.posts.terms), len(x.posts.data), len(whole.terms), len(whole.data))
	}
	for i, term := range x.posts.terms {
		n := uint32(0)
		for unit, weight := range x.posts.of(uint32(i)) {
			if n++; int(unit) >= len(x.units) || weight == 0 {
				t.Fatalf("%q stands in unit %d with the weight %d", term, unit, weight)
			}
		}
		if n != x.posts.units[i] {
			t.Errorf("%q stands in %d units, want %d", term, n, x.posts.units[i])
		}
	}
}

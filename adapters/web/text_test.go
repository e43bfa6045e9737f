package web

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
	sentence    = regexp.MustCompile(`(?:\.(?:T|Rich) |\.T\(|texts\.text\([\w.]+, )"([^"]+)"`)
	family      = regexp.MustCompile(`(?:\.Word |\.Word\(|texts\.word\([\w.]+, )"([^"]+)"`)
)

func TestLanguagesAgree(t *testing.T) {
	c, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	en, ja := c.byLang["en"], c.byLang["ja"]
	if diff := cmp.Diff(slices.Sorted(maps.Keys(en)), slices.Sorted(maps.Keys(ja))); diff != "" {
		t.Fatalf("keys (-en +ja):\n%s", diff)
	}
	for key, text := range en {
		a, b := placeholder.FindAllString(text, -1), placeholder.FindAllString(ja[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: en has %v, ja has %v", key, a, b)
		}
		if ja[key] == "" || text == "" {
			t.Errorf("%s is empty", key)
		}
	}
}

func TestEverySentenceIsThereAndUsed(t *testing.T) {
	c, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	used, families := map[string]bool{}, map[string]bool{}
	for _, text := range sources(t) {
		for _, m := range sentence.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
		for _, m := range family.FindAllStringSubmatch(text, -1) {
			families[m[1]] = true
		}
	}
	for key := range used {
		if c.byLang["en"][key] == "" {
			t.Errorf("%q is used and has no sentence", key)
		}
	}
	for key := range c.byLang["en"] {
		inFamily := func(f string) bool { return strings.HasPrefix(key, f+".") }
		if !used[key] && !slices.ContainsFunc(slices.Collect(maps.Keys(families)), inFamily) {
			t.Errorf("%q is used nowhere", key)
		}
	}
}

// sources are the program's files and templates.
func sources(t *testing.T) (out []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") ||
			!strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
			return err
		}
		data, err := os.ReadFile(path)
		out = append(out, string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTextReplacesOnce(t *testing.T) {
	c := &catalogue{byLang: map[string]map[string]string{"en": {"k": "{a} and {b}"}}}
	if got := c.text("en", "k", "a", "{b}", "b", 2); got != "{b} and 2" {
		t.Errorf("got %q: what is put in must not be read as a placeholder", got)
	}
	if got := c.word("en", "state", "odd<"); got != "odd<" {
		t.Errorf("an unforeseen value became %q", got)
	}
}

package knowhow

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// addFixtures gives the fuzzer one file of every fixture and of the sample.
func addFixtures(f *testing.F, file, sample string) {
	fixtures, _ := filepath.Glob("testdata/faults/*.txt")
	for _, fixture := range fixtures {
		data, err := os.ReadFile(fixture)
		if err != nil {
			f.Fatal(err)
		}
		if _, after, ok := strings.Cut(string(data), "-- "+file+" --\n"); ok {
			text, _, _ := strings.Cut(after, "-- ")
			f.Add(text)
		}
	}
	data, err := os.ReadFile(filepath.Join(sampleFolder, sample))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
}

func checkFaults(t *testing.T, err error, files map[string]string) {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("the error is no list of faults: %v", err)
	}
	for i, f := range faults {
		lines := strings.Count(files[f.File], "\n") + 1
		if f.Line < 1 || f.Line > lines || f.Column < 1 || f.What == "" {
			t.Errorf("fault outside its file of %d lines: %+v", lines, f)
		}
		if i > 0 && f == faults[i-1] {
			t.Errorf("reported twice: %+v", f)
		}
	}
}

func checkBase(t *testing.T, base *Base) {
	t.Helper()
	for _, e := range base.Components() {
		for _, word := range append([]string{e.Name}, e.Aliases...) {
			if got, ok := base.Entry(word); !ok || got != e {
				t.Errorf("%q does not find its own component", word)
			}
		}
		if len(e.Subtickets) == 0 || e.RequestType == "" || e.Title.In(English) == "" || e.Title.In(Japanese) == "" {
			t.Errorf("incomplete: %+v", e)
		}
		for _, s := range e.Subtickets {
			if _, ok := base.Doc(s.Doc, Japanese); !ok {
				t.Errorf("%q refers to no document: %q", e.Name, s.Doc)
			}
		}
	}
	for _, c := range base.Checks() {
		checkCheck(t, c)
	}
	base.ForAlert(AlertFields{Host: "web-01", Summary: "x"})
	base.Suggest("disk", 3)
}

func checkCheck(t *testing.T, c *Check) {
	t.Helper()
	if (len(c.Run) == 0) == (c.Get == nil) || c.Where != Bot && (c.Where != Server || c.Get != nil) || c.Timeout <= 0 || c.Timeout > time.Minute {
		t.Errorf("incomplete: %+v", c)
	}
	fields := map[string]string{"host": "-rf\n"}
	if c.Get != nil {
		if u, err := c.URL(fields); err == nil && (u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https") {
			t.Errorf("%q became %q", c.Get.URL, u)
		}
		return
	}
	if args, err := c.Args(fields); err == nil && (len(args) != len(c.Run) || args[0] != c.Run[0]) {
		t.Errorf("%q became %q", c.Run, args)
	}
	if e := c.Expect; e != nil && e.Exit == nil && e.Matches == nil && e.Compare == nil {
		t.Error("expects nothing")
	}
	c.Expect.Judge(0, "95%")
}

func FuzzLoad(f *testing.F) {
	addFixtures(f, "knowhow.yaml", "knowhow.yaml")
	_, index := complete(f)
	f.Add(index)
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, index string) {
		files := small()
		files["knowhow.yaml"] = index
		base, err := Load(filesOf(files))
		if err != nil {
			checkFaults(t, err, files)
			return
		}
		checkBase(t, base)
		if err := schema.Validate(asJSON(parseYAML(t, index))); err != nil {
			t.Errorf("the schema refuses what is read: %v", err)
		}
		if again, err := Load(filesOf(files)); err != nil || again.Digest() != base.Digest() {
			t.Errorf("read again it differs: %v", err)
		}
	})
}

func FuzzDoc(f *testing.F) {
	addFixtures(f, "docs/free.en.md", "docs/disk-free.ja.md")
	f.Fuzz(func(t *testing.T, doc string) {
		files := small()
		files["docs/free.en.md"] = doc
		base, err := Load(filesOf(files))
		if err != nil {
			checkFaults(t, err, files)
			return
		}
		d, ok := base.Doc("free", English)
		if !ok || d.Title == "" || d.Owner == "" || d.Reviewed.IsZero() || d.TODO == "" || d.Procedure == "" {
			t.Errorf("accepted without what it needs: %+v", d)
		}
		for _, section := range []string{d.TODO, d.Procedure, d.Checks, d.Special} {
			if len(section) > len(doc) {
				t.Errorf("a section is longer than its document")
			}
		}
	})
}

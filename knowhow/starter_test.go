package knowhow

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

var aDay = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

func starter(component string) Starter {
	return Starter{Component: component, Langs: []string{Japanese, English}, Owner: "sato", Day: aDay}
}

// started adds an entry and loads what comes of it.
func started(t *testing.T, files fstest.MapFS, s Starter) (*Base, string) {
	t.Helper()
	made, err := s.Files(files)
	if err != nil {
		t.Fatal(err)
	}
	after := make(fstest.MapFS)
	for name, f := range files {
		after[name] = f
	}
	for name, text := range made {
		after[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	base, err := Load(after)
	if err != nil {
		t.Fatalf("it has faults:\n%v\n%s", err, made[File])
	}
	if w := base.Warnings(); len(w) > 0 {
		t.Errorf("it has warnings:\n%v", w)
	}
	return base, made[File]
}

func withIndex(index string) fstest.MapFS {
	files := small()
	files[File] = index
	return filesOf(files)
}

func TestStarterAlone(t *testing.T) {
	base, index := started(t, fstest.MapFS{}, starter("disk-full"))
	if e, ok := base.Entry("disk-full"); !ok || e.Subtickets[0].Doc != "disk-full" || !strings.Contains(index, "# yaml-language-server: $schema=") {
		t.Errorf("it begins as %+v:\n%s", e, index)
	}
	for _, lang := range []string{Japanese, English} {
		if d, ok := base.Doc("disk-full", lang); !ok || d.Lang != lang || d.Owner != "sato" || !d.Reviewed.Equal(aDay) || d.ReviewAfter == 0 {
			t.Errorf("the document in %s is %+v", lang, d)
		}
	}
	if err := compileSchema(t).Validate(asJSON(parseYAML(t, index))); err != nil {
		t.Errorf("an editor complains: %v", err)
	}
}

const item = "- {name: disk, request_type: incident, subtickets: [{title: x, document: free}]}\n"

// TestStarterKeeps: what was written before is there as it was.
func TestStarterKeeps(t *testing.T) {
	tests := map[string]struct{ before, after string }{ // the entry goes between
		"at the end":                  {"components:\n  " + item, ""},
		"no indentation":              {"components:\n" + item, ""},
		"deep":                        {"components:\n        " + item + "        # more of it\n", ""},
		"before checks":               {"# top\n\ncomponents:\n  " + item, "\n\n# About checks,\n# in two lines\nchecks: {}\n"},
		"an indented comment":         {"components:\n  " + item + "    # - alert\n", "# checks\nchecks:\n  # none\n  {}\n"},
		"checks first":                {"checks: {}\ncomponents:\n  " + item + "# end\n", ""},
		"no line end":                 {"components:\n  " + strings.TrimSpace(item), ""},
		"over several lines":          {"components:\n  - name: disk\n    request_type: >-\n      incident\n    subtickets: [{title: x,\n document: free}]\n", "checks:\n  {}\n"},
		"a document's begin":          {"# top\n---\ncomponents:\n  " + item, ""},
		"a byte order mark":           {"\uFEFFcomponents:\n  " + item, "checks: {}\n"},
		"other line ends":             {"components:\r\n  " + strings.ReplaceAll(item, "\n", "\r\n"), "\r\n# c\r\nchecks: {}\r\n"},
		"a key in a comment and text": {"components:\n  " + strings.Replace(item, "title: x", `title: "checks: {}"`, 1) + "#checks:\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			base, index := started(t, withIndex(tt.before+tt.after), starter("new one"))
			if !strings.HasPrefix(index, tt.before) || !strings.HasSuffix(index, tt.after) {
				t.Errorf("%q and %q are not kept in\n%q", tt.before, tt.after, index)
			}
			if strings.Contains(tt.before, "\r\n") != (strings.Count(index, "\r\n") == strings.Count(index, "\n")) {
				t.Errorf("line ends are mixed: %q", index)
			}
			if got := base.Components(); len(got) != 2 || got[0].Name != "disk" || got[1].Name != "new one" {
				t.Errorf("components are %+v", got)
			}
		})
	}
}

func TestStarterInSample(t *testing.T) {
	index, err := os.ReadFile(sampleFolder + "/" + File)
	if err != nil {
		t.Fatal(err)
	}
	files, err := starter("printer").Files(os.DirFS(sampleFolder))
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Collect(strings.Lines(string(index)))
	i := 0
	for line := range strings.Lines(files[File]) {
		if i < len(before) && line == before[i] {
			i++
		}
	}
	if i != len(before) {
		t.Errorf("line %d of the sample is gone: %s", i+1, before[i])
	}
}

func TestStarterNames(t *testing.T) {
	for component, document := range map[string]string{
		"Disk Full": "disk-full", "プリンタ": "document", "a: b # c": "a-b-c", "null": "null", "true": "true", "{x}": "x", `"q" \ 'r'`: "q-r",
		"free": "free-2", "  x": "x", "<b>&": "b", strings.Repeat("long ", 100): strings.TrimSuffix(strings.Repeat("long-", 16), "-"), "web/印刷": "web",
	} {
		base, index := started(t, filesOf(small()), starter(component))
		if e, ok := base.Entry(component); !ok || e.Name != component || e.Subtickets[0].Doc != document {
			t.Errorf("%q became %+v:\n%s", component, e, index)
		}
	}
}

func TestStarterRefuses(t *testing.T) {
	with := func(change func(*Starter)) Starter { s := starter("new"); change(&s); return s }
	tests := map[string]struct {
		files fstest.MapFS
		s     Starter
		want  string
	}{
		"it exists":           {filesOf(small()), starter("Disk"), `"Disk" finds the component "disk" already (knowhow.yaml:2)`},
		"an alias":            {filesOf(small()), starter("でぃすく"), `finds the component "disk" already`},
		"no letter":           {filesOf(small()), starter("--"), "has no letter or digit"},
		"a line break":        {filesOf(small()), starter("a\nb"), "line break"},
		"not UTF-8":           {filesOf(small()), starter("a\xff"), "add it by hand"},
		"empty":               {filesOf(small()), starter(""), "must be text"},
		"too long":            {filesOf(small()), starter(strings.Repeat("a", 1001)), "longer than"},
		"faults before":       {withIndex("components: 1\n"), starter("new"), "correct them before something is added"},
		"brackets":            {withIndex("components: [{name: d, request_type: r, subtickets: [{title: x, document: free}]}]\n"), starter("new"), "written in brackets"},
		"the end is marked":   {withIndex("components:\n  " + item + "...\n"), starter("new"), "knowhow.yaml"},
		"no owner":            {filesOf(small()), with(func(s *Starter) { s.Owner = "" }), "owner must be text"},
		"a language":          {filesOf(small()), with(func(s *Starter) { s.Langs = []string{"fr"} }), `not in "fr"`},
		"no language":         {filesOf(small()), with(func(s *Starter) { s.Langs = nil }), `no document "new"`},
		"the document exists": {filesOf(small()), with(func(s *Starter) { s.Document = "free" }), `there is a document "free" already`},
		"the document's name": {filesOf(small()), with(func(s *Starter) { s.Document = "../x" }), `lower-case letters`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := tt.s.Files(tt.files); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// FuzzStarter: whatever the file and the name, what comes of it loads, and
// what was there is there.
func FuzzStarter(f *testing.F) {
	addFixtures(f, "knowhow.yaml", "knowhow.yaml")
	f.Fuzz(func(t *testing.T, index string) {
		files := withIndex(index)
		component := "新しい " + index[:min(len(index), 20)]
		before, err := Load(files)
		if err != nil {
			before, component = loadSmall(t, func(map[string]string) {}), component+"x"
			files = filesOf(small())
		}
		s := starter(component)
		made, err := s.Files(files)
		if err != nil {
			return
		}
		for name, text := range made {
			files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		}
		after, err := Load(files)
		if err != nil || len(after.Components()) != len(before.Components())+1 {
			t.Errorf("with %q it has faults: %v", component, err)
		}
	})
}

package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// hostile findings are what a proposed change may bring along.
var hostile = []finding{
	{faulty, "docs/a\n::stop-commands::x\r%0A,line=1:2.md", 3, 4, "100% of \n::error::b\r\x1b[31m\u202e\xff, c: d"},
	{warning, "ドキュメント 1.md", 0, 0, "空き　あり"},
}

func formatted(t *testing.T, format string, all []finding) string {
	t.Helper()
	var b strings.Builder
	if err := formats[format](&b, all); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	tests := map[string]string{
		"text": `docs/a\n::stop-commands::x\r%0A,line=1:2.md:3:4: 100% of \n::error::b\r\x1b[31m\u202e` + "\uFFFD" + `, c: d
ドキュメント 1.md: warning: 空き　あり
`,
		"github": `::error file=docs/a\n%3A%3Astop-commands%3A%3Ax\r%250A%2Cline=1%3A2.md,line=3,col=4::100%25 of %0A::error::b\r\x1b[31m\u202e` + "\uFFFD" + `, c: d
::warning file=ドキュメント 1.md::空き　あり
`,
	}
	for format, want := range tests {
		if got := formatted(t, format, hostile); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", format, got, want)
		}
	}
}

func TestFormatJSON(t *testing.T) {
	var got struct {
		Faults, Warnings int
		Findings         []finding
	}
	if err := json.Unmarshal([]byte(formatted(t, "json", hostile)), &got); err != nil {
		t.Fatal(err)
	}
	want := hostile[0]
	want.What = strings.ToValidUTF8(want.What, "\uFFFD")
	if got.Faults != 1 || got.Warnings != 1 || len(got.Findings) != 2 || got.Findings[0] != want || got.Findings[1] != hostile[1] {
		t.Errorf("read back it is %+v", got)
	}
}

func TestFormatsOfNothing(t *testing.T) {
	for format, want := range map[string]string{
		"text":   "no faults, warnings: 0\n",
		"github": "",
		"json":   "{\n  \"faults\": 0,\n  \"warnings\": 0,\n  \"findings\": []\n}\n",
	} {
		if got := formatted(t, format, nil); got != want {
			t.Errorf("%s of nothing is %q, want %q", format, got, want)
		}
	}
}

// unescape reads a workflow command as GitHub's runner does.
var unescape = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")

// FuzzFormats: one finding stays one finding, and nothing hidden gets out.
func FuzzFormats(f *testing.F) {
	for _, x := range hostile {
		f.Add(x.File, x.What)
	}
	command := regexp.MustCompile(`^::error file=([^,:]*),line=1,col=2::(.*)\n$`)
	f.Fuzz(func(t *testing.T, file, what string) {
		one := []finding{{faulty, file, 1, 2, what}}
		text := formatted(t, "text", one)
		github := formatted(t, "github", one)
		for _, out := range []string{text, github} {
			if strings.Count(out, "\n") != 1 || strings.ContainsFunc(strings.TrimSuffix(out, "\n"), func(r rune) bool { return !unicode.IsGraphic(r) }) {
				t.Fatalf("not one line that is seen: %q", out)
			}
		}
		m := command.FindStringSubmatch(github)
		if m == nil || unescape.Replace(m[1]) != shownLine(file) || unescape.Replace(m[2]) != visible(what, '\n') {
			t.Errorf("%q, %q became %q", file, what, github)
		}
		if got := formatted(t, "json", one); !json.Valid([]byte(got)) {
			t.Errorf("no JSON: %s", got)
		}
	})
}

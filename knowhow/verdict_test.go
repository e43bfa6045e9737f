package knowhow

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func search(t testing.TB, text string) *Search {
	t.Helper()
	s, err := newSearch(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const dfOutput = "Filesystem 1K-blocks Used Use%\n/dev/sda1 100 95 95%\n"

func TestJudge(t *testing.T) {
	zero, ok := 0, 200
	tests := []struct {
		name   string
		expect *Expect
		exit   int
		output string
		want   Verdict
	}{
		{"nothing expected", nil, 3, "x", Verdict{Met: true}},
		{"exit", &Expect{Exit: &zero}, 1, "", Verdict{Points: []Point{{ByExit, "0", "1", false}}}},
		{"status", &Expect{Exit: &ok}, 200, "", Verdict{Met: true, Points: []Point{{ByExit, "200", "200", true}}}},
		{"a line", &Expect{Matches: search(t, "^active$")}, 0, "x\nactive\n", Verdict{Met: true, Points: []Point{{ByMatch, "^active$", "active", true}}}},
		{"no such line", &Expect{Matches: search(t, "^active$")}, 0, "inactive\n", Verdict{Points: []Point{{ByMatch, "^active$", "", false}}}},
		{"alternatives keep their ends", &Expect{Matches: search(t, "^a|b$")}, 0, "xb", Verdict{Met: true, Points: []Point{{ByMatch, "^a|b$", "b", true}}}},
		{"number", &Expect{Compare: []Compare{{"<", 90}}}, 0, "sda1: 95%", Verdict{Points: []Point{{ByCompare, "< 90", "95", false}}}},
		{"range", &Expect{Compare: []Compare{{">=", -1.5}, {"<", 0.5}}}, 0, "load=0.25", Verdict{Met: true, Points: []Point{{ByCompare, ">= -1.5", "0.25", true}, {ByCompare, "< 0.5", "0.25", true}}}},
		{"no number", &Expect{Compare: []Compare{{"!=", 1}}}, 0, "sda1", Verdict{Points: []Point{{ByCompare, "!= 1", "", false}}}},
		{"in the group", &Expect{Matches: search(t, `(\d+)%$`), Compare: []Compare{{"<=", 95}}}, 0, dfOutput, Verdict{Met: true, Points: []Point{{ByMatch, `(\d+)%$`, "95%", true}, {ByCompare, "<= 95", "95", true}}}},
		{"no group to take it from", &Expect{Matches: search(t, `(\d+)MB`), Compare: []Compare{{"<", 90}}}, 0, "5 GB", Verdict{Points: []Point{{ByMatch, `(\d+)MB`, "", false}, {ByCompare, "< 90", "", false}}}},
		{"beyond all numbers", &Expect{Compare: []Compare{{">", 5}}}, 0, "1e999", Verdict{Met: true, Points: []Point{{ByCompare, "> 5", "1e999", true}}}},
		{"not UTF-8", &Expect{Matches: search(t, "b"), Exit: &zero}, 0, "\xff\x00b", Verdict{Met: true, Points: []Point{{ByExit, "0", "0", true}, {ByMatch, "b", "b", true}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.expect.Judge(tt.exit, tt.output)); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFirstNumber(t *testing.T) {
	for text, want := range map[string]string{
		"-3 C": "-3", "+4": "4", "x 1.5e3": "1500", "v1.2": "", "a.5": "", "90%": "90", "(7)": "7", "時刻5": "", "使用率: 81": "81", "": "", "10.0.0.1": "10",
		"1,234": "1", "- 2": "2", "a_1": "", "٣": "",
	} {
		if _, n, ok := firstNumber(text); ok != (want != "") || ok && strconv.FormatFloat(n, 'g', -1, 64) != want {
			t.Errorf("the first number of %q is %v (%v), want %s", text, n, ok, want)
		}
	}
}

// What a server prints does not make a verdict of any length.
func TestVerdictIsShort(t *testing.T) {
	e := &Expect{Matches: search(t, "(?s).+"), Compare: []Compare{{"<", 1}}}
	for _, output := range []string{strings.Repeat("語", 1<<16), strings.Repeat("9", 1<<20), strings.Repeat("\x80", 300)} {
		for _, p := range e.Judge(0, output).Points {
			if len(p.Found) > 210 || !utf8.ValidString(p.Found) {
				t.Errorf("%s: found is %d bytes: %.50q", p.By, len(p.Found), p.Found)
			}
		}
	}
}

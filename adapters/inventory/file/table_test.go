package file_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"tebiki/adapters/inventory"
	"tebiki/adapters/inventory/file"
	"tebiki/adapters/inventory/inventorytest"
)

// sheet writes servers as a spreadsheet does.
func sheet(t *testing.T, sep rune, servers []inventory.Server) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = sep, true
	rows := [][]string{{"Note", "host", "owners", "aliases", "group", "team", "service", "env", ""}}
	for _, s := range servers {
		rows = append(rows, []string{s.Note, s.Host, strings.Join(s.Owners, "; "), strings.Join(s.Aliases, " "), s.Group, s.Team, s.Service, s.Env, ""})
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTableConformance(t *testing.T) {
	for name, sep := range map[string]rune{"comma": ',', "semicolon": ';', "tab": '\t'} {
		t.Run(name, func(t *testing.T) {
			inventorytest.Run(t, func(t *testing.T, servers []inventory.Server) inventory.Inventory {
				f, err := file.Load(fstest.MapFS{"i.CSV": {Data: sheet(t, sep, servers)}}, "i.CSV")
				if err != nil {
					t.Fatal(err)
				}
				return f
			})
		})
	}
}

// TestEncodings reads one table in everything that spreadsheets write.
func TestEncodings(t *testing.T) {
	want := []inventory.Server{
		{Host: "web1.example.jp", Aliases: []string{"192.0.2.1"}, Owners: []string{"田中", "sato"}, Note: "表と能力、①髙橋~\r\n二行目"},
		{Host: "db1", Group: "運用"},
	}
	plain := []byte("host,aliases,owners,group,note\r\nweb1.example.jp,192.0.2.1,\"田中;sato\",,\"表と能力、①髙橋~\r\n二行目\"\r\n,,,,\r\ndb1,,,運用\r\n")
	want[0].Note = strings.ReplaceAll(want[0].Note, "\r\n", "\n") // as encoding/csv reads it
	for name, change := range map[string]func([]byte) ([]byte, error){
		"UTF-8":               func(b []byte) ([]byte, error) { return b, nil },
		"UTF-8 with its mark": func(b []byte) ([]byte, error) { return append([]byte("\xef\xbb\xbf"), b...), nil },
		"Shift_JIS":           japanese.ShiftJIS.NewEncoder().Bytes,
		"UTF-16 little":       unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes,
		"UTF-16 big":          unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes,
		"LF":                  func(b []byte) ([]byte, error) { return bytes.ReplaceAll(b, []byte("\r"), nil), nil },
	} {
		t.Run(name, func(t *testing.T) {
			data, err := change(bytes.Clone(plain))
			if err != nil {
				t.Fatal(err)
			}
			got, err := file.Parse("x.csv", data)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("(-want +got) %v\n%s", err, diff)
			}
		})
	}
	if got, err := file.Parse("x.csv", []byte("host,team\rweb1,a\rweb2,b\r")); err != nil || len(got) != 2 || got[1].Team != "b" {
		t.Errorf("lines that end with CR: %+v, %v", got, err)
	}
}

// TestTableFaults has a table for each rule, and the line and words that are
// wanted of its one fault.
func TestTableFaults(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		line int
		says string
	}{
		"empty":              {"", 1, "the file is empty"},
		"only blanks":        {"\r\n , ,\r\n", 1, "the file is empty"},
		"no names":           {"web1,tanaka\n", 1, "does not name the columns"},
		"unknown column":     {"host,onwers\n", 1, "unknown column \"onwers\": a table has host, aliases"},
		"no host":            {"\nteam,env\n", 2, "no column host"},
		"column twice":       {"host,team,Team\n", 1, "the column team is there twice"},
		"server has no host": {"host,team\nweb1,a\n,b\n", 3, "has no host"},
		"bad host":           {"host\nweb 1\n", 2, "is no host name"},
		"host is taken":      {"host,note\nweb1,\"a\nb\nc\"\nWEB1,\n", 5, "is taken by line 2"},
		"alias is taken":     {"host,aliases\nweb1,www 192.0.2.1\nweb2,::ffff:192.0.2.1\n", 3, "is taken by line 2"},
		"bad owner":          {"host;owners\nweb1;tanaka,sato\n", 2, "\"tanaka,sato\" is no name"},
		"owner twice":        {"host,owners\nweb1,sato sato\n", 2, "there twice"},
		"many owners":        {"host,owners\nweb1,a b c d e f g h i j k l m n o p q\n", 2, "there are 17"},
		"group and owners":   {"host,owners,group\nweb1,sato,dba\n", 2, "in place of people"},
		"too many cells":     {"host,team\nweb1,a,b\n", 2, "\"b\" stands in a column without a name"},
		"column without":     {"host,,team\nweb1,b,a\n", 2, "\"b\" stands in a column without a name"},
		"long note":          {"host,note\nweb1," + strings.Repeat("x", 1025) + "\n", 2, "at most 1024"},
		"long host":          {"host\n" + strings.Repeat("x", 1025) + "\n", 2, "at most 1024"},
		"control in note":    {"host,note\nweb1,a\x1bb\n", 2, "control character"},
		"quote within":       {"host,note\nweb1,a\"b\n", 2, "this is no table"},
		"quote without end":  {"host,note\nweb1,\"a\nb\n", 3, "this is no table"},
		"no known encoding":  {"host,note\nweb1,a\nweb2,\x82\n", 3, "neither UTF-8 nor Shift_JIS"},
		"not what it claims": {"\xef\xbb\xbfhost\nweb\xff\n", 2, "neither UTF-8 nor Shift_JIS"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := file.Parse("x.csv", []byte(test.text))
			var faults file.Faults
			if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Line != test.line || !strings.Contains(faults[0].What, test.says) {
				t.Errorf("got %v, want line %d: %q", err, test.line, test.says)
			}
		})
	}
}

func TestAllFaultsOfATableAtOnce(t *testing.T) {
	_, err := file.Parse("x.csv", []byte("host,owners,note\nweb1,<b>,\"a\nb\"\n,sato,\nweb1,,,x\n"))
	want := `x.csv:2: owners: "<b>" is no name: letters, digits, '.', '_' and '-' are wanted, at most 64
x.csv:4: this server has no host
x.csv:5: "x" stands in a column without a name: name it in the first line, or put a cell with separators in it in quotes
x.csv:5: host: "web1" is taken by line 2`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("host,aliases,owners\nweb1,\"a;b\",sato\n"))
	f.Add([]byte("\xef\xbb\xbfhost;note\r\nweb1;\"a\r\nb\"\r\n"))
	f.Add([]byte("host\tnote\nweb1\t\x93\x63\x92\x86\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		servers, err := file.Parse("x.csv", data)
		var faults file.Faults
		if err != nil && (!errors.As(err, &faults) || len(faults) == 0 || servers != nil) {
			t.Fatalf("%v with %d servers", err, len(servers))
		}
		for _, one := range faults {
			if one.Line < 1 || one.What == "" {
				t.Errorf("a fault without a place: %+v", one)
			}
		}
		for _, s := range servers {
			if s.Host == "" || s.Group != "" && len(s.Owners) > 0 {
				t.Errorf("took %+v", s)
			}
		}
	})
}

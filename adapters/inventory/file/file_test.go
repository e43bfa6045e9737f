package file_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"tebiki/adapters/inventory"
	"tebiki/adapters/inventory/file"
	"tebiki/adapters/inventory/inventorytest"
)

func TestConformance(t *testing.T) {
	inventorytest.Run(t, func(t *testing.T, servers []inventory.Server) inventory.Inventory {
		list := []map[string]any{}
		for _, s := range servers {
			one := map[string]any{"host": s.Host}
			for key, value := range map[string]string{"group": s.Group, "team": s.Team, "service": s.Service, "env": s.Env, "note": s.Note} {
				if value != "" {
					one[key] = value
				}
			}
			for key, value := range map[string][]string{"aliases": s.Aliases, "owners": s.Owners} {
				if value != nil {
					one[key] = value
				}
			}
			list = append(list, one)
		}
		text, err := yaml.Marshal(map[string]any{"servers": list})
		if err != nil {
			t.Fatal(err)
		}
		return load(t, string(text))
	})
}

func load(t *testing.T, text string) *file.File {
	t.Helper()
	f, err := file.Load(fstest.MapFS{"inventory.yaml": {Data: []byte(text)}}, "inventory.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFaults has one file for each rule; what is wanted stands in each, in
// comments at the end of the line that is at fault.
func TestFaults(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":      "servers:\n  - host: a\n    onwers: [x] # unknown key \"onwers\"",
		"unknown at top":   "serverz: [] # unknown key \"serverz\"",
		"no host":          "servers:\n  - team: x # has no host",
		"duplicate host":   "servers:\n  - host: a.b\n  - host: A.B # taken by line 2",
		"duplicate alias":  "servers:\n  - host: a\n    aliases: [b]\n  - host: c\n    aliases: [d, B] # taken by line 3",
		"alias is host":    "servers:\n  - host: a\n    aliases: [a] # taken by line 2",
		"same address":     "servers:\n  - host: \"2001:db8::1\"\n  - host: 2001:DB8:0::1 # taken by line 2",
		"bad host":         "servers:\n  - host: a_-.b # no host name",
		"host with blank":  "servers:\n  - host: a b # no host name",
		"empty host":       "servers:\n  - host: '' # no host name",
		"host is number":   "servers:\n  - host: 12 # put it in quotes",
		"host is list":     "servers:\n  - host: [a] # this is a list",
		"host is null":     "servers:\n  - host: # this is empty",
		"owners is text":   "servers:\n  - host: a\n    owners: sato # a list is wanted",
		"owner twice":      "servers:\n  - host: a\n    owners: [sato, sato] # there twice",
		"bad owner":        "servers:\n  - host: a\n    owners: ['<b>'] # is no name",
		"many owners":      "servers:\n  - host: a\n    owners: [" + strings.Repeat("x, ", 17) + "] # at most 16",
		"group and owners": "servers:\n  - host: a\n    owners: [sato]\n    group: dba # in place of people",
		"bool team":        "servers:\n  - host: a\n    team: yes\n    env: true # bool: put it in quotes",
		"key twice":        "servers:\n  - host: a\n    team: x\n    team: y # a second time; the first is in line 3",
		"long note":        "servers:\n  - host: a\n    note: " + strings.Repeat("x", 1025) + " # at most 1024",
		"control in note":  "servers:\n  - host: a\n    note: \"a\\eb\" # control character",
		"item is text":     "servers:\n  - a # keys and values are wanted",
		"servers is text":  "servers: a # a list of servers is wanted",
		"file is list":     "- host: a # keys and values are wanted",
		"empty":            "# the file is empty",
		"anchor":           "servers:\n  - &x\n    host: a\n  - *x # reference to an anchor",
		"two documents":    "servers: []\n---\nservers: [] # second document",
		"syntax":           "servers:\n  - host: a: b # this is not YAML",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := file.Parse("x.yaml", []byte(text))
			var faults file.Faults
			if !errors.As(err, &faults) || len(faults) != 1 {
				t.Fatalf("%d faults, want one: %v", len(faults), err)
			}
			for i, line := range strings.Split(text, "\n") {
				_, want, ok := strings.Cut(line, "# ")
				if !ok {
					continue
				}
				if near := faults[0].Line - (i + 1); near < -1 || near > 0 || !strings.Contains(faults[0].What, want) {
					t.Errorf("got %v, want line %d: %q", faults[0], i+1, want)
				}
				if !strings.HasPrefix(faults[0].Error(), "x.yaml:") {
					t.Errorf("%v does not name its file", faults[0])
				}
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := file.Parse("x.yaml", []byte("servers:\n  - host: a\n    group: dba\n    color: red\n    owners: [b, 1]\n  - host: a\n  - {}\n"))
	want := `x.yaml:3: group: a group owns a server in place of people; name one or the other
x.yaml:4: unknown key "color": a server has aliases, env, group, host, note, owners, service, team
x.yaml:5: owners: text is wanted, this is int: put it in quotes
x.yaml:6: host: "a" is taken by line 2
x.yaml:7: this server has no host`
	if err == nil {
		t.Fatal("no fault was found")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestManyFaultsAreBounded(t *testing.T) {
	_, err := file.Parse("x.yaml", []byte("servers:\n"+strings.Repeat("  - {}\n", 5000)))
	var faults file.Faults
	if !errors.As(err, &faults) || len(faults) != 101 || !strings.Contains(faults[100].What, "more faults") {
		t.Errorf("%d faults", len(faults))
	}
}

func TestReloadKeepsTheLastGood(t *testing.T) {
	fsys := fstest.MapFS{"i.yaml": {Data: []byte("servers:\n  - host: old\n")}}
	f, err := file.Load(fsys, "i.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []*fstest.MapFile{{Data: []byte("servers: 1")}, {Data: []byte("\x00")}, nil} {
		delete(fsys, "i.yaml")
		if bad != nil {
			fsys["i.yaml"] = bad
		}
		if err := f.Reload(); err == nil {
			t.Error("Reload took a bad file")
		}
		if _, err := f.Server(t.Context(), "old"); err != nil {
			t.Errorf("after a bad file: %v", err)
		}
	}
	if err := f.Reload(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone gives %v", err)
	}
	fsys["i.yaml"] = &fstest.MapFile{Data: []byte("servers:\n  - host: new\n")}
	if err := f.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Server(t.Context(), "old"); err == nil {
		t.Error("the old server is still there")
	}
	if _, err := f.Server(t.Context(), "new"); err != nil {
		t.Error(err)
	}
}

func TestLoadNothing(t *testing.T) {
	if _, err := file.Load(fstest.MapFS{}, "none.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load gives %v", err)
	}
}

// TestSample holds the sample workspace's inventory against what the flows
// try out with it.
func TestSample(t *testing.T) {
	const dir = "../../../bot/sample/workspace"
	f, err := file.Load(os.DirFS(dir), "inventory.yaml")
	if err != nil {
		t.Fatal(err)
	}
	servers, err := f.Servers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]string{"tanaka": "infra-jp", "sato": "infra-jp", "suzuki": "infra-jp", "smith": "platform-en", "garcia": "platform-en", "lee": "platform-en"}
	count := map[string]int{}
	for _, s := range servers {
		for _, o := range s.Owners {
			if people[o] != s.Team {
				t.Errorf("%s of %s is owned by %q of %q", s.Host, s.Team, o, people[o])
			}
		}
		switch {
		case s.Owner() != "":
			count["one person"]++
		case s.Group != "":
			count["a group"]++
		case len(s.Owners) > 1:
			count["several people"]++
		default:
			count["nobody"]++
		}
		count[s.Service]++
		if s.Service == "" || s.Env == "" {
			t.Errorf("%s has no service or no env", s.Host)
		}
	}
	if len(servers) != 40 {
		t.Errorf("there are %d servers, want 40", len(servers))
	}
	for _, want := range strings.Fields("web mail dns db batch storage vpn monitoring nobody") {
		if count[want] == 0 {
			t.Errorf("no server is of %q: %v", want, count)
		}
	}
	for _, kind := range []string{"one person", "a group", "several people"} {
		if count[kind] < 3 {
			t.Errorf("%d servers are owned by %s", count[kind], kind)
		}
	}
}

func TestLargeFile(t *testing.T) {
	var text strings.Builder
	text.WriteString("servers:\n")
	for i := range 5_000 {
		fmt.Fprintf(&text, "  - {host: h%d.example.jp, aliases: [a%d], owners: [sato], team: infra-jp}\n", i, i)
	}
	start := time.Now()
	f := load(t, text.String())
	if s, err := f.Server(t.Context(), "H4999"); err != nil || s.Host != "h4999.example.jp" {
		t.Errorf("H4999 gives %+v, %v", s, err)
	}
	if spent := time.Since(start); spent > 10*time.Second {
		t.Errorf("it took %v", spent)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("servers:\n  - host: a\n    aliases: [b, 192.0.2.1]\n    owners: [sato]\n"))
	f.Add([]byte("servers: [{host: a, group: dba, note: x}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("---\n...\n---\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		servers, err := file.Parse("x", data)
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

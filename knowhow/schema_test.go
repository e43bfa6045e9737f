package knowhow

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("knowhow.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("knowhow.json")
	if err != nil {
		t.Fatalf("the schema is none: %v", err)
	}
	return schema
}

// asJSON is a YAML value as an editor's schema check sees it.
func asJSON(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return asJSON(n.Content[0])
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, asJSON(c))
		}
		return out
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = asJSON(n.Content[i+1])
		}
		return out
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		if _, err := strconv.ParseFloat(n.Value, 64); err == nil && json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}

func parseYAML(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return &n
}

func complete(t testing.TB) (fs.FS, string) {
	t.Helper()
	fsys, _ := readFixture(t, "testdata/complete.txt")
	index, err := fs.ReadFile(fsys, File)
	if err != nil {
		t.Fatal(err)
	}
	return fsys, string(index)
}

func TestSchemaAccepts(t *testing.T) {
	schema := compileSchema(t)
	fsys, index := complete(t)
	if _, err := Load(fsys); err != nil {
		t.Fatalf("the complete example has faults:\n%v", err)
	}
	sample, err := os.ReadFile(filepath.Join(sampleFolder, File))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"complete": index, "sample": string(sample), "small": small()[File]} {
		if err := schema.Validate(asJSON(parseYAML(t, text))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// byShape are the fixtures whose fault is one of shape, which an editor sees.
var byShape = []string{
	"alert-matches-all", "check-name", "expect-compare", "expect-exit", "expect-keys", "expect-matches", "field-keys", "json-path", "json-with-run", "missing-keys",
	"no-title", "null-value", "param-missing-keys", "param-name", "run-and-get", "run-empty", "run-missing", "run-shell-line", "timeout", "unknown-key", "unknown-language", "where", "wrong-kind",
}

// TestSchemaRefuses holds every fixture against the schema.
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range byShape {
		fsys, _ := readFixture(t, "testdata/faults/"+name+".txt")
		index, err := fs.ReadFile(fsys, File)
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(asJSON(parseYAML(t, string(index)))) == nil {
			t.Errorf("the schema accepts %s", name)
		}
	}
}

// mappings calls visit for every mapping below n.
func mappings(n *yaml.Node, visit func(*yaml.Node)) {
	if n.Kind == yaml.MappingNode {
		visit(n)
	}
	for _, c := range n.Content {
		mappings(c, visit)
	}
}

var mayHave = regexp.MustCompile(`has no key "nonsense"; it may have (.*)`)

// TestSchemaKeys puts a key that there is not into each mapping of the
// complete example. Where the reader says which there are, the schema must
// have the same, and all of them are in the example.
func TestSchemaKeys(t *testing.T) {
	schema := compileSchema(t)
	_, index := complete(t)
	root := parseYAML(t, index)
	written := make(map[string]map[string]bool) // by the list of keys that there are
	mappings(root, func(m *yaml.Node) {
		was := m.Content
		defer func() { m.Content = was }()
		m.Content = slices.Concat(was, parseYAML(t, "nonsense: 1").Content[0].Content)
		said := mayHave.FindStringSubmatch(faultsOf(t, root))
		if said == nil {
			return // whoever writes it names the keys: params, checks, labels
		}
		if schema.Validate(asJSON(root)) == nil {
			t.Errorf("line %d: the schema accepts a key that the reader does not", m.Line)
		}
		if written[said[1]] == nil {
			written[said[1]] = make(map[string]bool)
		}
		for i := 0; i < len(was); i += 2 {
			written[said[1]][was[i].Value] = true
		}
	})
	var ours []string
	for _, s := range append([]*shape{fileShape}, shapes...) {
		ours = append(ours, strings.Join(slices.Sorted(slices.Values(s.names())), ", "))
	}
	if got := slices.Sorted(maps.Keys(written)); !slices.Equal(got, slices.Sorted(slices.Values(ours))) {
		t.Errorf("the reader knows the keys\n%q, the schema\n%q", got, ours)
	}
	for all, some := range written {
		if got := strings.Join(slices.Sorted(maps.Keys(some)), ", "); got != all {
			t.Errorf("of the keys %s the complete example has only %s", all, got)
		}
	}
}

// TestSchemaNeeds takes each key out of the complete example in turn.
func TestSchemaNeeds(t *testing.T) {
	schema := compileSchema(t)
	_, index := complete(t)
	root := parseYAML(t, index)
	mappings(root, func(m *yaml.Node) {
		was := m.Content
		defer func() { m.Content = was }()
		for i := 0; i < len(was); i += 2 {
			m.Content = slices.Concat(was[:i], was[i+2:])
			said := faultsOf(t, root)
			refused := schema.Validate(asJSON(root)) != nil
			lacks := regexp.MustCompile(` has no ` + was[i].Value + `( and no \w+)?; add |asks for nothing|has no text|without ` + was[i].Value + `;`).MatchString(said)
			if refused != lacks {
				t.Errorf("without %s of line %d the schema refuses: %v, and the reader says\n%s", was[i].Value, was[i].Line, refused, said)
			}
		}
	})
}

func faultsOf(t *testing.T, index *yaml.Node) string {
	t.Helper()
	text, err := yaml.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	files := small()
	files[File] = string(text)
	if _, err := Load(filesOf(files)); err != nil {
		return err.Error()
	}
	return ""
}

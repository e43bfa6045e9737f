package jira

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDescription holds what a sub-ticket's whole description looks like in
// Jira: its fields, and a document of the know-how.
func TestDescription(t *testing.T) {
	raw, err := os.ReadFile("../../../bot/sample/workspace/knowhow/docs/certificate-issue.ja.md")
	if err != nil {
		t.Fatal(err)
	}
	_, doc, _ := strings.Cut(strings.TrimPrefix(string(raw), "---\n"), "---\n")
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, nil, withProject(jiratest.Classic(), true))
		got := b.create(tracker.Draft{
			Label: "a", Title: "証明書の発行", Body: doc,
			Fields: map[string]string{"host": "web1.example.jp", "domain": "*.example.jp", "note": "{急ぎ} [見て|https://kb.example.jp] a_b_c"},
		})
		const golden = "testdata/description.golden"
		if *update && kind == jiratest.Cloud {
			if err := os.WriteFile(golden, []byte(b.only().Description+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.only().Description+"\n"); diff != "" {
			t.Errorf("the description (-want +got):\n%s", diff)
		}
		if got.Fields["domain"] != "*.example.jp" || got.Fields["note"] != "{急ぎ} [見て|https://kb.example.jp] a_b_c" {
			t.Errorf("the fields come back as %q", got.Fields)
		}
		was := b.only().Description
		b.change("OPS-1", tracker.Change{Body: &doc})
		if b.only().Description != was || len(b.only().History) != 0 {
			t.Error("the same body is a change")
		}
	})
}

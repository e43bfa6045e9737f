package fields

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, text string
		own        bool
		want       map[string]string
	}{
		{"what Tebiki writes", "- **host**: web1\n- **name**: www2\n\nnote: x", true, map[string]string{"host": "web1", "name": "www2"}},
		{"as wiki markup", "* *host*: web1\r\n* *name*: www2\r\n\r\nnote: x", true, map[string]string{"host": "web1", "name": "www2"}},
		{"own without fields", "Please.\n\nhost: web1", true, nil},
		{"a person's", "お願いします。\nHost: web1\nname：www 2\nhost: web2", false, map[string]string{"host": "web1", "name": "www 2"}},
		{"bold with its colon", "*Host:* web1\n**Name:** www2", false, map[string]string{"host": "web1", "name": "www2"}},
		{"no fields", "https://x.example/a: b\nat 12:30\n: x\nhost:\nhost:  \nC:\\x\nto do: x", false, nil},
		{"in code", "```\nhost: web1\n```\n{noformat}\na1: b\n{noformat}\n<pre>\nb1: c\n</pre>\nc1: d", false, map[string]string{"c1": "d"}},
		{"far below", strings.Repeat("x\n", maxLines) + "host: web1", false, nil},
		{"a huge text", strings.Repeat("x", 1<<20) + "\nhost: web1", false, nil},
		{"empty", "", false, nil},
	} {
		if d := cmp.Diff(test.want, Read(test.text, test.own, strings.TrimSpace)); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
	}
}

func TestCheck(t *testing.T) {
	many := map[string]string{}
	for _, r := range strings.Repeat("ab", 1) + "cdefghijklmnopqrstuvwxyz" {
		many[string(r)+"1"], many[string(r)+"2"] = "", ""
	}
	for name, fields := range map[string]map[string]string{
		"too many": many, "no name": {"": "x"}, "a name of two lines": {"a\nb": "x"}, "too long": {"host": strings.Repeat("x", MaxValue+1)}, "Japanese": {"ホスト": "x"},
	} {
		if err := Check(fields); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := Check(map[string]string{"host": "漢\nx", "new_name-2": ""}); err != nil {
		t.Error(err)
	}
}

// TestBack writes hostile values and reads them again: no value becomes
// another field, and the text below becomes none.
func TestBack(t *testing.T) {
	value := rapid.StringOfN(rapid.SampledFrom([]rune("ab: \n*_[]`#-{}|\\漢：\r\t<>&")), 0, 30, -1)
	unescape := strings.NewReplacer(`\`, "")
	rapid.Check(t, func(t *rapid.T) {
		host, name := value.Draw(t, "host"), value.Draw(t, "name")
		text := Write(map[string]string{"host": host, "name": name}) + "\n" + value.Draw(t, "body") + "\nother: x"
		for got := range Read(text, true, unescape.Replace) {
			if got != "host" && got != "name" {
				t.Fatalf("%q has the field %q", text, got)
			}
		}
	})
}

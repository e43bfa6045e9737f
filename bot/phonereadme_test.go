package main

import (
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"tebiki/bot/config"
	"tebiki/bot/sample"
)

// TestAsterisksDefaults: what the page for Asterisk's administrator says to
// write there is what Tebiki takes for granted.
func TestAsterisksDefaults(t *testing.T) {
	page, err := os.ReadFile("../adapters/phone/asterisk/README.md")
	if err != nil {
		t.Fatal(err)
	}
	said := func(pattern string) (all []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(page, -1) {
			all = append(all, string(m[1]))
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	only := func(pattern string) string {
		t.Helper()
		all := said(pattern)
		if len(all) != 1 {
			t.Fatalf("%s is there as %q", pattern, all)
		}
		return all[0]
	}
	plain, err := fs.ReadFile(sample.FS(), sample.Config)
	if err != nil {
		t.Fatal(err)
	}
	text := append(without(plain, "phone"), "\nphone: {asterisk: {password: {env: ARI}, sounds: /sounds}}\n"...)
	c, err := config.Load(fstest.MapFS{sample.Config: {Data: text}}, sample.Config, func(string) (string, bool) { return "x", true })
	if err != nil {
		t.Fatal(err)
	}
	test, _ := reflect.TypeFor[doctorPhoneCmd]().FieldByName("Test")
	asterisk, address := c.Phone.Asterisk, "http://"+only(` bindaddr = (\S+)`)+":"+only(` bindport = (\S+)`)+"/ari"
	for what, pair := range map[string][2]string{
		"the user":                       {asterisk.User, only(`\[(\S+)\]\n +type = user`)},
		"the application":                {asterisk.App, only(`Stasis\((\w+),`)},
		"the address":                    {asterisk.URL, address},
		"the extension of the test call": {test.Tag.Get("default"), "Local/" + only(`exten => (\w+),1,Answer`) + "@" + only(`\[(\S+)\]\n +exten => \w+,1,Answer`)},
		"where the trunk's calls go":     {only(`Goto\(([\w-]+),\$`), only(`\[(\S+)\]\n +exten => \S+,1,Stasis`)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, and the page says %q", what, pair[0], pair[1])
		}
	}
}

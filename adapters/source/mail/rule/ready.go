package rule

import (
	"embed"
	"fmt"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed ready/*.yaml
var readyFiles embed.FS

// readyOrder is that in which the ready sets are asked: those whose mails
// nobody else writes first, those that take much last.
var readyOrder = []string{"alertmanager", "zabbix", "icinga", "nagios", "munin", "mdadm", "smartd", "unattended-upgrades", "reports", "systemd", "cron", "generic"}

// Ready are the names of the rule sets that come with Tebiki, in the order in
// which they are asked.
func Ready() []string { return append([]string(nil), readyOrder...) }

// readyLoaded reads all of them once: rules are not changed after they are
// read, and compiling their patterns takes a while.
var readyLoaded = sync.OnceValues(func() (map[string][]*rule, error) {
	out := map[string][]*rule{}
	for _, name := range readyOrder {
		file := "ready/" + name + ".yaml"
		text, err := readyFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the ready mail rules %s: %w", name, err)
		}
		r := &reader{file: file}
		if n := r.root(string(text)); n != nil && r.plain(n) {
			r.mapping(n, file, keys{"rules": func(n *yaml.Node) { out[name] = r.rules(n) }}, "rules")
		}
		if err := r.faults.err(); err != nil {
			return nil, fmt.Errorf("read the ready mail rules %s: %w", name, err)
		}
		for _, one := range out[name] {
			one.ready = true
		}
	}
	return out, nil
})

func readyRules(name string) ([]*rule, error) {
	all, err := readyLoaded()
	return all[name], err
}

// Standard are the ready rules alone, for a configuration without any.
func Standard() (*Set, error) { return Parse("standard", "rules: []") }

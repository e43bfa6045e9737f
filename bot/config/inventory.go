package config

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/theory/jsonpath"
)

// An Inventory says how an inventory is asked over HTTP.
type Inventory struct {
	URL    string // with {host} in its path or query
	Header map[string]Secret
	Items  string            // JSON path of the servers in an answer that lists them; "" when the answer is one
	Map    map[string]string // a server's field -> JSON path
	Keep   time.Duration     // how long an answer is good
	List   *InventoryList    // nil: all servers are listed nowhere
	CA     []byte            // PEM of the company's certificates
}

// An InventoryList says where all servers are listed.
type InventoryList struct{ URL, Items, Next string }

type inventoryWire struct {
	File   *string            `key:"file"`
	URL    *string            `key:"url"`
	Header named[*secretWire] `key:"header"`
	Items  string             `key:"items"`
	Map    named[string]      `key:"map"`
	Keep   duration           `key:"keep"`
	List   *inventoryListWire `key:"list"`
	CA     string             `key:"ca"`
}

type inventoryListWire struct {
	URL   string `key:"url"`
	Items string `key:"items"`
	Next  string `key:"next"`
}

func (w *inventoryWire) setDefaults() { w.Keep = 10 * minute }

const inventoryFile = "inventory.yaml"

// inventory gives the file that holds the servers or, when they are asked for
// over HTTP, how.
func (b *builder) inventory() (file string, asked *Inventory) {
	w, p := &b.wire.Inventory, at("inventory")
	if w.URL == nil {
		return b.inventoryFile(), nil
	}
	if w.File != nil {
		b.fault(p.key("file"), "the servers are in a file or at a url; leave one of them out")
	}
	v := &Inventory{URL: *w.URL, Header: b.headers(w.Header), Items: w.Items, Map: texts(w.Map), Keep: time.Duration(w.Keep), List: b.inventoryList()}
	b.inventoryURL(v.URL)
	b.lasts(w.Keep, time.Minute, 24*time.Hour, "inventory", "keep")
	b.jsonPath(p.key("items"), w.Items)
	if len(w.Map) == 0 {
		b.consequence(p.key("map"), "is missing: write where in the answer each thing is, such as {owners: $.owner.login, team: $.team}")
	}
	b.oneOf(p.key("map"), w.Map.names(), "host", "aliases", "owners", "group", "team", "service", "env", "note")
	for _, it := range w.Map {
		b.jsonPath(it.at, it.value)
	}
	if w.CA != "" {
		v.CA = b.certificates(p.key("ca"), w.CA)
	}
	return "", v
}

// inventoryFile is the file's name, and tells of keys that mean nothing there.
func (b *builder) inventoryFile() string {
	w, p := &b.wire.Inventory, at("inventory")
	for _, k := range []struct {
		key   string
		given bool
	}{
		{"header", w.Header != nil}, {"items", w.Items != ""}, {"map", w.Map != nil}, {"list", w.List != nil}, {"ca", w.CA != ""}, {"keep", b.lines[p.key("keep")] > 0},
	} {
		if k.given {
			b.consequence(p.key(k.key), "means something with url only; leave it out, or write url: the address that a server is asked for at", p.key("url"))
		}
	}
	if w.File == nil {
		return inventoryFile
	}
	b.named(*w.File, "inventory", "file")
	return *w.File
}

func (b *builder) inventoryURL(address string) {
	const want = "want one with {host} for the host in its path or query, such as https://inventory.example.jp/api/servers/{host}"
	p := at("inventory", "url")
	if !isSite(strings.ReplaceAll(address, "{host}", "host")) {
		b.consequence(p, "is no address; "+want)
		return
	}
	_, rest, _ := strings.Cut(address, "://")
	if site, _, _ := strings.Cut(rest, "/"); strings.Contains(site, "{host}") || !strings.Contains(rest, "{host}") {
		b.consequence(p, "has no {host} where it belongs; "+want)
	}
}

// isSite tells whether something can be asked for at an address. Credentials
// in it would be a secret in the file.
func isSite(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && u.Fragment == ""
}

func (b *builder) inventoryList() *InventoryList {
	w, p := b.wire.Inventory.List, at("inventory", "list")
	if w == nil {
		return nil
	}
	if !isSite(w.URL) {
		b.consequence(p.key("url"), "is no address; want that at which all servers are listed, such as https://inventory.example.jp/api/servers")
	}
	if w.Items == "" {
		b.consequence(p.key("items"), "is missing: write where in the list the servers are, such as $[*] or $.results[*]")
	}
	b.jsonPath(p.key("items"), w.Items)
	b.jsonPath(p.key("next"), w.Next)
	return &InventoryList{URL: w.URL, Items: w.Items, Next: w.Next}
}

// jsonPath checks one that is there.
func (b *builder) jsonPath(p place, text string) {
	if text == "" {
		return
	}
	if _, err := jsonpath.Parse(text); err != nil {
		b.consequence(p, "is no JSON path: "+strings.TrimPrefix(err.Error(), "jsonpath: ")+"; want one such as $.owner.login or $.results[*]")
	}
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)

// headers are those that are sent with every request.
func (b *builder) headers(w named[*secretWire]) map[string]Secret {
	out := map[string]Secret{}
	for _, it := range w {
		if !headerName.MatchString(it.name) {
			b.fault(it.at, "is no header's name; want one such as Authorization or X-Token")
		}
		s := b.secret(it.at, it.value)
		if strings.ContainsFunc(s.Reveal(), func(c rune) bool { return c < ' ' || c == 0x7f }) {
			b.fault(it.at, "its secret has a line break or a control character in it, which no header can have")
		}
		out[it.name] = s
	}
	return out
}

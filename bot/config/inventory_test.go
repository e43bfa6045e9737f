package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestInventory(t *testing.T) {
	c := mustLoad(t, minimal+`
inventory:
  url: https://inv.example.jp/api/servers?name={host}
  header: {X-Token: {file: token.txt}, Authorization: {env: TEBIKI_PASSWORD}}
  items: $.results[*]
  map: {host: $.name, aliases: "$['names']", owners: "$.owners[*].login", group: $.g, team: $.t, service: $.s, env: $.e, note: $.n}
  keep: 1h
  list: {url: https://inv.example.jp/api/servers, items: "$.results[*]", next: $.next}
`)
	want := &Inventory{
		URL:    "https://inv.example.jp/api/servers?name={host}",
		Header: map[string]Secret{"X-Token": NewSecret("opensesame"), "Authorization": NewSecret("hunter2")},
		Items:  "$.results[*]", Keep: time.Hour,
		Map:  map[string]string{"host": "$.name", "aliases": "$['names']", "owners": "$.owners[*].login", "group": "$.g", "team": "$.t", "service": "$.s", "env": "$.e", "note": "$.n"},
		List: &InventoryList{URL: "https://inv.example.jp/api/servers", Items: "$.results[*]", Next: "$.next"},
	}
	if diff := cmp.Diff(want, c.Inventory); diff != "" || c.InventoryFile != "" {
		t.Errorf("file %q; (-want +got):\n%s", c.InventoryFile, diff)
	}
	if c = mustLoad(t, minimal+"\ninventory: {url: 'http://inv/{host}', map: {owners: $.o}}\n"); c.Inventory.Keep != 10*time.Minute || c.Inventory.List != nil {
		t.Errorf("the defaults are %+v", c.Inventory)
	}
	if c = mustLoad(t, minimal+"\ninventory: {file: servers.csv}\n"); c.InventoryFile != "servers.csv" || c.Inventory != nil {
		t.Errorf("a file is %q, %+v", c.InventoryFile, c.Inventory)
	}
}

package asterisktest

import (
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

func (a *Asterisk) getInfo(c *call) (int, any, error) {
	all := obj{
		"build": obj{
			"os": "Linux", "kernel": "6.12.0", "machine": "x86_64", "options": "OPTIONAL_API", "date": "2026-10-01 00:00:00 UTC", "user": "root",
		},
		"system": obj{"version": a.version, "entity_id": ID},
		"config": obj{"name": "", "default_language": a.language, "setid": obj{"user": "", "group": ""}},
		"status": obj{"startup_time": stamp(a.born), "last_reload_time": stamp(a.born)},
	}
	only := c.list("only")
	if len(only) == 0 {
		return http.StatusOK, all, nil
	}
	some := obj{}
	for _, name := range only {
		if part, ok := all[name]; ok {
			some[name] = part
		}
	}
	return http.StatusOK, some, nil
}

func (a *Asterisk) getPing(*call) (int, any, error) {
	return http.StatusOK, obj{"asterisk_id": ID, "ping": "pong", "timestamp": stamp(time.Now())}, nil
}

// phones are the telephones that Asterisk knows: Local channels are none.
func (a *Asterisk) phones() (list []obj) {
	list = []obj{}
	seen := map[string]bool{}
	for _, endpoint := range slices.Sorted(maps.Keys(a.people)) {
		at, ok := parse(endpoint)
		name := at.tech + "/" + at.peer()
		if !ok || at.local() || seen[name] {
			continue
		}
		seen[name] = true
		state := "online"
		if a.people[endpoint].script.Unregistered {
			state = "offline"
		}
		list = append(list, obj{"technology": at.tech, "resource": at.peer(), "state": state, "channel_ids": a.channelsAt(name)})
	}
	return list
}

func (a *Asterisk) channelsAt(phone string) []string {
	ids := []string{}
	for _, c := range a.order {
		if at, ok := parse(c.line.who); ok && !c.line.inbound && at.tech+"/"+at.peer() == phone {
			ids = append(ids, c.id)
		}
	}
	return ids
}

func (a *Asterisk) getEndpoints(*call) (int, any, error) { return http.StatusOK, a.phones(), nil }

func (a *Asterisk) getEndpointsOf(c *call) (int, any, error) {
	list := slices.DeleteFunc(a.phones(), func(o obj) bool { return o["technology"] != c.path[0] })
	return http.StatusOK, list, nil
}

func (a *Asterisk) getEndpoint(c *call) (int, any, error) {
	for _, o := range a.phones() {
		if o["technology"] == c.path[0] && o["resource"] == c.path[1] {
			return http.StatusOK, o, nil
		}
	}
	return 0, nil, refuse(http.StatusNotFound, "Endpoint not found")
}

// soundNames are all sounds that Asterisk has now. It indexes them when it
// starts; here they are looked up anew.
func (a *Asterisk) soundNames() []string {
	names := slices.Clone(core)
	for _, files := range a.sounds {
		_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && path.Ext(name) == ".wav" {
				names = append(names, strings.TrimPrefix(strings.TrimSuffix(name, ".wav"), a.language+"/"))
			}
			return nil // a folder that cannot be read has no sounds
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (a *Asterisk) showSound(name string) obj {
	return obj{"id": name, "text": "", "formats": []obj{{"language": a.language, "format": "wav"}}}
}

func (a *Asterisk) getSounds(*call) (int, any, error) {
	list := []obj{}
	for _, name := range a.soundNames() {
		list = append(list, a.showSound(name))
	}
	return http.StatusOK, list, nil
}

func (a *Asterisk) getSound(c *call) (int, any, error) {
	if !slices.Contains(a.soundNames(), c.path[0]) {
		return 0, nil, refuse(http.StatusNotFound, "Sound not found")
	}
	return http.StatusOK, a.showSound(c.path[0]), nil
}

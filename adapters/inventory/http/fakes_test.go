package http_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"tebiki/adapters/inventory"
)

// write answers with JSON.
func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// A plainAPI gives a server at its own address, as most inventories that a
// company has written for itself do. It knows its servers by their whole
// names only.
type plainAPI struct{ servers []inventory.Server }

func (a plainAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Token") != "opensesame" {
		write(w, http.StatusUnauthorized, map[string]any{"error": "who are you?"})
		return
	}
	all := []any{}
	host := strings.TrimPrefix(r.URL.Path, "/api/servers/")
	for _, s := range a.servers {
		one := a.object(s)
		if inventory.Name(s.Host) == host {
			write(w, http.StatusOK, one)
			return
		}
		all = append(all, one)
	}
	if r.URL.Path == "/api/servers" {
		write(w, http.StatusOK, all)
		return
	}
	write(w, http.StatusNotFound, map[string]any{"error": "there is no such server"})
}

func (a plainAPI) object(s inventory.Server) map[string]any {
	var owners []any
	for _, o := range s.Owners {
		owners = append(owners, map[string]any{"id": 1, "login": o})
	}
	return map[string]any{"hostname": s.Host, "names": s.Aliases, "owners": owners, "department": nilIfEmpty(s.Group), "team": nilIfEmpty(s.Team),
		"role": map[string]any{"name": s.Service}, "stage": s.Env, "memo": s.Note}
}

func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

var plainMap = map[string]string{"host": "$.hostname", "aliases": "$.names", "owners": "$.owners[*].login", "group": "$.department",
	"team": "$.team", "service": "$.role.name", "env": "$.stage", "note": "$.memo"}

// A netBox answers as NetBox's /api/dcim/devices/ does: filtered by name,
// paged, with objects for tenant and role, and fields of the company's own.
// It is behind a proxy that speaks TLS, of which it does not know.
type netBox struct{ servers []inventory.Server }

const perPage = 2

func (n netBox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Authorization") != "Token 0123456789abcdef":
		write(w, http.StatusForbidden, map[string]any{"detail": "Invalid token"})
		return
	case r.URL.Path == "/api/dcim/devices":
		http.Redirect(w, r, "/api/dcim/devices/?"+r.URL.RawQuery, http.StatusMovedPermanently)
		return
	case r.URL.Path != "/api/dcim/devices/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<!DOCTYPE html><title>Page Not Found | NetBox</title>")
		return
	}
	var found []any
	name := r.URL.Query().Get("name__ie")
	for i, s := range n.servers {
		if name == "" || strings.EqualFold(name, s.Host) {
			found = append(found, n.device(i, s))
		}
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	until := min(from+perPage, len(found))
	page := map[string]any{"count": len(found), "next": nil, "previous": nil, "results": append([]any{}, found[from:until]...)}
	if until < len(found) {
		page["next"] = fmt.Sprintf("http://%s/api/dcim/devices/?limit=%d&offset=%d", r.Host, perPage, until)
	}
	write(w, http.StatusOK, page)
}

func (n netBox) device(i int, s inventory.Server) map[string]any {
	brief := func(id int, name string) any {
		if name == "" {
			return nil
		}
		return map[string]any{"id": id, "url": "http://netbox/api/x/", "display": strings.ToUpper(name), "name": strings.ToUpper(name), "slug": name}
	}
	custom := map[string]any{"aliases": nil, "owners": s.Owners, "team": nilIfEmpty(s.Team)}
	if len(s.Aliases) > 0 {
		custom["aliases"] = strings.Join(s.Aliases, "/24, ") + "/24"
		custom["aliases"] = strings.ReplaceAll(custom["aliases"].(string), "jp/24", "jp")
		custom["aliases"] = strings.ReplaceAll(custom["aliases"].(string), "smtp/24", "smtp")
	}
	return map[string]any{"id": i + 1, "name": s.Host, "display": s.Host, "tenant": brief(7, s.Group), "role": brief(9, s.Service),
		"status": map[string]any{"value": "active", "label": "Active"}, "primary_ip4": nil, "primary_ip6": nil,
		"tags": []any{map[string]any{"id": 1, "slug": "linux"}}, "comments": s.Note, "description": "", "custom_fields": custom,
		"site": brief(3, s.Env)}
}

var netBoxMap = map[string]string{"host": "$.name", "aliases": "$.custom_fields.aliases", "owners": "$.custom_fields.owners", "group": "$.tenant.slug",
	"team": "$.custom_fields.team", "service": "$.role.slug", "env": "$.site.slug", "note": "$.comments"}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	return s
}

package http

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/tracker/remote"
)

// get gives the JSON of an address. A request that was answered, however,
// shows that the inventory is there.
func (v *Inventory) get(ctx context.Context, address string) (any, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, remote.Refused("the address %q cannot be asked: %v", address, err)
	}
	resp, err := v.client.Do(r)
	if err == nil {
		defer resp.Body.Close()
		var body any
		if body, err = decode(resp.Body); err == nil {
			v.works()
			return body, nil
		}
	}
	switch c := codeOf(err); {
	case c == adapters.NotFound || c == adapters.Refused:
		v.works()
	case v.ctx.Err() == nil && !v.noPage(err):
		v.failed(err)
	}
	return nil, err
}

// noPage tells of a page for people that says "not found". From an inventory
// that has answered before it is about one host, and others can be asked for;
// whether the host is unknown or the inventory no longer there it leaves open.
func (v *Inventory) noPage(err error) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return remote.Is(err, http.StatusNotFound, http.StatusGone) && !v.heard.IsZero()
}

func decode(from io.Reader) (body any, err error) {
	d := json.NewDecoder(from)
	d.UseNumber() // an id of many digits stays as it is
	if err := d.Decode(&body); err != nil {
		return nil, remote.Later("the inventory's answer is no JSON: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, remote.Later("the inventory's answer is more than one JSON value")
	}
	return body, nil
}

// codeOf reads the code of a fault that has no operation yet.
func codeOf(err error) adapters.Code {
	if f := remote.Of(err); f != nil {
		return f.Code
	}
	return adapters.CodeOf(err)
}

const hostMark = "{host}"

// fill puts a name into the URL, escaped for where it goes.
func fill(template, name string) string {
	path, query, ok := strings.Cut(template, "?")
	path = strings.ReplaceAll(path, hostMark, url.PathEscape(name))
	if !ok {
		return path
	}
	return path + "?" + strings.ReplaceAll(query, hostMark, url.QueryEscape(name))
}

// checkURL refuses a URL in which a host could change who is asked.
func checkURL(template string) error {
	u, err := url.Parse(strings.ReplaceAll(template, hostMark, "host"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return fmt.Errorf("the inventory's URL %q is no address of http or https", template)
	}
	_, rest, _ := strings.Cut(template, "://")
	authority, _, _ := strings.Cut(rest, "/")
	if strings.Contains(authority, hostMark) || !strings.Contains(rest, hostMark) {
		return fmt.Errorf("the inventory's URL %q needs {host} in its path or its query", template)
	}
	return nil
}

func authorize(header map[string]string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Accept", "application/json")
		for name, value := range header {
			r.Header.Set(name, value)
		}
	}
}

// login tells of credentials that are not taken.
func login(r *http.Response) string {
	if r.StatusCode != http.StatusUnauthorized {
		return ""
	}
	return "the inventory does not take the credentials: correct the secret of its header"
}

// explain reads what APIs commonly say when they say no.
func explain(body []byte) (says []string, fields map[string]string) {
	var object map[string]any
	if json.Unmarshal(body, &object) != nil {
		return nil, nil
	}
	for _, key := range []string{"detail", "message", "error", "title"} {
		if text, ok := object[key].(string); ok {
			says = append(says, text)
		}
	}
	return says, nil
}

package redmine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker/remote"
)

func (r *Redmine) authorize(req *http.Request) { req.Header.Set("X-Redmine-API-Key", r.opt.Key) }

// explain reads {"errors": ["…"]}. Redmine has no names of fields in it, and
// its words are in its user's language.
func explain(body []byte) (says []string, fields map[string]string) {
	var said struct {
		Errors []string `json:"errors"`
	}
	_ = json.Unmarshal(body, &said) // what is no JSON says nothing
	return said.Errors, nil
}

// login tells that the key is not taken. Redmine says so on a write and where
// it is asked who we are; anything else it shows to whoever may see it
// without a key.
func login(resp *http.Response) string {
	if resp.StatusCode != http.StatusUnauthorized {
		return ""
	}
	return "Redmine does not take the key, or its REST interface is off: compare the key with the user's \"My account\", \"API access key\", " +
		"see that the user is not locked, and that \"Administration\", \"Settings\", \"API\" enables the REST web service"
}

// call makes one request and reads its answer into a value unless it is nil.
// began is when it was sent.
func (r *Redmine) call(ctx context.Context, method, path string, query url.Values, body, into any) (began time.Time, err error) {
	var sent []byte
	if body != nil {
		if sent, err = json.Marshal(body); err != nil {
			return began, remote.Refused("it cannot be written as JSON: %v", err)
		}
	}
	at := r.base.JoinPath(path)
	at.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(sent))
	if err != nil {
		return began, remote.Refused("it is no request: %v", err)
	}
	if body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	began = time.Now()
	resp, err := r.remote.Do(req)
	if err != nil {
		return began, forbidden(err)
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		r.clock.saw(date, time.Now())
	}
	if into == nil {
		return began, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return began, &remote.Fault{Code: adapters.Unavailable, Status: resp.StatusCode, Sent: true, Err: err,
			What: "the answer is not Redmine's: is the address that of a Redmine, and is nothing in between?"}
	}
	return began, nil
}

// forbidden adds what a 403 means here, where Redmine says nothing.
func forbidden(err error) error {
	if f := remote.Of(err); f != nil && f.Status == http.StatusForbidden && len(f.Says) == 0 {
		f.What = "Redmine does not permit it: its project is closed or archived, or the key's user has no role in it that may"
	}
	return err
}

func (r *Redmine) get(ctx context.Context, path string, query url.Values, into any) error {
	_, err := r.call(ctx, http.MethodGet, path, query, nil, into)
	return err
}

// put changes an issue.
func (r *Redmine) put(ctx context.Context, id int, change map[string]any) error {
	_, err := r.call(ctx, http.MethodPut, issuePath(id), nil, map[string]any{"issue": change}, nil)
	return err
}

func issuePath(id int) string { return fmt.Sprintf("/issues/%d.json", id) }

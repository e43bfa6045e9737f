package trackertest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"tebiki/adapters/tracker"
)

// An Answer is what every request gets, whatever it asks.
type Answer struct {
	Status            int
	ContentType, Body string
}

// RoundTrip implements http.RoundTripper.
func (a Answer) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {a.ContentType}}
	return &http.Response{StatusCode: a.Status, Header: header, Body: io.NopCloser(strings.NewReader(a.Body)), Request: r}, nil
}

const (
	asJSON = "application/json"
	asPage = "text/html"
	page   = "<!DOCTYPE html><html><head><title>No</title></head></html>"
	no     = `{"errorMessages":["The cursor, the project or the query is not valid."],"errors":["no"],"message":"no"}`
)

// answersAreNoCursors holds a good cursor against whatever comes back: an
// error is never that of the cursor, and afterwards it leads on.
func answersAreNoCursors(t *testing.T, b *bench) {
	if b.Answered == nil {
		return // there is no way to it
	}
	cursor := b.cursor()
	key := b.some(1)[0]
	for _, status := range []int{200, 204, 302, 400, 401, 402, 403, 404, 405, 407, 409, 410, 412, 413, 415, 422, 429, 451, 500, 502, 503} {
		for _, a := range []Answer{{status, asJSON, no}, {status, asPage, page}, {status, asJSON, ""}} {
			got, err := b.Answered(a).Since(t.Context(), cursor)
			if errors.Is(err, tracker.ErrCursor) || len(got.Gone) > 0 {
				t.Errorf("answered %+v: %v, and gone are %v", a, err, got.Gone)
			}
		}
	}
	if got, _ := b.since(cursor); len(got) != 1 || got[0].Key != key {
		t.Errorf("after all of that Since gives %+v", got)
	}
}

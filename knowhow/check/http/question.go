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

	"github.com/theory/jsonpath"

	"tebiki/knowhow/check"
)

// maxJSON bounds a body that is read whole.
const maxJSON = 4 << 20

// A question is a command of this package, understood.
type question struct {
	url  *url.URL
	path *jsonpath.Path // nil shows the answer as it is
}

func parse(argv []string) (*question, error) {
	if len(argv) < 2 || len(argv) > 3 || argv[0] != "GET" {
		return nil, errors.New("asking over HTTP: the command must be GET, a URL and perhaps a JSON path")
	}
	u, err := url.Parse(argv[1])
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return nil, errors.New("asking over HTTP: the URL must be of http or https, with a host and without a user; correct it")
	}
	q := &question{url: u}
	if len(argv) == 3 {
		if q.path, err = jsonpath.Parse(argv[2]); err != nil {
			return nil, fmt.Errorf("asking %s: the JSON path %q: %w; correct it", u.Host, argv[2], err)
		}
	}
	return q, nil
}

// find gives what the path finds in the answer. Where that is nothing, the
// answer itself is kept for people to look at.
func (q *question) find(ctx context.Context, answer *http.Response, limit int) (check.Output, error) {
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxJSON+1))
	if err == nil && len(body) > maxJSON {
		err = check.ErrFlood
	}
	if err != nil {
		return output(body, answer, limit), q.broken(ctx, err)
	}
	found, err := q.selected(body)
	if err != nil {
		return output(body, answer, limit), &check.Failure{Reason: check.Unreadable, Err: err, What: fmt.Sprintf(
			"%s answered with the status %d, and %v; look at its answer, or correct the check's JSON path", q.url.Host, answer.StatusCode, err)}
	}
	return output(found, answer, limit), nil
}

func output(text []byte, answer *http.Response, limit int) check.Output {
	kept := check.NewKeeper(limit)
	_, _ = kept.Write(text) // one write of a bounded text floods nothing
	out := kept.Output()
	out.Exit = answer.StatusCode
	return out
}

// selected writes what the path finds. Numbers stay as they were written.
func (q *question) selected(body []byte) ([]byte, error) {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("that is no JSON (%w)", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("that is more than one JSON value")
	}
	nodes := q.path.Select(value)
	if len(nodes) == 0 {
		return nil, fmt.Errorf("there is nothing at %s in it", q.path)
	}
	var out []byte
	for i, node := range nodes {
		if i > 0 {
			out = append(out, '\n')
		}
		if len(out) > maxJSON {
			return nil, fmt.Errorf("there is too much at %s in it", q.path)
		}
		out = appendNode(out, node)
	}
	return out, nil
}

func appendNode(out []byte, node any) []byte {
	if text, ok := node.(string); ok {
		return append(out, text...)
	}
	text, err := json.Marshal(node)
	if err != nil { // what was decoded can be encoded
		return fmt.Appendf(out, "%v", node)
	}
	return append(out, text...)
}

package jira

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/tracker/remote"
)

// query is a search.
type query struct {
	jql       string
	fields    []string
	most      int
	reconcile []string // ids whose last change must be seen, on Cloud
}

// found is what a search gives.
type found struct {
	issues []issue
	full   bool      // there may be more
	doubt  bool      // Data Center warns of something in the query that is not there
	total  int       // on Data Center
	at     time.Time // Jira's clock; zero when it did not say
}

// search asks for one page. The two kinds have one each.
func (j *Jira) search(ctx context.Context, f *facts, q query) (found, error) {
	body := map[string]any{"jql": q.jql, "fields": q.fields, "maxResults": q.most}
	path := "search"
	if f.cloud() {
		path = "search/jql"
		if len(q.reconcile) > 0 {
			body["reconcileIssues"] = numbers(q.reconcile[:min(len(q.reconcile), maxReconcile)])
		}
	} else {
		body["validateQuery"] = false // a component or status that nobody has yet is no error
	}
	var answer struct {
		Issues []issue `json:"issues"`
		Total  int     `json:"total"`
		Last   *bool   `json:"isLast"`
		Next   string  `json:"nextPageToken"`
		Warns  []any   `json:"warningMessages"`
	}
	header, err := j.exchange(ctx, http.MethodPost, path, body, &answer)
	if err != nil {
		return found{}, j.searchFault(err)
	}
	out := found{issues: answer.Issues, total: answer.Total, doubt: len(answer.Warns) > 0, full: answer.Total > len(answer.Issues) || answer.Next != "" || answer.Last != nil && !*answer.Last}
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		out.at = at
	}
	return out, nil
}

// maxGap is how many keys beside one that is gone are tried.
const maxGap = 20

// beside searches the part of a query that is on one side of a key, from there
// on: ">" is ascending. Of the key of an issue that is no more Jira says that
// there is none, and that of a moved one stands for its new one: then the next
// key takes its place.
func (j *Jira) beside(ctx context.Context, f *facts, q query, side, key string) (found, error) {
	order, step := map[string]string{">": " ORDER BY key ASC", "<": " ORDER BY key DESC"}[side], map[string]int{">": 1, "<": -1}[side]
	base := q.jql
	if key == "" {
		q.jql = base + order
		return j.search(ctx, f, q)
	}
	name, n := keyParts(key)
	for try := range maxGap {
		at := n + try*step
		q.jql = base + " AND key " + side + map[bool]string{true: " ", false: "= "}[try == 0] + quote(name+"-"+strconv.Itoa(at)) + order
		got, err := j.search(ctx, f, q)
		if err != nil && !remote.Is(err, http.StatusBadRequest) || err == nil && got.isBeside(n, step, try > 0) {
			return got, err
		}
	}
	q.jql, q.most = base+order, 1
	_, err := j.search(ctx, f, q) // it may be the query that is refused
	return found{}, err
}

// isBeside tells whether an answer can be believed: nothing is, only when it
// is said again.
func (got *found) isBeside(n, step int, again bool) bool {
	if got.doubt || len(got.issues) == 0 && !again {
		return false
	}
	return !slices.ContainsFunc(got.issues, func(i issue) bool {
		_, other := keyParts(i.Key)
		return (other-n)*step <= 0
	})
}

func keyParts(key string) (project string, n int) {
	project, digits, _ := cutLast(key, "-")
	n, _ = strconv.Atoi(digits) // a key has a number
	return project, n
}

// searchFault asks for the facts again when the search has gone: Jira was
// moved from one kind to the other, or upgraded.
func (j *Jira) searchFault(err error) error {
	if remote.Is(err, http.StatusGone, http.StatusNotFound) {
		j.doubt()
		return remote.Later("Jira's search is somewhere else than before; it is looked for again (%v)", err)
	}
	return err
}

// maxReconcile is how many issues Cloud reconciles in a search.
const maxReconcile = 50

func numbers(ids []string) []int {
	all := []int{}
	for _, id := range ids {
		if n, err := strconv.Atoi(id); err == nil && n > 0 {
			all = append(all, n)
		}
	}
	return all
}

// quote writes a text into JQL.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ", "\t", " ").Replace(s) + `"`
}

func quoteAll(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}

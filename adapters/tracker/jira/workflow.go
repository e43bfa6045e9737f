package jira

import (
	"slices"
	"strings"

	sdk "github.com/andygrunwald/go-jira"

	"tebiki/adapters/tracker"
)

// reviewed is the label of what the leader has closed, where Jira has one
// status for what is fixed and what is closed.
const reviewed = "reviewed"

// typeStatuses are the statuses of one issue type, as Jira lists them for a
// project.
type typeStatuses struct {
	Name     string       `json:"name"`
	Statuses []sdk.Status `json:"statuses"`
}

// workflow is how Jira's statuses stand for ours. Names are in lower case.
type workflow struct {
	of       map[string]tracker.Status
	names    map[tracker.Status][]string // as Jira spells them, the one to move to first
	reviewed bool                        // Closed is Fixed with the label
}

// What statuses are called by default, in Jira's own workflows and in
// Japanese ones. A name says more than its place in the list.
var (
	fixedNames  = []string{"resolved", "fixed", "in review", "review", "under review", "解決", "解決済み", "レビュー", "レビュー中", "レビュー待ち", "確認待ち"}
	closedNames = []string{"closed", "クローズ", "クローズ済み", "終了"}
	openFirst   = []string{"reopened", "open", "to do", "再オープン", "オープン", "未着手"}
)

// workflows maps the statuses of the main type, and of each type that has
// others: sub-tasks often do.
func (j *Jira) workflows(mainType string, all []typeStatuses) (main workflow, others map[string]*workflow) {
	main, others = newWorkflow(j.opt.Statuses, mainType, all), map[string]*workflow{}
	of := statusNames(statusesOf(all, mainType))
	for _, t := range all {
		has := statusNames(t.Statuses)
		if t.Name == mainType || slices.Equal(has, of) {
			continue
		}
		its := map[tracker.Status][]string{}
		for status, names := range j.opt.Statuses { // what another type has is nothing to move to
			its[status] = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(has, strings.ToLower(n)) })
		}
		w := newWorkflow(its, t.Name, all)
		others[t.Name] = &w
	}
	return main, others
}

// statusNames are in lower case and in order.
func statusNames(all []sdk.Status) (names []string) {
	for _, s := range all {
		names = append(names, strings.ToLower(s.Name))
	}
	slices.Sort(names)
	return names
}

// flow is the workflow of a type.
func (f *facts) flow(typeName string) *workflow {
	if w, ok := f.others[typeName]; ok {
		return w
	}
	return &f.workflow
}

// newWorkflow maps the statuses that a type has, as configured or else by
// guess.
func newWorkflow(configured map[tracker.Status][]string, mainType string, all []typeStatuses) workflow {
	w := workflow{of: map[string]tracker.Status{}, names: map[tracker.Status][]string{}}
	for status, names := range configured {
		for _, n := range names {
			w.of[strings.ToLower(n)] = status
		}
		w.names[status] = slices.Clone(names)
	}
	var rest []sdk.Status
	for _, s := range statusesOf(all, mainType) {
		if _, known := w.of[strings.ToLower(s.Name)]; !known {
			rest = append(rest, s)
		}
	}
	w.guess(rest)
	slices.SortStableFunc(w.names[tracker.Open], func(a, b string) int { return openRank(configured, a) - openRank(configured, b) })
	return w
}

// openRank puts the statuses of what was reopened, or has not begun, first:
// "In Progress" is for people.
func openRank(configured map[tracker.Status][]string, name string) int {
	if i := slices.Index(configured[tracker.Open], name); i >= 0 {
		return i - len(configured[tracker.Open])
	}
	if i := slices.Index(openFirst, strings.ToLower(name)); i >= 0 {
		return i
	}
	return len(openFirst)
}

// statusesOf gives the statuses of a type, or of all when it is not there.
func statusesOf(all []typeStatuses, mainType string) (found []sdk.Status) {
	for _, t := range all {
		if t.Name == mainType {
			return t.Statuses
		}
	}
	for _, t := range all {
		found = append(found, t.Statuses...)
	}
	return found
}

// guess maps statuses that the configuration does not name. What is done is
// closed, unless its name says that somebody is to look at it; with one status
// for both the label tells them apart.
func (w *workflow) guess(rest []sdk.Status) {
	for _, s := range rest {
		name := strings.ToLower(s.Name)
		switch done := s.StatusCategory.Key == "done"; {
		case slices.Contains(fixedNames, name):
			w.put(s.Name, tracker.Fixed)
		case done || slices.Contains(closedNames, name):
			w.put(s.Name, tracker.Closed)
		default:
			w.put(s.Name, tracker.Open)
		}
	}
	if len(w.names[tracker.Fixed]) > 0 {
		return
	}
	w.reviewed = true
	for _, name := range w.names[tracker.Closed] {
		w.put(name, tracker.Fixed)
	}
	w.names[tracker.Closed] = nil
}

func (w *workflow) put(name string, s tracker.Status) {
	w.of[strings.ToLower(name)] = s
	w.names[s] = append(w.names[s], name)
}

// status gives where an issue stands.
func (w *workflow) status(s *sdk.Status, labels []string) tracker.Status {
	if s == nil {
		return tracker.Open
	}
	is, known := w.of[strings.ToLower(s.Name)]
	switch {
	case !known && s.StatusCategory.Key != "done":
		is = tracker.Open
	case !known && w.reviewed:
		is = tracker.Fixed
	case !known:
		is = tracker.Closed
	}
	if is == tracker.Fixed && w.reviewed && slices.Contains(labels, reviewed) {
		return tracker.Closed
	}
	return is
}

// leftReviewed tells that an issue which is not closed has the label still: it
// was reopened by hand, or in part. It would be closed the moment that it is
// done again.
func (w *workflow) leftReviewed(s tracker.Status, labels []string) bool {
	return w.reviewed && s != tracker.Closed && slices.Contains(labels, reviewed)
}

// targets are the statuses to move an issue to.
func (w *workflow) targets(s tracker.Status) []string {
	if s == tracker.Closed && w.reviewed {
		s = tracker.Fixed
	}
	return w.names[s]
}

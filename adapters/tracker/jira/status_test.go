package jira

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

// japanese is a workflow with a review in the middle and one way.
func japanese() jiratest.Workflow {
	return jiratest.Workflow{
		Statuses: []jiratest.Status{
			{ID: "1", Name: "未着手", Category: "new"}, {ID: "2", Name: "対応中", Category: "indeterminate"},
			{ID: "3", Name: "確認待ち", Category: "indeterminate"}, {ID: "4", Name: "完了", Category: "done"},
		},
		Transitions: []jiratest.Transition{
			{ID: "11", Name: "着手", From: []string{"未着手"}, To: "対応中"},
			{ID: "21", Name: "確認依頼", From: []string{"未着手", "対応中"}, To: "確認待ち"},
			{ID: "31", Name: "承認", From: []string{"確認待ち"}, To: "完了", Resolution: "Done"},
			{ID: "41", Name: "差し戻し", From: []string{"確認待ち", "完了"}, To: "未着手"},
		},
	}
}

func TestStatusInEveryWorkflow(t *testing.T) {
	type step struct {
		to   tracker.Status
		name string // of Jira's status afterwards
	}
	for _, test := range []struct {
		name  string
		with  jiratest.Workflow
		set   func(*Options)
		steps []step
	}{
		{"classic", jiratest.Classic(), nil, []step{
			{tracker.Fixed, "Resolved"}, {tracker.Closed, "Closed"}, {tracker.Open, "Reopened"}, {tracker.Closed, "Closed"}, {tracker.Open, "Reopened"}, {tracker.Fixed, "Resolved"}, {tracker.Open, "Reopened"},
		}},
		{"simplified", jiratest.Simplified(), nil, []step{
			{tracker.Fixed, "Done"}, {tracker.Closed, "Done"}, {tracker.Fixed, "Done"}, {tracker.Open, "To Do"}, {tracker.Closed, "Done"}, {tracker.Open, "To Do"}, {tracker.Fixed, "Done"},
		}},
		{"Japanese, by guess", japanese(), nil, []step{
			{tracker.Closed, "完了"}, {tracker.Open, "未着手"}, {tracker.Fixed, "確認待ち"}, {tracker.Closed, "完了"}, {tracker.Open, "未着手"},
		}},
		{"Japanese, as configured", japanese(), func(o *Options) {
			o.Statuses = map[tracker.Status][]string{tracker.Open: {"対応中", "未着手"}, tracker.Fixed: {"確認待ち"}, tracker.Closed: {"完了"}}
		}, []step{{tracker.Fixed, "確認待ち"}, {tracker.Open, "未着手"}, {tracker.Closed, "完了"}}},
		{"fixed is still open in Jira", jiratest.Simplified(), func(o *Options) {
			o.Statuses = map[tracker.Status][]string{tracker.Fixed: {"in progress"}}
		}, []step{{tracker.Fixed, "In Progress"}, {tracker.Closed, "Done"}, {tracker.Open, "To Do"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, test.set, withProject(test.with, true))
				b.create(tracker.Draft{Label: "a", Title: "x"})
				for n, s := range test.steps {
					was := b.ticket("OPS-1").Status
					got := b.change("OPS-1", tracker.Change{Status: &s.to})
					if i := b.only(); got.Status != s.to || i.Status != s.name {
						t.Errorf("step %d, from %s to %s: it is %s, %q in Jira with %v", n, was, s.to, got.Status, i.Status, i.Labels)
					}
					b.settle()
					if all, err := b.tr.List(t.Context(), tracker.Filter{Status: s.to}); err != nil || len(all) != 1 {
						t.Errorf("step %d: the list of %s has %d, %v", n, s.to, len(all), err)
					}
				}
				history, err := b.tr.History(t.Context(), "OPS-1")
				var moved []tracker.Status
				for _, e := range history {
					if e.Kind == tracker.Moved && (len(moved) == 0 || moved[len(moved)-1] != tracker.Status(e.Text)) {
						moved = append(moved, tracker.Status(e.Text))
					}
				}
				if last := test.steps[len(test.steps)-1].to; err != nil || len(moved) == 0 || moved[len(moved)-1] != last {
					t.Errorf("the history says %v, %v, want %s at the end", moved, err, last)
				}
			})
		})
	}
}

// TestStatusByHand is what people do in Jira.
func TestStatusByHand(t *testing.T) {
	for _, test := range []struct {
		name string
		with jiratest.Workflow
		do   func(*bench)
		want tracker.Status
	}{
		{"new", jiratest.Classic(), func(*bench) {}, tracker.Open},
		{"begun", jiratest.Classic(), func(b *bench) { b.Transition("sato", "OPS-1", "In Progress") }, tracker.Open},
		{"resolved", jiratest.Classic(), func(b *bench) { b.Transition("sato", "OPS-1", "Resolved") }, tracker.Fixed},
		{"closed", jiratest.Classic(), func(b *bench) { b.Transition("sato", "OPS-1", "Closed") }, tracker.Closed},
		{"reopened", jiratest.Classic(), func(b *bench) {
			b.Transition("sato", "OPS-1", "Closed")
			b.Transition("sato", "OPS-1", "Reopened")
		}, tracker.Open},
		{"done", jiratest.Simplified(), func(b *bench) { b.Transition("sato", "OPS-1", "Done") }, tracker.Fixed},
		{"done and reviewed", jiratest.Simplified(), func(b *bench) {
			b.Transition("sato", "OPS-1", "Done")
			b.Edit("sato", "OPS-1", jiratest.Values{"labels": []string{"reviewed"}})
		}, tracker.Closed},
		{"the label is taken away", jiratest.Simplified(), func(b *bench) {
			b.change("OPS-1", tracker.Change{Status: ptr(tracker.Closed)})
			b.Edit("sato", "OPS-1", jiratest.Values{"labels": []string{}})
		}, tracker.Fixed},
		{"reviewed before it is done", jiratest.Simplified(), func(b *bench) {
			b.Edit("sato", "OPS-1", jiratest.Values{"labels": []string{"reviewed"}})
		}, tracker.Open},
		{"sent back by hand, and fixed in chat", jiratest.Simplified(), func(b *bench) {
			b.change("OPS-1", tracker.Change{Status: ptr(tracker.Closed)})
			b.Transition("sato", "OPS-1", "To Do")
			b.change("OPS-1", tracker.Change{Status: ptr(tracker.Fixed)})
		}, tracker.Fixed},
		{"approved", japanese(), func(b *bench) {
			b.Transition("sato", "OPS-1", "確認待ち")
			b.Transition("sato", "OPS-1", "完了")
		}, tracker.Closed},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, nil, withProject(test.with, true))
				cursor := b.since("").Cursor
				b.Create("sato", jiratest.Values{"summary": "x"})
				test.do(b)
				b.settle()
				if got := b.ticket("OPS-1").Status; got != test.want {
					t.Errorf("it is %s, want %s", got, test.want)
				}
				all := b.since(cursor).Tickets
				if len(all) == 0 || all[len(all)-1].Status != test.want {
					t.Errorf("Since says %+v, want %s", all, test.want)
				}
			})
		})
	}
}

// TestDemandedOnTheWay has transitions that demand fields.
func TestDemandedOnTheWay(t *testing.T) {
	w := jiratest.Simplified()
	w.Transitions[2].Required = []string{"customfield_10300"}
	cause := jiratest.WithFields(jiratest.Field{ID: "customfield_10300", Name: "Root cause", Type: jiratest.SelectField, Options: []string{"Human", "Machine"}})
	for _, test := range []struct {
		name  string
		set   func(*Options)
		words []string // of the refusal; none when it moves
	}{
		{"without a value", nil, []string{`"Done"`, "Root cause", "tracker.on_move"}},
		{"with one", func(o *Options) { o.OnMove = map[string]string{"root cause": "Machine"} }, nil},
		{"with one that is none", func(o *Options) { o.OnMove = map[string]string{"Root cause": "Ghost"} }, []string{"'Ghost' is not valid"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, test.set, withProject(w, true), cause)
				b.create(tracker.Draft{Label: "a", Title: "x"})
				_, err := b.tr.Change(t.Context(), "OPS-1", tracker.Change{Status: ptr(tracker.Fixed)})
				if test.words == nil {
					if i := b.only(); err != nil || i.Status != "Done" || i.Custom["customfield_10300"] != "Machine" {
						t.Errorf("it is %q with %v, %v", i.Status, i.Custom, err)
					}
					return
				}
				if adapters.CodeOf(err) != adapters.Refused || !has(fmt.Sprint(err), test.words...) || b.only().Status != "To Do" {
					t.Errorf("%v, want %q", err, test.words)
				}
			})
		})
	}
}

// TestNoWay names the ways that there are.
func TestNoWay(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		w := japanese()
		w.Transitions = slices.DeleteFunc(w.Transitions, func(w jiratest.Transition) bool { return w.ID == "21" })
		b := newBench(t, kind, nil, withProject(w, true))
		b.create(tracker.Draft{Label: "a", Title: "x"})
		for _, to := range []tracker.Status{tracker.Fixed, tracker.Closed} {
			_, err := b.tr.Change(t.Context(), "OPS-1", tracker.Change{Status: &to})
			if adapters.CodeOf(err) != adapters.Refused || !has(fmt.Sprint(err), "未着手", `"着手" to 対応中`, "tracker.statuses") {
				t.Errorf("to %s: %v", to, err)
			}
		}
		_, err := b.tr.Change(t.Context(), "OPS-1", tracker.Change{Status: ptr(tracker.Status("done"))})
		if adapters.CodeOf(err) != adapters.Refused || !strings.Contains(err.Error(), `"done"`) {
			t.Errorf("to a status of no kind: %v", err)
		}
	})
}

// TestResolutions takes one where a way demands it, in the team's words.
func TestResolutions(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		for want, set := range map[string]func(*Options){
			"Done": nil, "Won't Fix": func(o *Options) { o.OnMove = map[string]string{"Resolution": "Won't Fix"} },
		} {
			b := newBench(t, kind, set, withProject(jiratest.Classic(), true))
			b.create(tracker.Draft{Label: "a", Title: "x"})
			b.change("OPS-1", tracker.Change{Status: ptr(tracker.Fixed)})
			if got := b.only().Resolution; got != want {
				t.Errorf("the resolution is %q, want %q", got, want)
			}
		}
	})
}

// TestWorkflowOfASubTask: sub-tasks have another workflow than tickets, and
// each is moved, read and listed by its own.
func TestWorkflowOfASubTask(t *testing.T) {
	simple, old := jiratest.Simplified(), jiratest.Classic()
	for name, c := range map[string]struct {
		tickets jiratest.Workflow
		subs    *jiratest.Workflow
		set     func(*Options)
		want    map[tracker.Status][2]string // Jira's statuses of the ticket and of the sub-task
	}{
		"simplified below classic": {old, &simple, nil, map[tracker.Status][2]string{
			tracker.Fixed: {"Resolved", "Done"}, tracker.Closed: {"Closed", "Done"}, tracker.Open: {"Reopened", "To Do"}}},
		"classic below simplified": {simple, &old, nil, map[tracker.Status][2]string{
			tracker.Fixed: {"Done", "Resolved"}, tracker.Closed: {"Done", "Closed"}, tracker.Open: {"To Do", "Reopened"}}},
		"simplified below a configured one": {japanese(), &simple, func(o *Options) {
			o.Statuses = map[tracker.Status][]string{tracker.Open: {"未着手"}, tracker.Fixed: {"確認待ち"}, tracker.Closed: {"完了"}}
		}, map[tracker.Status][2]string{tracker.Fixed: {"確認待ち", "Done"}, tracker.Closed: {"完了", "Done"}, tracker.Open: {"未着手", "To Do"}}},
	} {
		t.Run(name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				types := []jiratest.IssueType{{ID: "10001", Name: "Task"}, {ID: "10003", Name: "Sub-Task", Subtask: true, Workflow: c.subs}}
				b := newBench(t, kind, c.set, jiratest.WithProjects(jiratest.Project{Key: "OPS", Types: types, Workflow: c.tickets}))
				b.create(tracker.Draft{Label: "a", Title: "ticket"})
				b.create(tracker.Draft{Label: "b", Title: "sub", Parent: "OPS-1"})
				for _, s := range []tracker.Status{tracker.Fixed, tracker.Closed, tracker.Open, tracker.Closed} {
					for n, key := range []string{"OPS-1", "OPS-2"} {
						got := b.change(key, tracker.Change{Status: &s})
						if i := b.Issue(key); got.Status != s || s != tracker.Fixed && i.Status != c.want[s][n] {
							t.Errorf("%s to %s: it is %s, %q in Jira with %v", key, s, got.Status, i.Status, i.Labels)
						}
					}
					b.settle()
					for _, other := range []tracker.Status{tracker.Open, tracker.Fixed, tracker.Closed} {
						all, err := b.tr.List(t.Context(), tracker.Filter{Status: other})
						if want := map[bool]int{true: 2}[other == s]; err != nil || len(all) != want {
							t.Errorf("the list of %s has %d, want %d, %v", other, len(all), want, err)
						}
					}
				}
				report := b.tr.Doctor(t.Context(), tracker.Expect{})
				if facts := strings.Join(report.Facts, "\n"); len(report.Found) != 0 || !has(facts, "of the type Sub-Task, which has a workflow of its own", "fixed is "+c.want[tracker.Fixed][1]) {
					t.Errorf("the doctor finds %+v and says\n%s", report.Found, facts)
				}
			})
		})
	}
}

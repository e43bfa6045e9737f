package redmine

import (
	"testing"

	"tebiki/adapters/tracker"
)

// made is a place with statuses and priorities of these names; those after
// closed are closed, and the default is the one behind.
func made(statuses, closed, priorities []string, normal int, o Options) *place {
	p := &place{}
	for i, name := range append(statuses, closed...) {
		p.statuses = append(p.statuses, status{ref{i + 1, name}, i >= len(statuses)})
	}
	for i, name := range priorities {
		p.priorities = append(p.priorities, priority{ref: ref{i + 1, name}, Default: i == normal})
	}
	p.mapStatuses(o.Statuses)
	p.mapPriorities(o.Priorities)
	return p
}

func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		name             string
		statuses, closed []string
		configured       map[tracker.Status][]string
		means            string // what each means, by its first letter
		to               string // where to go for open, fixed and closed
	}{
		{"English", []string{"New", "In Progress", "Resolved", "Feedback"}, []string{"Closed", "Rejected"}, nil, "oofocc", "In Progress Resolved Closed"},
		{"Japanese", []string{"新規", "進行中", "解決", "フィードバック"}, []string{"終了", "却下"}, nil, "oofocc", "進行中 解決 終了"},
		{"configured", []string{"Todo", "Doing", "Check"}, []string{"Done"}, map[tracker.Status][]string{tracker.Open: {"todo"}, tracker.Fixed: {"Check"}}, "oofc", "Todo Check Done"},
		{"of its own", []string{"A", "B"}, []string{"C"}, nil, "ooc", "A - C"},
		{"fixed that is closed", []string{"New"}, []string{"Resolved"}, nil, "oc", "New - Resolved"},
	} {
		p := made(c.statuses, c.closed, nil, 0, Options{Statuses: c.configured})
		means, to := "", ""
		for _, s := range p.statusRefs() {
			means += string(p.status(s)[0])
		}
		for i, s := range []tracker.Status{tracker.Open, tracker.Fixed, tracker.Closed} {
			first := "-"
			if meant := p.meaning(s); len(meant) > 0 {
				first = meant[0].Name
			}
			to += []string{"", " ", " "}[i] + first
		}
		if means != c.means || to != c.to {
			t.Errorf("%s: they mean %q, want %q; goes to %q, want %q", c.name, means, c.means, to, c.to)
		}
	}
}

func TestPriorities(t *testing.T) {
	for _, c := range []struct {
		name       string
		all        []string
		normal     int
		configured map[tracker.Priority]string
		want       [3]int // ids of urgent, normal, low; 0 for none
		means      string // of each
	}{
		{"English", []string{"Low", "Normal", "High", "Urgent", "Immediate"}, 1, nil, [3]int{4, 2, 1}, "lnnuu"},
		{"Japanese", []string{"低め", "通常", "高め", "急いで", "今すぐ"}, 1, nil, [3]int{4, 2, 1}, "lnnuu"},
		{"of its own", []string{"C", "B", "A"}, 1, nil, [3]int{3, 2, 1}, "lnu"},
		{"one", []string{"X"}, 0, nil, [3]int{0, 1, 0}, "n"},
		{"configured", []string{"C", "B", "A"}, 0, map[tracker.Priority]string{tracker.Urgent: "b", tracker.Low: "Z"}, [3]int{2, 1, 0}, "nuu"},
	} {
		p := made(nil, nil, c.all, c.normal, Options{Priorities: c.configured})
		got := [3]int{p.order[tracker.Urgent], p.order[tracker.Normal], p.order[tracker.Low]}
		means := ""
		for i, name := range c.all {
			means += map[tracker.Priority]string{tracker.Urgent: "u", tracker.Normal: "n", tracker.Low: "l"}[p.priorityOf(ref{i + 1, name})]
		}
		if got != c.want || means != c.means {
			t.Errorf("%s: %v, want %v; they mean %q, want %q", c.name, got, c.want, means, c.means)
		}
	}
}

package request_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker"
	"tebiki/bot/request"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/escalation/schedule"
	"tebiki/store"
)

// tuesday is when the candidates are looked at: lee's turn, and by an
// override tanaka's.
var tuesday = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

func duty() *escalation.Rules {
	layer := func(person string) []schedule.Layer {
		return []schedule.Layer{{Name: "primary", People: []string{person}, Days: 7, Start: tuesday}}
	}
	policy := func(team, schedule string) *escalation.Policy {
		return &escalation.Policy{Team: team, Steps: []escalation.PolicyStep{{Who: escalation.Target{Schedule: schedule, Layer: "primary"}}, {Who: escalation.Target{Person: "smith"}}}}
	}
	return &escalation.Rules{
		Policies: map[string]*escalation.Policy{"jp": policy("jp", "jp"), "en": policy("en", "en"), "gone": policy("jp", "gone")},
		Schedules: map[string]*schedule.Schedule{
			"jp": {Name: "jp", Zone: time.UTC, Layers: layer("sato"), Overrides: []schedule.Override{{Layer: "primary", Person: "tanaka", From: tuesday, Until: tuesday.Add(time.Hour)}}},
			"en": {Name: "en", Zone: time.UTC, Layers: layer("lee")},
		},
	}
}

func bench(t *testing.T, rules *escalation.Rules, now time.Time, tickets ...watch.Seen) *request.Bench {
	t.Helper()
	st := store.NewMemory()
	err := st.Update(t.Context(), func(tx store.Writer) error {
		for i, s := range tickets {
			if err := store.Put(tx, "watch.ticket", store.Seq(uint64(i)), 1, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := request.Look(t.Context(), st, people(), rules, now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// offered are the candidates as a leader reads them.
func offered(of []request.Candidate) (out []string) {
	leader, _ := people().Person("sato")
	m := request.AssignMessage(people(), leader, tracker.Ticket{Key: "T-1", Status: tracker.Open}, of)
	for _, c := range m.Buttons[0].Choices {
		out = append(out, c.Value+": "+c.Label)
	}
	return out
}

func TestCandidates(t *testing.T) {
	tickets := []watch.Seen{
		{Status: tracker.Open, Assignee: "tr-sato"}, {Status: tracker.Open, Assignee: "tr-sato"}, {Status: tracker.Open, Assignee: "tr-sato", Parent: "T-1"},
		{Status: tracker.Open, Assignee: "smith"}, {Status: tracker.Fixed, Assignee: "tanaka"}, {Status: tracker.Open, Assignee: "lee"}, {Status: tracker.Open, Assignee: "lee"},
	}
	b := bench(t, duty(), tuesday, tickets...)
	same(t, "the team alone: who is on call, then who has less", offered(b.Candidates("jp", nil)), []string{"T-1 tanaka: 田中 (0件・当番)", "T-1 sato: 佐藤 (2件)"})
	same(t, "owners first, in their order, of whatever team, each once", offered(b.Candidates("jp", []string{"smith", "sato", "retired", "smith"})),
		[]string{"T-1 smith: Emma Smith (1件)", "T-1 sato: 佐藤 (2件)", "T-1 tanaka: 田中 (0件・当番)"})
	same(t, "a duty of the other team is none here", offered(b.Candidates("jp", []string{"lee"}))[0], "T-1 lee: Hannah Lee (2件)")
	same(t, "no such team", len(b.Candidates("nowhere", nil)), 0)
	b = bench(t, duty(), tuesday.Add(2*time.Hour), tickets...)
	same(t, "after the override", offered(b.Candidates("jp", nil)), []string{"T-1 sato: 佐藤 (2件・当番)", "T-1 tanaka: 田中 (0件)"})
	same(t, "without rules nobody is on call", offered(bench(t, nil, tuesday).Candidates("jp", nil)), []string{"T-1 sato: 佐藤 (0件)", "T-1 tanaka: 田中 (0件)"})
}

// owned is an inventory of one answer.
type owned struct {
	server inventory.Server
	err    error
}

func (o owned) Server(context.Context, string) (inventory.Server, error) { return o.server, o.err }

func (o owned) Servers(context.Context) ([]inventory.Server, error) { return nil, o.err }

func TestOwners(t *testing.T) {
	for _, test := range []struct {
		name string
		inv  inventory.Inventory
		host string
		want []string
	}{
		{"several", owned{inventory.Server{Owners: []string{"tanaka", "sato"}}, nil}, "db1", []string{"tanaka", "sato"}},
		{"a group that is a team", owned{inventory.Server{Group: "en"}, nil}, "db1", []string{"lee", "smith"}},
		{"a group that is none", owned{inventory.Server{Group: "dba"}, nil}, "db1", nil},
		{"nobody", owned{}, "db1", nil},
		{"away", owned{inventory.Server{Owners: []string{"tanaka"}}, errors.New("away")}, "db1", nil},
		{"no host", owned{inventory.Server{Owners: []string{"tanaka"}}, nil}, "", nil},
		{"no inventory", nil, "db1", nil},
	} {
		got, _ := request.Owners(t.Context(), test.inv, people(), test.host)
		same(t, test.name, got, test.want)
	}
}

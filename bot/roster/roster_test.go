package roster

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var sameZone = cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })

func example(t *testing.T) *Roster {
	t.Helper()
	tokyo := zone(t, "Asia/Tokyo")
	r, err := New([]Person{
		{ID: "tanaka", Name: "田中 葵", Team: "infra", Chat: "U1", Phone: "0312345678", Tracker: "t.aoi", Mail: "t@example.jp"},
		{ID: "lee", Team: "infra", Lang: English, Zone: time.UTC},
		{ID: "boss", Team: "office"},
	}, []Team{
		{ID: "office", Leader: "boss", Zone: time.UTC},
		{ID: "infra", Name: "インフラ", Leader: "boss", Lang: Japanese, Zone: tokyo},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ids(people []Person) []string {
	var out []string
	for _, p := range people {
		out = append(out, p.ID)
	}
	return out
}

func TestDefaults(t *testing.T) {
	r := example(t)
	want := []Person{
		{ID: "boss", Name: "boss", Lang: English, Zone: time.UTC, Team: "office", Chat: "boss", Phone: "boss", Mail: "boss", Tracker: "boss"},
		{ID: "lee", Name: "lee", Lang: English, Zone: time.UTC, Team: "infra", Chat: "lee", Phone: "lee", Mail: "lee", Tracker: "lee"},
		{ID: "tanaka", Name: "田中 葵", Lang: Japanese, Zone: zone(t, "Asia/Tokyo"), Team: "infra",
			Chat: "U1", Phone: "0312345678", Mail: "t@example.jp", Tracker: "t.aoi"},
	}
	if diff := cmp.Diff(want, r.People(), sameZone); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if team, _ := r.Team("office"); team.Name != "office" || team.Lang != English {
		t.Errorf("the team is %+v", team)
	}
}

func TestLookups(t *testing.T) {
	r := example(t)
	for name, tt := range map[string]struct {
		by   func(string) (Person, bool)
		addr string
		want string
	}{
		"id": {r.Person, "tanaka", "tanaka"}, "chat": {r.ByChat, "U1", "tanaka"}, "phone": {r.ByPhone, "0312345678", "tanaka"},
		"tracker": {r.ByTracker, "t.aoi", "tanaka"}, "default": {r.ByChat, "lee", "lee"}, "leader": {r.Leader, "infra", "boss"},
		"no id": {r.Person, "nobody", ""}, "id is not the address": {r.ByChat, "tanaka", ""}, "empty": {r.ByPhone, "", ""},
		"case counts": {r.ByChat, "u1", ""}, "no team": {r.Leader, "nobody", ""},
	} {
		if got, ok := tt.by(tt.addr); got.ID != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %q gives %q, %v; want %q", name, tt.addr, got.ID, ok, tt.want)
		}
	}
}

func TestTeams(t *testing.T) {
	r := example(t)
	if got := r.Teams(); len(got) != 2 || got[0].ID != "infra" || got[1].ID != "office" {
		t.Errorf("teams are %+v", got)
	}
	if diff := cmp.Diff([]string{"lee", "tanaka"}, ids(r.Members("infra"))); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if got := r.Members("nobody"); len(got) != 0 {
		t.Errorf("members of no team: %+v", got)
	}
	if team, ok := r.TeamOf("tanaka"); !ok || team.ID != "infra" {
		t.Errorf("tanaka's team is %+v, %v", team, ok)
	}
	if team, ok := r.TeamOf("nobody"); ok {
		t.Errorf("nobody's team is %+v", team)
	}
}

func TestFaults(t *testing.T) {
	utc := time.UTC
	team := Team{ID: "t", Leader: "a", Zone: utc}
	a := Person{ID: "a", Team: "t"}
	for name, tt := range map[string]struct {
		people []Person
		teams  []Team
		want   []Fault // without What
	}{
		"id":              {[]Person{a, {ID: "x/y", Team: "t"}}, []Team{team}, []Fault{{ID: "x/y"}}},
		"empty id":        {[]Person{a, {Team: "t", Chat: "c", Phone: "p", Tracker: "t"}}, []Team{team}, []Fault{{}}},
		"twice":           {[]Person{a, a}, []Team{team}, []Fault{{ID: "a"}}},
		"team twice":      {[]Person{a}, []Team{team, team}, []Fault{{Team: true, ID: "t"}}},
		"no team":         {[]Person{a, {ID: "b"}}, []Team{team}, []Fault{{ID: "b", Key: "team"}}},
		"unknown team":    {[]Person{a, {ID: "b", Team: "u"}}, []Team{team}, []Fault{{ID: "b", Key: "team"}}},
		"language":        {[]Person{{ID: "a", Team: "t", Lang: "de"}}, []Team{team}, []Fault{{ID: "a", Key: "lang"}}},
		"team's language": {[]Person{{ID: "a", Team: "t", Lang: English}}, []Team{{ID: "t", Leader: "a", Zone: utc, Lang: "JA"}}, []Fault{{Team: true, ID: "t", Key: "lang"}}},
		"no zone":         {[]Person{{ID: "a", Team: "t", Zone: utc}}, []Team{{ID: "t", Leader: "a"}}, []Fault{{Team: true, ID: "t", Key: "zone"}}},
		"morning":         {[]Person{a}, []Team{{ID: "t", Leader: "a", Zone: utc, Morning: 24 * time.Hour}}, []Fault{{Team: true, ID: "t", Key: "morning"}}},
		"no leader":       {[]Person{a}, []Team{{ID: "t", Zone: utc}}, []Fault{{Team: true, ID: "t", Key: "leader"}}},
		"unknown leader":  {[]Person{a}, []Team{{ID: "t", Zone: utc, Leader: "b"}}, []Fault{{Team: true, ID: "t", Key: "leader"}}},
		"chat":            {[]Person{a, {ID: "b", Team: "t", Chat: "a"}}, []Team{team}, []Fault{{ID: "b", Key: "chat"}}},
		"phone":           {[]Person{a, {ID: "b", Team: "t", Phone: "a"}}, []Team{team}, []Fault{{ID: "b", Key: "phone"}}},
		"tracker":         {[]Person{a, {ID: "b", Team: "t", Tracker: "a"}}, []Team{team}, []Fault{{ID: "b", Key: "tracker"}}},
		"all at once": {[]Person{{ID: "!", Team: "u", Lang: "xx"}}, []Team{{ID: "t"}}, []Fault{
			{Team: true, ID: "t", Key: "zone"}, {ID: "!"}, {ID: "!", Key: "team"}, {ID: "!", Key: "lang"}, {Team: true, ID: "t", Key: "leader"}}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := New(tt.people, tt.teams)
			if r != nil {
				t.Error("a roster with faults was made")
			}
			if diff := cmp.Diff(tt.want, faults(t, err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

func faults(t *testing.T, err error) []Fault {
	t.Helper()
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		t.Fatalf("New gave %v, want joined faults", err)
	}
	var out []Fault
	for _, err := range joined.Unwrap() {
		var f *Fault
		if !errors.As(err, &f) {
			t.Fatalf("not a fault: %v", err)
		}
		if f.What == "" {
			t.Errorf("%+v says nothing", f)
		}
		out = append(out, Fault{Team: f.Team, ID: f.ID, Key: f.Key})
	}
	return out
}

// TestNamed: other systems have their own names for people.
func TestNamed(t *testing.T) {
	r, err := New([]Person{
		{ID: "sato", Name: "佐藤", Team: "infra", Mail: "Takeshi.Sato@example.jp", Tracker: "tsato", Chat: "U0SATO"},
		{ID: "tsato2", Name: "佐藤", Team: "infra"},
	}, []Team{{ID: "infra", Leader: "sato", Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"sato": "sato", "SATO": "sato", "takeshi.sato@EXAMPLE.jp": "sato", "TSato": "sato", "u0sato": "sato", "tsato2": "tsato2", "": "", "suzuki": "",
	} {
		if p, ok := r.Named(word); p.ID != want || ok != (want != "") {
			t.Errorf("%q names %q, %v; want %q", word, p.ID, ok, want)
		}
	}
	if _, ok := r.ByMail(""); ok {
		t.Error("nobody's mail is somebody's")
	}
}

package redmine

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/redmine/redminetest"
)

func TestDoctor(t *testing.T) {
	b := setUp(t, nil)
	b.As(t, b.People["sato"]).Create(b.Project, "t", nil)
	outsider := formatKey(b.Outsider(t).ID)
	well := tracker.Expect{Components: []string{"disk", "Disk"}, People: []string{b.id("sato"), b.id("tanaka")}}
	if found := b.open().Doctor(t.Context(), well).Found; len(found) != 0 {
		t.Errorf("all is well, and it finds %+v", found)
	}
	for name, c := range map[string]struct {
		change func(*Options)
		expect tracker.Expect
		wants  []string // of each finding, in order
	}{
		"the key":        {func(o *Options) { o.Key = "wrong" }, well, []string{"does not take the key"}},
		"no Redmine":     {func(o *Options) { o.Address += "/nothing" }, well, []string{"the address"}},
		"nobody there":   {func(o *Options) { o.Address = "http://127.0.0.1:1" }, well, []string{"cannot be reached"}},
		"the project":    {func(o *Options) { o.Project = "none-such" }, well, []string{`no project "none-such"`}},
		"tracker types":  {func(o *Options) { o.TicketType, o.SubticketType = "Incident", "Task" }, well, []string{`no tracker "Incident"`, `no tracker "Task"`}},
		"one type twice": {func(o *Options) { o.TicketType, o.SubticketType = "Incident", "" }, well, []string{`"Bug", "Feature", "Support"`}},
		"statuses": {func(o *Options) {
			o.Statuses = map[tracker.Status][]string{tracker.Open: {"Todo"}, tracker.Fixed: {"Closed"}}
		}, well, []string{`no status "Todo"`, `"Closed" counts as closed`, "means it"}},
		"priorities": {func(o *Options) { o.Priorities = map[tracker.Priority]string{tracker.Urgent: "P1"} }, well, []string{`no priority "P1"`}},
		"fields":     {func(o *Options) { o.LabelField, o.Fields = "Tebiki", map[string]string{"host": "Server"} }, well, []string{`custom field "Tebiki"`}},
		"components": {func(o *Options) { o.Fallback = "other" }, tracker.Expect{Components: []string{"dns"}}, []string{`fallback "other"`, `component "dns"`}},
		"people":     {nil, tracker.Expect{People: []string{"sato", outsider}}, []string{b.id("sato") + " is Ken Sato", "no such member"}},
	} {
		t.Run(name, func(t *testing.T) {
			was := b.opt
			defer func() { b.opt = was }()
			if c.change != nil {
				c.change(&b.opt)
			}
			finds(t, b.open().Doctor(t.Context(), c.expect).Found, c.wants)
		})
	}
}

// finds holds findings against words of each.
func finds(t *testing.T, found []adapters.Finding, words []string) {
	t.Helper()
	if len(found) != len(words) {
		t.Errorf("%d findings, want %d: %+v", len(found), len(words), found)
		return
	}
	for i, f := range found {
		if all := f.About + ": " + f.Fault + ": " + f.Do; !strings.Contains(all, words[i]) || f.Do == "" {
			t.Errorf("%q does not say %q", all, words[i])
		}
	}
}

func TestDoctorOfAProject(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bench)
		word   string
	}{
		"closed":      {func(b *bench) { b.Project.Close(t) }, "reopen"},
		"archived":    {func(b *bench) { b.Archive(t) }, "archived"},
		"no member":   {func(b *bench) { b.Leave(t, b.Bot) }, "no member"},
		"a wrong way": {func(b *bench) { b.opt.Transport = stamped("Mon, 01 Jan 2001 00:00:00 GMT") }, "clock"},
	} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, nil)
			c.change(b)
			finds(t, b.open().Doctor(t.Context(), tracker.Expect{}).Found, []string{c.word})
		})
	}
}

// stamped puts a Date into answers, as most web servers before a Redmine do.
type stamped string

func (s stamped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		resp.Header.Set("Date", string(s))
	}
	return resp, err
}

// A role that lacks what is needed is found by what it is called there.
func TestDoctorOfRights(t *testing.T) {
	b := setUp(t, nil)
	weak, admin := b.Outsider(t), b.Admin(t)
	var roles struct {
		All []ref `json:"roles"`
	}
	if err := json.Unmarshal(admin.Call(http.MethodGet, "/roles.json", nil).Body, &roles); err != nil {
		t.Fatal(err)
	}
	reporter, ok := named(roles.All, "Reporter")
	if !ok {
		t.Fatalf("there is no role of reporters: %+v", roles)
	}
	join := redminetest.Fields{"membership": redminetest.Fields{"user_id": weak.ID, "role_ids": []int{reporter.ID}}}
	if got := admin.Call(http.MethodPost, "/projects/"+b.Identifier+"/memberships.json", join); got.Status != http.StatusCreated {
		t.Fatalf("%+v", got)
	}
	b.opt.Key = weak.Key
	finds(t, b.open().Doctor(t.Context(), tracker.Expect{}).Found, []string{`"Edit issues"`, `"Manage subtasks"`, "All issues"})
}

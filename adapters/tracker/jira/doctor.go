package jira

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	sdk "github.com/andygrunwald/go-jira"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// Doctor tries what Tebiki needs of Jira and tells what is wrong. It changes
// nothing there.
func (j *Jira) Doctor(ctx context.Context, e tracker.Expect) adapters.Report {
	r := &adapters.Report{}
	if !j.tryServer(ctx, r) || !j.tryLogin(ctx, r) || !j.tryProject(ctx, r) {
		return *r // nothing else can be tried
	}
	f, err := j.know(ctx)
	if err != nil {
		r.Fault("the project "+j.opt.Project, err.Error(), "correct the configuration")
		return *r
	}
	j.describe(r, f)
	for _, try := range []func(context.Context, *adapters.Report, *facts){j.tryPermissions, j.tryFields, j.tryLinks} {
		try(ctx, r, f)
	}
	j.tryStatuses(r, f)
	j.tryPriorities(r, f)
	j.tryComponents(r, f, e.Components)
	j.tryPeople(ctx, r, f, e.People)
	return *r
}

const (
	theAddress     = "the address"
	theCredentials = "the credentials"
)

// anonymously is a Jira that is asked without credentials.
func (j *Jira) anonymously() *Jira {
	bare := &Jira{opt: j.opt, base: j.base}
	bare.web = remote.New(remote.Options{Name: "Jira", Transport: j.opt.Transport, Explain: explain, Login: login, Timeout: j.opt.Timeout})
	bare.api, _ = sdk.NewClient(bare.web, j.base+"/") // New has tried the address
	return bare
}

var errNoVersion = errors.New("it has no version")

// The oldest Data Center with personal access tokens.
const oldestMajor, oldestMinor = 8, 14

var versionNumber = regexp.MustCompile(`^(\d+)\.(\d+)`)

func (j *Jira) tryServer(ctx context.Context, r *adapters.Report) bool {
	var info serverInfo
	err := j.anonymously().call(ctx, http.MethodGet, "serverInfo", nil, &info) // wrong credentials must not hide the kind
	if f := remote.Of(err); f != nil && f.Code == adapters.Denied {
		err = j.call(ctx, http.MethodGet, "serverInfo", nil, &info)
	}
	f := remote.Of(err)
	switch {
	case f != nil && f.Code == adapters.Denied:
		r.Fault(theCredentials, err.Error(), "correct them, then run this again")
		return false
	case err != nil || info.Version == "":
		r.Fault(theAddress, fmt.Sprintf("%s does not answer as Jira does: %v", j.base, cmp.Or(err, errNoVersion)), "correct tracker.url: it is what stands in a browser before /browse/")
		return false
	case info.Kind == "Cloud" && j.opt.Mail == "":
		r.Fault(theCredentials, "this is Jira Cloud, and there is no mail address", "write the bot's mail address as tracker.mail; the token is an API token of that account")
		return false
	case info.Kind != "Cloud" && j.opt.Mail != "":
		r.Fault(theCredentials, "this is Jira Data Center, and there is a mail address", "leave tracker.mail out; the token is a personal access token")
		return false
	}
	name := map[bool]string{true: "Cloud", false: "Data Center"}[info.Kind == "Cloud"]
	r.Fact("Jira %s %s at %s", name, info.Version, j.base)
	if v := versionNumber.FindStringSubmatch(info.Version); info.Kind != "Cloud" && v != nil {
		major, _ := strconv.Atoi(v[1])
		minor, _ := strconv.Atoi(v[2])
		if major < oldestMajor || major == oldestMajor && minor < oldestMinor {
			r.Fault("the version", info.Version+" has no personal access tokens", fmt.Sprintf("upgrade Jira to %d.%d or newer", oldestMajor, oldestMinor))
		}
	}
	if info.Time != nil {
		clock(r, time.Until(info.Time.Time))
	}
	return true
}

// clock tells how far two clocks are apart. Nothing depends on it, but people
// compare the times.
func clock(r *adapters.Report, ahead time.Duration) {
	ahead = ahead.Round(time.Second)
	r.Fact("Jira's clock is %v ahead of this machine's", ahead)
	if ahead.Abs() > time.Minute {
		r.Fault("the clocks", fmt.Sprintf("Jira's is %v ahead of this machine's", ahead), "let both follow a time server; tickets are read by Jira's clock alone, but people compare times")
	}
}

func (j *Jira) tryLogin(ctx context.Context, r *adapters.Report) bool {
	me, err := get[sdk.User](ctx, j, "myself")
	if err != nil {
		r.Fault(theCredentials, err.Error(), "make a new token under the profile of the bot's user, and write where it is kept as tracker.token")
		return false
	}
	r.Fact("logged in as %s, whose time zone is %s", cmp.Or(me.DisplayName, me.Name), me.TimeZone)
	if _, err := time.LoadLocation(me.TimeZone); err != nil {
		r.Fault("the bot's time zone", me.TimeZone+" is not known here", "choose another one in the profile of the bot's user")
		return false
	}
	return true
}

func (j *Jira) tryProject(ctx context.Context, r *adapters.Report) bool {
	about := "the project " + j.opt.Project
	p, err := get[projectInfo](ctx, j, "project/"+url.PathEscape(j.opt.Project))
	switch {
	case remote.Is(err, 404):
		r.Fault(about, "there is none that the bot's user may see", "correct tracker.project, or give the user the permission to browse the project")
		return false
	case err != nil:
		r.Fault(about, err.Error(), "try again")
		return false
	case p.Archived:
		r.Fault(about, "it is archived", "restore it, or choose another one as tracker.project")
	}
	return true
}

// describe tells what Tebiki makes of Jira.
func (j *Jira) describe(r *adapters.Report, f *facts) {
	sub := "sub-tickets are " + f.sub.Name
	if f.sub.ID == "" {
		sub = fmt.Sprintf("there are no sub-tasks: sub-tickets are linked (%s)", j.opt.LinkType)
	}
	r.Fact("project %s: tickets are %s, %s", j.opt.Project, f.main.Name, sub)
	r.Fact("%s", f.workflow.described())
	for _, name := range slices.Sorted(maps.Keys(f.others)) {
		r.Fact("of the type %s, which has a workflow of its own, %s", name, f.others[name].described())
	}
	r.Fact("urgent is %s, low is %s", cmp.Or(j.priorityName(f, tracker.Urgent), "the usual priority"), cmp.Or(j.priorityName(f, tracker.Low), "the usual priority"))
}

// described tells how the statuses are understood.
func (w *workflow) described() string {
	closed := strings.Join(w.targets(tracker.Closed), ", ")
	if w.reviewed {
		closed = fmt.Sprintf("the same with the label %q", reviewed)
	}
	return fmt.Sprintf("open is %s; fixed is %s; closed is %s", strings.Join(w.names[tracker.Open], ", "), strings.Join(w.names[tracker.Fixed], ", "), closed)
}

// needed are the permissions, by their keys in Jira, and for what.
var needed = []struct{ key, name, use string }{
	{"BROWSE_PROJECTS", "Browse Projects", "tickets are read"},
	{"CREATE_ISSUES", "Create Issues", "tickets are made"},
	{"EDIT_ISSUES", "Edit Issues", "titles and texts are kept current"},
	{"ASSIGN_ISSUES", "Assign Issues", "tickets get their assignee"},
	{"TRANSITION_ISSUES", "Transition Issues", "tickets are fixed, closed and reopened"},
	{"ADD_COMMENTS", "Add Comments", "check results and news are added"},
	{"LINK_ISSUES", "Link Issues", "know-how and sub-tickets are linked"},
}

func (j *Jira) tryPermissions(ctx context.Context, r *adapters.Report, f *facts) {
	keys := []string{"MODIFY_REPORTER"}
	for _, n := range needed {
		keys = append(keys, n.key)
	}
	query := url.Values{"projectKey": {j.opt.Project}}
	if f.cloud() { // Data Center gives all of them
		query.Set("permissions", strings.Join(keys, ","))
	}
	answer, err := get[struct {
		Permissions map[string]struct {
			Has bool `json:"havePermission"`
		} `json:"permissions"`
	}](ctx, j, "mypermissions?"+query.Encode())
	if err != nil {
		r.Fault("the permissions", err.Error(), "try again")
		return
	}
	for _, n := range needed {
		if !answer.Permissions[n.key].Has {
			r.Fault("the permission "+n.name, f.me.DisplayName+" does not have it, by which "+n.use, "give it to the user in the permission scheme of the project")
		}
	}
	if !answer.Permissions["MODIFY_REPORTER"].Has {
		r.Fact("without the permission Modify Reporter the bot is the reporter of requests that come from chat")
	}
}

// tryFields holds the screens of creation against what a ticket needs.
func (j *Jira) tryFields(ctx context.Context, r *adapters.Report, f *facts) {
	for _, t := range []sdk.IssueType{f.main, f.sub} {
		if t.ID == "" {
			continue
		}
		on, err := j.createFields(ctx, t.ID)
		if err != nil {
			r.Fault("the fields of "+t.Name, err.Error(), "try again")
			return
		}
		j.holdScreen(r, f, t.Name, on)
	}
	for _, name := range slices.Sorted(maps.Values(j.opt.Fields)) {
		if _, ok := f.field(name); !ok {
			r.Fault("the field "+name, "Jira has no such field", "correct its name under tracker.fields, or make it")
		}
	}
}

// createField is a field on the screen of creation.
type createField struct {
	fieldDef
	FieldID  string `json:"fieldId"`
	Key      string `json:"key"`
	Required bool   `json:"required"`
	Default  bool   `json:"hasDefaultValue"`
}

func (j *Jira) createFields(ctx context.Context, typeID string) (map[string]createField, error) {
	all := map[string]createField{}
	for start := 0; ; {
		path := fmt.Sprintf("issue/createmeta/%s/issuetypes/%s?startAt=%d&maxResults=100", url.PathEscape(j.opt.Project), url.PathEscape(typeID), start)
		page, err := get[struct {
			Total  int           `json:"total"`
			Values []createField `json:"values"` // Data Center
			Fields []createField `json:"fields"` // Cloud
		}](ctx, j, path)
		if err != nil {
			return nil, err
		}
		got := append(page.Values, page.Fields...)
		for _, c := range got {
			all[cmp.Or(c.FieldID, c.Key)] = c
		}
		if start += len(got); len(got) == 0 || start >= page.Total {
			return all, nil
		}
	}
}

// always are the fields that every ticket has, or that Jira fills.
var always = []string{"project", "issuetype", "summary", "description", "labels", "components", "assignee", "reporter", "priority", "parent"}

func (j *Jira) holdScreen(r *adapters.Report, f *facts, typeName string, on map[string]createField) {
	if _, ok := on["labels"]; !ok {
		r.Fault("the field Labels of "+typeName, "it is not on the screen of creation: Tebiki finds by it what it has made", "put it on the screen")
	}
	for _, id := range []string{"description", "components", "assignee"} {
		if _, ok := on[id]; !ok {
			r.Fault("the field "+id+" of "+typeName, "it is not on the screen of creation: tickets are made without it", "put it on the screen")
		}
	}
	given := map[string]bool{}
	for _, id := range always {
		given[id] = true
	}
	for name := range j.opt.Defaults {
		if d, ok := f.field(name); ok {
			given[d.ID] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(on)) {
		if c := on[id]; c.Required && !c.Default && !given[id] {
			r.Fault("the field "+c.Name+" of "+typeName, "Jira demands it, and Tebiki has nothing for it", "give a value under tracker.defaults, or make it optional")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(j.opt.Fields)) {
		if d, ok := f.field(j.opt.Fields[name]); ok {
			if _, shown := on[d.ID]; !shown {
				r.Fault("the field "+d.Name+" of "+typeName, "it is not on the screen of creation: its value goes into the description", "put it on the screen, or take it out of tracker.fields")
			}
		}
	}
}

func (j *Jira) tryLinks(ctx context.Context, r *adapters.Report, f *facts) {
	if f.sub.ID != "" {
		return
	}
	answer, err := get[struct {
		Types []struct {
			Name string `json:"name"`
		} `json:"issueLinkTypes"`
	}](ctx, j, "issueLinkType")
	if err != nil {
		r.Fault("the link types", err.Error(), "try again")
		return
	}
	var names []string
	for _, t := range answer.Types {
		names = append(names, t.Name)
	}
	if !slices.Contains(names, j.opt.LinkType) {
		r.Fault("the link type "+j.opt.LinkType, "Jira has none of that name; it has "+strings.Join(names, ", "), "choose one as tracker.link, or give the project a sub-task type")
	}
}

// tryStatuses holds the mapping against the statuses there are.
func (j *Jira) tryStatuses(r *adapters.Report, f *facts) {
	for _, s := range []tracker.Status{tracker.Open, tracker.Fixed, tracker.Closed} {
		for _, name := range j.opt.Statuses[s] {
			if !slices.ContainsFunc(f.statuses, func(is string) bool { return strings.EqualFold(is, name) }) && !f.elsewhere(name) {
				r.Fault("the status "+name, "the workflow of "+f.main.Name+" has none of that name; it has "+strings.Join(f.statuses, ", "), "correct tracker.statuses")
			}
		}
		if len(f.workflow.targets(s)) == 0 {
			r.Fault("the status "+string(s), "no status of Jira stands for it", "write one under tracker.statuses")
		}
		if w, other := f.others[f.sub.Name]; other && len(w.targets(s)) == 0 {
			r.Fault("the status "+string(s)+" of "+f.sub.Name, "no status of its workflow stands for it", "write one under tracker.statuses, beside that of "+f.main.Name)
		}
	}
}

// elsewhere tells that another type's workflow has a status.
func (f *facts) elsewhere(name string) bool {
	for _, w := range f.others {
		if _, has := w.of[strings.ToLower(name)]; has {
			return true
		}
	}
	return false
}

func (j *Jira) tryPriorities(r *adapters.Report, f *facts) {
	for _, name := range slices.Sorted(maps.Values(j.opt.Priorities)) {
		if !slices.Contains(f.priorities, name) {
			r.Fault("the priority "+name, "Jira has none of that name; it has "+strings.Join(f.priorities, ", "), "correct tracker.priorities")
		}
	}
}

func (j *Jira) tryComponents(r *adapters.Report, f *facts, wanted []string) {
	_, fallback := f.component(j.opt.Component)
	if j.opt.Component != "" && !fallback {
		r.Fault("the component "+j.opt.Component, "the project does not have it, so it cannot stand for unknown ones", "make it in Jira, or correct tracker.component")
	}
	for _, c := range wanted {
		if _, ok := f.component(c); !ok {
			instead := "tickets for it have none"
			if fallback {
				instead = "tickets for it get " + j.opt.Component
			}
			r.Fault("the component "+c, "the know-how has it and the project does not: "+instead, "make it in Jira, under the project's components")
		}
	}
}

func (j *Jira) tryPeople(ctx context.Context, r *adapters.Report, f *facts, people []string) {
	for _, address := range people {
		called, err := j.who(ctx, f, address)
		if err == nil {
			err = j.assignable(ctx, f, called)
		}
		if err == nil && f.cloud() && strings.Contains(address, "@") { // works for as long as the profile shows it
			r.Fact("%s -> %s (write the account id as tracker: in the roster; it goes on working when the profile hides the address)", address, called)
		}
		if err != nil {
			r.Fault(address, err.Error(), "correct their tracker: in the roster (mail address, name on Data Center, account id on Cloud), and let them be assigned in the project")
		}
	}
}

// assignable tells whether somebody can have tickets.
func (j *Jira) assignable(ctx context.Context, f *facts, called string) error {
	query := url.Values{"project": {j.opt.Project}, "maxResults": {"50"}}
	query.Set(map[bool]string{true: "accountId", false: "username"}[f.cloud()], called)
	found, err := get[[]sdk.User](ctx, j, "user/assignable/search?"+query.Encode())
	if err != nil {
		return err
	}
	for _, u := range found {
		if f.cloud() && u.AccountID == called || !f.cloud() && strings.EqualFold(u.Name, called) {
			return nil
		}
	}
	return remote.Refused("Jira has nobody %s who can have tickets of %s", called, j.opt.Project)
}

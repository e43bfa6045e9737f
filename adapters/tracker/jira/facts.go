package jira

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/andygrunwald/go-jira"

	"tebiki/adapters/lanes"
	"tebiki/adapters/tracker/remote"
)

// keep is how long facts are believed.
const keep = time.Hour

// facts are what Jira says of itself and of the project.
type facts struct {
	server     serverInfo
	me         sdk.User
	zone       *time.Location
	main, sub  sdk.IssueType // sub is empty where there are no sub-tasks
	types      []sdk.IssueType
	components []string
	workflow   workflow             // of the main type
	others     map[string]*workflow // of types that have another one, by name
	statuses   []string             // of the main type
	priorities []string             // from the highest on
	fields     []fieldDef
	offset     time.Duration // how far Jira's clock is ahead of ours
	asked      time.Time
}

type serverInfo struct {
	Kind    string     `json:"deploymentType"` // "Cloud", else Data Center
	Version string     `json:"version"`
	Title   string     `json:"serverTitle"`
	Time    *stampTime `json:"serverTime"`
}

// fieldDef is a field of issues, system or custom.
type fieldDef struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Custom bool   `json:"custom"`
	Schema struct {
		Type  string `json:"type"`
		Items string `json:"items"`
	} `json:"schema"`
}

type projectInfo struct {
	Key        string          `json:"key"`
	Archived   bool            `json:"archived"`
	Types      []sdk.IssueType `json:"issueTypes"`
	Components []struct {
		Name string `json:"name"`
	} `json:"components"`
}

func (f *facts) cloud() bool { return f.server.Kind == "Cloud" }

// A keeper keeps the facts. One caller at a time asks for them.
type keeper struct {
	asking lanes.Lanes
	mu     sync.Mutex
	facts  *facts
}

func (k *keeper) get() *facts {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.facts
}

func (k *keeper) set(f *facts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.facts = f
}

// know gives the facts. When they cannot be asked for again the old ones are
// better than none.
func (j *Jira) know(ctx context.Context) (*facts, error) {
	if f := j.facts.get(); f.young() {
		return f, nil
	}
	unlock, err := j.facts.asking.Lock(ctx, "facts")
	if err != nil {
		return nil, err
	}
	defer unlock()
	old := j.facts.get()
	if old.young() {
		return old, nil
	}
	fresh, err := j.ask(ctx)
	switch {
	case err == nil:
		j.facts.set(fresh)
		return fresh, nil
	case old != nil:
		old = old.seemed(time.Now().Add(patience - keep))
		j.facts.set(old)
		return old, nil
	}
	return nil, err
}

// patience is how long facts that could not be asked for again are believed.
const patience = time.Minute

// seemed gives facts as if they had been asked for at another time.
func (f *facts) seemed(at time.Time) *facts {
	other := *f
	other.asked = at
	return &other
}

func (f *facts) young() bool { return f != nil && time.Since(f.asked) < keep }

// doubt lets the facts be asked for again: something did not fit them.
func (j *Jira) doubt() {
	if f := j.facts.get(); f != nil {
		j.facts.set(f.seemed(time.Time{}))
	}
}

func (j *Jira) ask(ctx context.Context) (*facts, error) {
	f := &facts{asked: time.Now()}
	var about projectInfo
	var statuses []typeStatuses
	var priorities []sdk.Priority
	for _, part := range []struct {
		path string
		into any
	}{
		{"serverInfo", &f.server}, {"myself", &f.me}, {j.projectPath(), &about},
		{j.projectPath() + "/statuses", &statuses}, {"priority", &priorities}, {"field", &f.fields},
	} {
		err := j.call(ctx, "GET", part.path, nil, part.into)
		if strings.HasPrefix(part.path, j.projectPath()) && outOfSight(err) {
			err = j.unseen(remote.Of(err))
		}
		if err != nil {
			return nil, err
		}
	}
	if f.server.Time != nil {
		f.offset = time.Until(f.server.Time.Time)
	}
	for _, p := range priorities {
		f.priorities = append(f.priorities, p.Name)
	}
	for _, c := range about.Components {
		f.components = append(f.components, c.Name)
	}
	var err error
	if f.zone, err = time.LoadLocation(f.me.TimeZone); err != nil || f.me.TimeZone == "" {
		return nil, remote.Later("Jira's user %s has the time zone %q, which is not known here: choose another one in the profile", f.me.DisplayName, f.me.TimeZone)
	}
	if err := j.chooseTypes(f, about.Types); err != nil {
		return nil, err
	}
	f.workflow, f.others = j.workflows(f.main.Name, statuses)
	for _, s := range statusesOf(statuses, f.main.Name) {
		f.statuses = append(f.statuses, s.Name)
	}
	return f, nil
}

func (j *Jira) chooseTypes(f *facts, types []sdk.IssueType) error {
	f.types = types
	pick := func(name string, sub bool) (sdk.IssueType, bool) {
		i := slices.IndexFunc(types, func(t sdk.IssueType) bool {
			return t.Subtask == sub && (name == "" || strings.EqualFold(t.Name, name))
		})
		if i < 0 {
			return sdk.IssueType{}, false
		}
		return types[i], true
	}
	var ok bool
	if f.main, ok = pick(j.opt.Type, false); !ok {
		return remote.Refused("the project %s has no issue type %q: it has %s", j.opt.Project, j.opt.Type, typeNames(types))
	}
	if f.sub, ok = pick(j.opt.SubType, true); !ok && j.opt.SubType != "" {
		return remote.Refused("the project %s has no sub-task type %q: it has %s", j.opt.Project, j.opt.SubType, typeNames(types))
	}
	return nil
}

func typeNames(types []sdk.IssueType) string {
	var all []string
	for _, t := range types {
		all = append(all, t.Name)
	}
	return strings.Join(all, ", ")
}

// field gives the definition of a field by its name.
func (f *facts) field(name string) (fieldDef, bool) {
	i := slices.IndexFunc(f.fields, func(d fieldDef) bool { return strings.EqualFold(d.Name, name) })
	if i < 0 {
		return fieldDef{}, false
	}
	return f.fields[i], true
}

// component gives a component as Jira spells it.
func (f *facts) component(name string) (string, bool) {
	i := slices.IndexFunc(f.components, func(c string) bool { return strings.EqualFold(c, name) })
	if i < 0 {
		return "", false
	}
	return f.components[i], true
}

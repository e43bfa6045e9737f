package redmine

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// A place is what must be known of a Redmine and its project to speak of
// tickets. It is read at the first use and again now and then; what it has
// read does not change.
type place struct {
	me         user
	project    project
	statuses   []status
	priorities []priority
	read       time.Time

	fixed []ref // statuses that count as Fixed
	want  map[tracker.Status][]string
	order map[tracker.Priority]int // ids of priorities

	mu      sync.Mutex
	custom  map[customKey]int // ids of custom fields
	labeled map[int]bool      // trackers in whose issues the label's field held a label
}

// customKey is a custom field of a tracker's issues, by its name in lower
// case.
type customKey struct {
	tracker int
	name    string
}

type user struct {
	ID          int          `json:"id"`
	Login       string       `json:"login"`
	Admin       bool         `json:"admin"`
	Memberships []membership `json:"memberships"`
}

type membership struct {
	Project ref   `json:"project"`
	User    ref   `json:"user"`
	Group   ref   `json:"group"`
	Roles   []ref `json:"roles"`
}

type project struct {
	ref
	Status     int   `json:"status"`
	Trackers   []ref `json:"trackers"`
	Categories []ref `json:"issue_categories"`
	Custom     []ref `json:"issue_custom_fields"`
}

// The states of a project.
const (
	projectActive   = 1
	projectClosed   = 5
	projectArchived = 9
)

type status struct {
	ref
	Closed bool `json:"is_closed"`
}

type priority struct {
	ref
	Default bool  `json:"is_default"`
	Active  *bool `json:"active"` // older Redmines do not say
}

// How long a place is believed: what was not found in it is looked for anew
// after the second.
const (
	placeAge = time.Hour
	placeMin = 30 * time.Second
)

// here gives the place, read anew when it is old.
func (r *Redmine) here(ctx context.Context) (*place, error) { return r.placeSince(ctx, placeAge) }

// fresh gives a place that was read a moment ago: something was not found in
// an older one.
func (r *Redmine) fresh(ctx context.Context) (*place, error) { return r.placeSince(ctx, placeMin) }

func (r *Redmine) placeSince(ctx context.Context, age time.Duration) (*place, error) {
	if p := r.known(age); p != nil {
		return p, nil
	}
	unlock, err := r.loading.Lock(ctx, "place")
	if err != nil {
		return nil, err
	}
	defer unlock()
	if p := r.known(age); p != nil {
		return p, nil
	}
	p, err := r.readPlace(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.place != nil && r.place.project.ID == p.project.ID {
		p.custom, p.labeled = r.place.learned()
	}
	r.place = p
	return p, nil
}

func (r *Redmine) known(age time.Duration) *place {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.place == nil || time.Since(r.place.read) > age {
		return nil
	}
	return r.place
}

// whoAmI asks whose key it is. A Redmine shows public projects to anybody, so
// that a key which is no longer taken would go unnoticed.
func (r *Redmine) whoAmI(ctx context.Context) (user, error) {
	var got struct {
		User user `json:"user"`
	}
	err := r.get(ctx, "/users/current.json", url.Values{"include": {"memberships"}}, &got)
	return got.User, err
}

func (r *Redmine) readProject(ctx context.Context) (project, error) {
	var got struct {
		Project project `json:"project"`
	}
	err := r.get(ctx, "/projects/"+r.opt.Project+".json", url.Values{"include": {"trackers,issue_categories,issue_custom_fields"}}, &got)
	if remote.Is(err, 404) {
		f := *remote.Of(err)
		f.Code, f.What = adapters.Denied, fmt.Sprintf("Redmine shows no project %q: compare its identifier with the project's address, and make the key's user a member", r.opt.Project)
		return project{}, &f
	}
	return got.Project, err
}

func (r *Redmine) readPlace(ctx context.Context) (*place, error) {
	p := &place{read: time.Now(), custom: map[customKey]int{}, labeled: map[int]bool{}}
	var err error
	if p.me, err = r.whoAmI(ctx); err != nil {
		return nil, err
	}
	if p.project, err = r.readProject(ctx); err != nil {
		return nil, err
	}
	var statuses struct {
		All []status `json:"issue_statuses"`
	}
	if err := r.get(ctx, "/issue_statuses.json", nil, &statuses); err != nil {
		return nil, err
	}
	var priorities struct {
		All []priority `json:"issue_priorities"`
	}
	if err := r.get(ctx, "/enumerations/issue_priorities.json", nil, &priorities); err != nil {
		return nil, err
	}
	p.statuses, p.priorities = statuses.All, priorities.All
	p.mapStatuses(r.opt.Statuses)
	p.mapPriorities(r.opt.Priorities)
	return p, nil
}

// named finds a name among refs, in upper or lower case when not as it is.
func named(all []ref, name string) (ref, bool) {
	i := slices.IndexFunc(all, func(a ref) bool { return a.Name == name })
	if i < 0 {
		i = slices.IndexFunc(all, func(a ref) bool { return strings.EqualFold(strings.TrimSpace(a.Name), strings.TrimSpace(name)) })
	}
	if i < 0 {
		return ref{}, false
	}
	return all[i], true
}

func names(all []ref) string {
	out := make([]string, len(all))
	for i, a := range all {
		out[i] = strconv.Quote(a.Name)
	}
	return strings.Join(out, ", ")
}

// kind is the tracker of a ticket or sub-ticket.
func (r *Redmine) kind(p *place, sub bool) (ref, error) {
	name := r.opt.TicketType
	if sub {
		name = r.opt.SubticketType
	}
	switch {
	case len(p.project.Trackers) == 0:
		return ref{}, remote.Refused("the project %q has no tracker: switch its issues on, and choose trackers in its settings", r.opt.Project)
	case name == "":
		return p.project.Trackers[0], nil
	}
	if kind, ok := named(p.project.Trackers, name); ok {
		return kind, nil
	}
	return ref{}, remote.Refused("the project %q has no tracker %q: it has %s", r.opt.Project, name, names(p.project.Trackers))
}

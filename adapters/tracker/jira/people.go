package jira

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/andygrunwald/go-jira"

	"tebiki/adapters/tracker/remote"
	"tebiki/store"
)

const personBucket = "jira.person"

// person is who somebody of the roster is in Jira. The roster may name them
// by what Data Center calls a name, which may change, by Cloud's account id,
// or by a mail address, which Cloud may hide; ID stays what it is.
type person struct {
	ID   string `json:"id"`             // key on Data Center, account id on Cloud
	Name string `json:"name,omitempty"` // on Data Center
}

// people knows both ways: the roster's name of somebody, and Jira's.
type people struct {
	mu     sync.Mutex
	roster []string
	loaded bool
	known  map[string]person    // by the roster's name
	names  map[string]string    // by ID: the roster's name
	at     map[string]time.Time // by mail address: when it was searched for
}

func (p *people) init(roster []string) {
	p.roster, p.known, p.names, p.at = roster, map[string]person{}, map[string]string{}, map[string]time.Time{}
}

// meet gives what a user of an answer is called here, and learns who they are.
func (j *Jira) meet(ctx context.Context, f *facts, u *sdk.User) (string, error) {
	if u == nil {
		return "", nil
	}
	is := f.person(u)
	if err := j.loadPeople(ctx); err != nil {
		return "", err
	}
	p := &j.people
	p.mu.Lock()
	name, known := p.names[is.ID]
	fresh := !known || p.known[name] != is
	if !known {
		name = p.match(is, u.EmailAddress)
	}
	if fresh && name != "" && is.ID != "" {
		p.known[name], p.names[is.ID] = is, name
	}
	p.mu.Unlock()
	if name == "" {
		return is.called(), nil
	}
	if fresh && is.ID != "" {
		return name, j.keepPerson(ctx, name, is)
	}
	return name, nil
}

// person gives who a user of an answer is.
func (f *facts) person(u *sdk.User) person {
	if f.cloud() {
		return person{ID: u.AccountID}
	}
	return person{ID: u.Key, Name: u.Name}
}

// match finds somebody of the roster; "" when Jira's user is none of them.
func (p *people) match(is person, mail string) string {
	i := slices.IndexFunc(p.roster, func(r string) bool {
		return r == is.ID || is.Name != "" && strings.EqualFold(r, is.Name) || mail != "" && strings.EqualFold(r, mail)
	})
	if i < 0 {
		return ""
	}
	return p.roster[i]
}

// called is what Jira calls a person.
func (p person) called() string {
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

// reference names a person in a request; without a name it is nobody.
func (f *facts) reference(called string) map[string]any {
	var who any
	if called != "" {
		who = called
	}
	if f.cloud() {
		return map[string]any{"accountId": who}
	}
	return map[string]any{"name": who}
}

// who gives what Jira calls somebody of the roster now.
func (j *Jira) who(ctx context.Context, f *facts, address string) (called string, err error) {
	if address == "" {
		return "", nil
	}
	if err := j.loadPeople(ctx); err != nil {
		return "", err
	}
	j.people.mu.Lock()
	is, known := j.people.known[address]
	j.people.mu.Unlock()
	switch {
	case known:
		return is.called(), nil
	case !strings.Contains(address, "@"):
		return address, nil
	}
	return j.byMail(ctx, f, address)
}

// byMail searches for somebody by mail address. Where the profile does not show
// it to our user Cloud may find nobody, or give who it is without the address;
// so of what it gives a single hit counts. An account id is found always.
func (j *Jira) byMail(ctx context.Context, f *facts, mail string) (string, error) {
	query := url.Values{"maxResults": {"10"}}
	query.Set(map[bool]string{true: "query", false: "username"}[f.cloud()], mail)
	found, err := get[[]sdk.User](ctx, j, "user/search?"+query.Encode())
	if remote.Is(err, 403) {
		return "", remote.Refused("Jira does not let our user search for %s: give it the global permission \"Browse users and groups\", or name people by what Jira calls them", mail)
	}
	if err != nil {
		return "", err
	}
	switch found = likeliest(found, mail); len(found) {
	case 0:
		return "", remote.Refused("Jira has no user with the mail address %s that our user can find", mail)
	case 1:
	default:
		return "", remote.Refused("Jira has %d users who may have the mail address %s: name them by what Jira calls them", len(found), mail)
	}
	is := f.person(&found[0])
	j.people.mu.Lock()
	was := j.people.known[mail]
	j.people.mu.Unlock()
	if was == is {
		return is.called(), nil
	}
	return is.called(), j.learn(ctx, mail, is)
}

// likeliest are those of the found who may be meant: not who shows another
// address; rather who shows this one than who hides theirs, and rather who can
// log in than who cannot any more.
func likeliest(found []sdk.User, mail string) []sdk.User {
	found = slices.DeleteFunc(found, func(u sdk.User) bool { return u.EmailAddress != "" && !strings.EqualFold(u.EmailAddress, mail) })
	for _, worse := range []func(sdk.User) bool{
		func(u sdk.User) bool { return u.EmailAddress == "" },
		func(u sdk.User) bool { return !u.Active },
	} {
		if better := slices.DeleteFunc(slices.Clone(found), worse); len(better) > 0 {
			found = better
		}
	}
	return found
}

// learn keeps who somebody is.
func (j *Jira) learn(ctx context.Context, address string, is person) error {
	j.people.mu.Lock()
	j.people.known[address], j.people.names[is.ID] = is, address
	j.people.mu.Unlock()
	return j.keepPerson(ctx, address, is)
}

// refind looks whether somebody is called otherwise by now, and tells that
// they are: Data Center's key stays, and so may a mail address.
func (j *Jira) refind(ctx context.Context, f *facts, address string) bool {
	j.people.mu.Lock()
	was, known := j.people.known[address]
	j.people.mu.Unlock()
	if !known {
		return false
	}
	if !f.cloud() && was.ID != "" {
		u, err := get[sdk.User](ctx, j, "user?"+url.Values{"key": {was.ID}}.Encode())
		if is := f.person(&u); err == nil && is.Name != "" {
			return is != was && j.learn(ctx, address, is) == nil
		}
	}
	if !strings.Contains(address, "@") {
		return false
	}
	called, err := j.byMail(ctx, f, address)
	return err == nil && called != was.called()
}

func (j *Jira) keepPerson(ctx context.Context, address string, is person) error {
	return j.opt.Store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error {
		return store.Put(tx, personBucket, j.scoped(address), 1, is)
	})
}

// loadPeople reads once what was learned before.
func (j *Jira) loadPeople(ctx context.Context) error {
	p := &j.people
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaded {
		return nil
	}
	err := j.opt.Store.View(ctx, func(tx store.Reader) error {
		for key, value := range tx.Scan(personBucket, j.scoped(""), j.scoped("\xff")) {
			address := strings.TrimPrefix(key, j.scoped(""))
			var is person
			if _, err := store.Decode(value, 1, &is); err != nil {
				return err
			}
			if slices.Contains(p.roster, address) {
				p.known[address], p.names[is.ID], p.at[address] = is, address, time.Now()
			}
		}
		return nil
	})
	p.loaded = err == nil
	return err
}

package jira

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"

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
	known  map[string]person // by the roster's name
	names  map[string]string // by ID: the roster's name
}

func (p *people) init(roster []string) {
	p.roster, p.known, p.names = roster, map[string]person{}, map[string]string{}
}

// meet gives what a user of an answer is called here, and learns who they are.
func (j *Jira) meet(ctx context.Context, f *facts, u *sdk.User) (string, error) {
	if u == nil {
		return "", nil
	}
	is := person{ID: u.Key, Name: u.Name}
	if f.cloud() {
		is = person{ID: u.AccountID}
	}
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

// byMail searches for somebody by mail address. Cloud finds by it even where
// it shows it to nobody, and then a single hit counts.
func (j *Jira) byMail(ctx context.Context, f *facts, mail string) (string, error) {
	query := url.Values{"maxResults": {"10"}}
	query.Set(map[bool]string{true: "query", false: "username"}[f.cloud()], mail)
	found, err := get[[]sdk.User](ctx, j, "user/search?"+query.Encode())
	if err != nil {
		return "", err
	}
	found = slices.DeleteFunc(found, func(u sdk.User) bool { return u.EmailAddress != "" && !strings.EqualFold(u.EmailAddress, mail) })
	if exact := slices.IndexFunc(found, func(u sdk.User) bool { return u.EmailAddress != "" }); exact >= 0 {
		found = found[exact : exact+1]
	}
	if len(found) != 1 {
		return "", remote.Refused("Jira has no user with the mail address %s that our user can find", mail)
	}
	is := person{ID: found[0].Key, Name: found[0].Name}
	if f.cloud() {
		is = person{ID: found[0].AccountID}
	}
	j.people.mu.Lock()
	j.people.known[mail], j.people.names[is.ID] = is, mail
	j.people.mu.Unlock()
	return is.called(), j.keepPerson(ctx, mail, is)
}

// forgetPerson lets somebody be searched for anew, and tells whether that may
// find somebody else.
func (j *Jira) forgetPerson(ctx context.Context, address string) bool {
	j.people.mu.Lock()
	is, known := j.people.known[address]
	delete(j.people.known, address)
	delete(j.people.names, is.ID)
	j.people.mu.Unlock()
	if !known {
		return false
	}
	err := j.opt.Store.Update(ctx, func(tx store.Writer) error { return tx.Delete(personBucket, j.scoped(address)) })
	return err == nil && strings.Contains(address, "@")
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
				p.known[address], p.names[is.ID] = is, address
			}
		}
		return nil
	})
	p.loaded = err == nil
	return err
}

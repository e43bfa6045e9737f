package redminetest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A Project is one test's own, with the bot and the people as members. It is
// public, as Redmine makes them: whoever has no key or a wrong one may read.
type Project struct {
	ID         int
	Identifier string
	Categories map[string]int // ids by name: the components

	server *Server
}

// Project makes a project with these categories.
func (s *Server) Project(t testing.TB, categories ...string) *Project {
	t.Helper()
	name := "t" + strings.ToLower(rand.Text()[:12])
	var got struct{ Project Ref }
	s.Admin(t).must(http.MethodPost, "/projects.json", Fields{"project": Fields{
		"name": name, "identifier": name, "enabled_module_names": []string{"issue_tracking"},
	}}, &got)
	p := &Project{ID: got.Project.ID, Identifier: name, Categories: map[string]int{}, server: s}
	p.join(t, s.Bot, s.seed.BotRole)
	for _, person := range s.People {
		p.join(t, person, s.seed.PeopleRole)
	}
	for _, c := range categories {
		p.Category(t, c, Person{})
	}
	return p
}

func (p *Project) path(rest string) string { return fmt.Sprintf("/projects/%d%s", p.ID, rest) }

func (p *Project) join(t testing.TB, who Person, role int) {
	t.Helper()
	p.server.Admin(t).must(http.MethodPost, p.path("/memberships.json"),
		Fields{"membership": Fields{"user_id": who.ID, "role_ids": []int{role}}}, nil)
}

// Leave ends a person's membership.
func (p *Project) Leave(t testing.TB, who Person) {
	t.Helper()
	admin := p.server.Admin(t)
	var got struct {
		Memberships []struct {
			ID   int
			User Ref
		}
	}
	admin.must(http.MethodGet, p.path("/memberships.json?limit=100"), nil, &got)
	for _, m := range got.Memberships {
		if m.User.ID == who.ID {
			admin.must(http.MethodDelete, fmt.Sprintf("/memberships/%d.json", m.ID), nil, nil)
		}
	}
}

// Category adds a category; its issues go to the assignee by themselves,
// unless that is nobody.
func (p *Project) Category(t testing.TB, name string, assignee Person) {
	t.Helper()
	f := Fields{"name": name}
	if assignee.ID != 0 {
		f["assigned_to_id"] = assignee.ID
	}
	var got struct {
		Category Ref `json:"issue_category"`
	}
	p.server.Admin(t).must(http.MethodPost, p.path("/issue_categories.json"), Fields{"issue_category": f}, &got)
	p.Categories[name] = got.Category.ID
}

// Newcomer is a member whom no other test knows, to be locked or renamed.
func (p *Project) Newcomer(t testing.TB) Person {
	t.Helper()
	who := p.Outsider(t)
	p.join(t, who, p.server.seed.PeopleRole)
	return who
}

// Outsider is a new user who is no member.
func (p *Project) Outsider(t testing.TB) Person {
	t.Helper()
	login := "n" + strings.ToLower(rand.Text()[:12])
	var got struct {
		User struct {
			ID  int
			Key string `json:"api_key"`
		}
	}
	p.server.Admin(t).must(http.MethodPost, "/users.json", Fields{"user": Fields{
		"login": login, "firstname": "New", "lastname": "Comer", "mail": login + "@example.com", "generate_password": true,
	}}, &got)
	return Person{ID: got.User.ID, Login: login, Mail: login + "@example.com", Name: "New Comer", Key: got.User.Key}
}

// Update changes the project's fields, "is_public" for one.
func (p *Project) Update(t testing.TB, f Fields) {
	t.Helper()
	p.server.Admin(t).must(http.MethodPut, p.path(".json"), Fields{"project": f}, nil)
}

// Close makes the project read-only.
func (p *Project) Close(t testing.TB) {
	t.Helper()
	p.server.Admin(t).must(http.MethodPut, p.path("/close.json"), nil, nil)
}

// Archive hides the project from everybody.
func (p *Project) Archive(t testing.TB) {
	t.Helper()
	p.server.Admin(t).must(http.MethodPut, p.path("/archive.json"), nil, nil)
}

// Remove deletes the project with all that is in it.
func (p *Project) Remove(t testing.TB) {
	t.Helper()
	p.server.Admin(t).must(http.MethodDelete, p.path(".json"), nil, nil)
}

package jiratest

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// A User is somebody with an account. Data Center knows people by Name, which
// may change, and Key, which does not; Cloud by AccountID. What is empty is
// made up.
type User struct {
	Name         string
	Key          string
	AccountID    string
	Email        string
	HideEmail    bool // Cloud: the profile does not show it
	DisplayName  string
	Zone         string // of the profile
	Inactive     bool
	Unassignable bool
}

// with gives u with what is set in other.
func (u User) with(other User) User {
	return User{
		Name: cmp.Or(other.Name, u.Name), Key: cmp.Or(other.Key, u.Key), AccountID: cmp.Or(other.AccountID, u.AccountID),
		Email: cmp.Or(other.Email, u.Email), DisplayName: cmp.Or(other.DisplayName, u.DisplayName), Zone: cmp.Or(other.Zone, u.Zone),
		HideEmail: other.HideEmail, Inactive: other.Inactive, Unassignable: other.Unassignable,
	}
}

// addUser keeps a user. The lock is held, or nobody else is there yet.
func (j *Jira) addUser(u User) *User {
	n := j.next("user")
	made := User{
		Name: fmt.Sprintf("user%d", n), Key: fmt.Sprintf("JIRAUSER%d", n), AccountID: fmt.Sprintf("557058:%d", n), Zone: "Asia/Tokyo",
	}.with(u)
	made.Email = cmp.Or(made.Email, made.Name+"@example.com")
	made.DisplayName = cmp.Or(made.DisplayName, made.Name)
	j.users = append(j.users, &made)
	return &made
}

// id is what this kind of Jira keeps for a user.
func (j *Jira) id(u *User) string {
	if j.cloud() {
		return u.AccountID
	}
	return u.Key
}

// user gives the one with an id, nil for "" and for nobody.
func (j *Jira) user(id string) *User {
	i := slices.IndexFunc(j.users, func(u *User) bool { return j.id(u) == id })
	if i < 0 {
		return nil
	}
	return j.users[i]
}

// named gives the user whom a request names: by name on Data Center, by
// account id on Cloud.
func (j *Jira) named(name string) *User {
	i := slices.IndexFunc(j.users, func(u *User) bool {
		return j.cloud() && u.AccountID == name || !j.cloud() && strings.EqualFold(u.Name, name)
	})
	if i < 0 {
		return nil
	}
	return j.users[i]
}

func (j *Jira) userJSON(u *User) any {
	if u == nil {
		return nil
	}
	o := obj{"displayName": u.DisplayName, "active": !u.Inactive, "timeZone": u.Zone, "avatarUrls": obj{"48x48": j.base + "/avatar"}}
	if !u.HideEmail || !j.cloud() {
		o["emailAddress"] = u.Email
	}
	if j.cloud() {
		o["accountId"], o["accountType"] = u.AccountID, "atlassian"
		o["self"] = j.self("user?accountId=" + url.QueryEscape(u.AccountID))
		return o
	}
	o["name"], o["key"] = u.Name, u.Key
	o["self"] = j.self("user?username=" + url.QueryEscape(u.Name))
	return o
}

// getUser shows one: Data Center's by name or key, Cloud's by account id.
func (j *Jira) getUser(c *call) (int, any, error) {
	u := j.named(c.text("username"))
	if j.cloud() {
		u = j.named(c.text("accountId"))
	} else if key := c.text("key"); key != "" {
		u = j.user(key)
	}
	if u == nil {
		return 0, nil, refuse(404, "The user named '%s' does not exist", c.text("username")+c.text("key")+c.text("accountId"))
	}
	return 200, j.userJSON(u), nil
}

func (j *Jira) searchUsers(c *call) (int, any, error) {
	words, err := j.userQuery(c)
	if err != nil {
		return 0, nil, err
	}
	if !j.may("USER_PICKER") {
		return j.noUserPicker()
	}
	return j.userPage(c, func(u *User) bool { return j.hit(u, words) && (j.cloud() || !u.Inactive || c.flag("includeInactive")) })
}

func (j *Jira) noUserPicker() (int, any, error) {
	if j.cloud() {
		return 200, []any{}, nil
	}
	return 0, nil, refuse(403, "You do not have the permission to browse users.")
}

func (j *Jira) searchAssignable(c *call) (int, any, error) {
	if c.text("project") == "" && c.text("issueKey") == "" {
		return 0, nil, refuse(400, "Either the 'project' or the 'issueKey' query parameter must be provided.")
	}
	if p := c.text("project"); p != "" && j.project(p) == nil {
		return 0, nil, refuse(404, "No project could be found with key '%s'.", p)
	}
	if k := c.text("issueKey"); k != "" && j.issue(k) == nil {
		return 0, nil, j.notFound()
	}
	return j.userPage(c, func(u *User) bool {
		return j.assignable(u) && (c.userWords(j) == "" || j.hit(u, c.userWords(j)))
	})
}

func (c *call) userWords(j *Jira) string {
	if j.cloud() {
		return c.text("query") + c.text("accountId")
	}
	return c.text("username")
}

// userQuery gives what is searched for.
func (j *Jira) userQuery(c *call) (string, error) {
	if j.cloud() && c.text("username") != "" {
		return "", refuse(400, "The query parameter 'username' is not supported in GDPR strict mode.")
	}
	words := c.userWords(j)
	if words != "" {
		return words, nil
	}
	if j.cloud() {
		return "", refuse(400, "The 'query' query parameter must be provided.")
	}
	return "", refuse(400, "The username query parameter was not provided")
}

// hit tells whether a user is found by words: the beginning of the name, of
// the mail address where it is shown, or of a word of the displayed name. "."
// finds everybody on Data Center.
func (j *Jira) hit(u *User, words string) bool {
	words = strings.ToLower(words)
	fields := []string{u.DisplayName, u.Email}
	switch {
	case j.cloud() && u.HideEmail:
		fields = []string{u.DisplayName, u.AccountID}
	case j.cloud():
		fields = append(fields, u.AccountID)
	case words == ".":
		return true
	default:
		fields = append(fields, u.Name)
	}
	fields = append(fields, strings.Fields(u.DisplayName)...)
	return slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(strings.ToLower(f), words) })
}

func (j *Jira) assignable(u *User) bool { return u != nil && !u.Inactive && !u.Unassignable }

func (j *Jira) userPage(c *call, wanted func(*User) bool) (int, any, error) {
	start, limit, err := c.page(50, 1000)
	if err != nil {
		return 0, nil, err
	}
	found := []any{}
	for _, u := range j.users {
		if wanted(u) {
			found = append(found, j.userJSON(u))
		}
	}
	return 200, window(found, start, limit), nil
}

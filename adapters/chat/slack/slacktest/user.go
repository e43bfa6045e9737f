package slacktest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// laterTS compares two times as Slack writes them, with as many digits as
// they have.
func laterTS(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX != nil || errY != nil {
		return a > b
	}
	if x != y {
		return x > y
	}
	return len(a) == len(b) && a > b // a float holds just the microseconds
}

func (ws *Workspace) usersInfo(c *call) (obj, error) {
	u := ws.people[c.text("user")]
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return obj{"user": ws.userJSON(c, u)}, nil
}

// usersLookupByEmail finds nobody whose account has ended, as at Slack.
func (ws *Workspace) usersLookupByEmail(c *call) (obj, error) {
	email := c.text("email")
	if email == "" {
		return nil, refuse("invalid_arguments")
	}
	for _, u := range ws.people {
		if strings.EqualFold(u.Email, email) && !u.Deactivated {
			return obj{"user": ws.userJSON(c, u)}, nil
		}
	}
	return nil, refuse("users_not_found")
}

func (ws *Workspace) usersList(c *call) (obj, error) {
	all := []any{}
	for _, id := range slices.Sorted(maps.Keys(ws.people)) {
		all = append(all, ws.userJSON(c, ws.people[id]))
	}
	answer, err := paged(c, "members", all, 1000, 1000)
	if err != nil {
		return nil, err
	}
	delete(answer, "has_more")
	answer["cache_ts"] = 1
	return answer, nil
}

func (ws *Workspace) userJSON(c *call, u *User) obj {
	profile := obj{"real_name": u.RealName, "display_name": u.Name, "team": TeamID}
	if u.Email != "" && slices.Contains(ws.scopes, "users:read.email") {
		profile["email"] = u.Email
	}
	o := obj{
		"id": u.ID, "team_id": TeamID, "name": u.Name, "deleted": u.Deactivated, "real_name": u.RealName,
		"tz": u.TZ, "profile": profile, "is_bot": u.Bot, "is_app_user": false, "updated": 1,
	}
	if c.flag("include_locale") {
		o["locale"] = u.Locale
	}
	return o
}

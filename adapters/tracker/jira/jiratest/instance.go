package jiratest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Priority of an issue.
type Priority struct{ ID, Name string }

// A LinkType is a relation of two issues, read from either end.
type LinkType struct{ ID, Name, Inward, Outward string }

func defaultPriorities() []Priority {
	return prioritiesOf([]string{"Highest", "High", "Medium", "Low", "Lowest"})
}

func prioritiesOf(names []string) (all []Priority) {
	for i, name := range names {
		all = append(all, Priority{strconv.Itoa(i + 1), name})
	}
	return all
}

func defaultLinkTypes() []LinkType {
	return []LinkType{
		{"10000", "Blocks", "is blocked by", "blocks"}, {"10001", "Cloners", "is cloned by", "clones"},
		{"10002", "Duplicate", "is duplicated by", "duplicates"}, {"10003", "Relates", "relates to", "relates to"},
	}
}

// stamp writes a time as Jira does: Data Center in the server's zone (UTC
// here), Cloud in the zone of the asking user.
func (j *Jira) stamp(t time.Time) string {
	zone := time.UTC
	if j.cloud() {
		zone = j.zone()
	}
	return t.In(zone).Format("2006-01-02T15:04:05.000-0700")
}

// zone is the asking user's.
func (j *Jira) zone() *time.Location {
	zone, err := time.LoadLocation(j.me.Zone)
	if err != nil {
		j.tb.Errorf("the zone %q of the asking user: %v", j.me.Zone, err)
		return time.UTC
	}
	return zone
}

func (j *Jira) getServerInfo(*call) (int, any, error) {
	numbers := []int{}
	for part := range strings.SplitSeq(strings.TrimSuffix(j.version, "-SNAPSHOT"), ".") {
		n, _ := strconv.Atoi(part) // what is no number counts as 0
		numbers = append(numbers, n)
	}
	return 200, obj{
		"baseUrl": j.base, "version": j.version, "versionNumbers": numbers, "deploymentType": string(j.kind),
		"buildNumber": 100300, "buildDate": j.stamp(time.Date(2025, 1, 20, 0, 0, 0, 0, time.UTC)),
		"serverTime": j.stamp(j.time()), "scmInfo": "jiratest", "serverTitle": "Jira",
	}, nil
}

func (j *Jira) getMyself(*call) (int, any, error) { return 200, j.userJSON(j.me), nil }

// permission is one that this package knows.
type permission struct{ key, name string }

func permissions() []permission {
	return []permission{
		{"BROWSE_PROJECTS", "Browse Projects"}, {"CREATE_ISSUES", "Create Issues"}, {"EDIT_ISSUES", "Edit Issues"},
		{"ASSIGN_ISSUES", "Assign Issues"}, {"ASSIGNABLE_USER", "Assignable User"}, {"TRANSITION_ISSUES", "Transition Issues"},
		{"RESOLVE_ISSUES", "Resolve Issues"}, {"CLOSE_ISSUES", "Close Issues"}, {"LINK_ISSUES", "Link Issues"},
		{"ADD_COMMENTS", "Add Comments"}, {"DELETE_ISSUES", "Delete Issues"}, {"MODIFY_REPORTER", "Modify Reporter"},
		{"MOVE_ISSUES", "Move Issues"}, {"USER_PICKER", "Browse users and groups"},
	}
}

func (j *Jira) may(permission string) bool { return !j.denied[permission] }

func (j *Jira) getMyPermissions(c *call) (int, any, error) {
	asked := c.list("permissions")
	if j.cloud() && len(asked) == 0 {
		return 0, nil, refuse(400, "The 'permissions' query parameter is required.")
	}
	if err := j.permissionContext(c); err != nil {
		return 0, nil, err
	}
	found := obj{}
	for n, p := range permissions() {
		kind := "PROJECT"
		if p.key == "USER_PICKER" {
			kind = "GLOBAL"
		}
		if !j.cloud() || slices.Contains(asked, p.key) {
			found[p.key] = obj{"id": strconv.Itoa(n + 10), "key": p.key, "name": p.name, "type": kind, "description": "", "havePermission": j.may(p.key)}
		}
	}
	for _, key := range asked {
		if j.cloud() && found[key] == nil {
			return 0, nil, refuse(400, "Unrecognized permission: %s", key)
		}
	}
	return 200, obj{"permissions": found}, nil
}

func (j *Jira) permissionContext(c *call) error {
	if key := c.text("projectKey") + c.text("projectId"); key != "" && j.project(key) == nil {
		_, err := j.wantProject(key)
		return err
	}
	if key := c.text("issueKey") + c.text("issueId"); key != "" && j.issue(key) == nil {
		return j.notFound()
	}
	return nil
}

func (j *Jira) getPriorities(*call) (int, any, error) {
	all := []any{}
	for _, p := range j.priorities {
		all = append(all, j.priorityJSON(p))
	}
	return 200, all, nil
}

func (j *Jira) priorityJSON(p Priority) obj {
	return obj{"self": j.self("priority/" + p.ID), "id": p.ID, "name": p.Name, "iconUrl": j.base + "/priority.svg"}
}

func (j *Jira) resolutionJSON(name string) any {
	id := strconv.Itoa(slices.Index(resolutions, name) + 1)
	return obj{"self": j.self("resolution/" + id), "id": id, "name": name, "description": ""}
}

func (f Field) optionJSON(value string) obj {
	return obj{"id": fmt.Sprint(10100 + slices.Index(f.Options, value)), "value": value}
}

func (j *Jira) getLinkTypes(*call) (int, any, error) {
	all := []any{}
	for _, t := range j.linkTypes {
		all = append(all, j.linkTypeJSON(t))
	}
	return 200, obj{"issueLinkTypes": all}, nil
}

func (j *Jira) linkTypeJSON(t LinkType) obj {
	return obj{"self": j.self("issueLinkType/" + t.ID), "id": t.ID, "name": t.Name, "inward": t.Inward, "outward": t.Outward}
}

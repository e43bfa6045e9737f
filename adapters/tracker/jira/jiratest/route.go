package jiratest

import (
	"net/http"

	"tebiki/adapters/fake"
)

// An endpoint answers one method at one path; "*" is a variable part.
type endpoint struct {
	method string
	path   string
	run    func(*Jira, *call) (status int, answer any, err error)
	public bool // without credentials too
}

func endpoints() []endpoint {
	return []endpoint{
		{"GET", "serverInfo", (*Jira).getServerInfo, true},
		{"GET", "myself", (*Jira).getMyself, false},
		{"GET", "mypermissions", (*Jira).getMyPermissions, false},
		{"GET", "field", (*Jira).getFields, false},
		{"GET", "status", (*Jira).getStatuses, false},
		{"GET", "priority", (*Jira).getPriorities, false},
		{"GET", "project/*", (*Jira).getProject, false},
		{"GET", "project/*/statuses", (*Jira).getProjectStatuses, false},
		{"GET", "project/*/components", (*Jira).getComponents, false},
		{"GET", "issue/createmeta/*/issuetypes", (*Jira).getCreateTypes, false},
		{"GET", "issue/createmeta/*/issuetypes/*", (*Jira).getCreateFields, false},
		{"POST", "issue", (*Jira).postIssue, false},
		{"GET", "issue/*", (*Jira).getIssue, false},
		{"PUT", "issue/*", (*Jira).putIssue, false},
		{"DELETE", "issue/*", (*Jira).deleteIssue, false},
		{"PUT", "issue/*/assignee", (*Jira).putAssignee, false},
		{"GET", "issue/*/comment", (*Jira).getComments, false},
		{"POST", "issue/*/comment", (*Jira).postComment, false},
		{"GET", "issue/*/properties/*", (*Jira).getProperty, false},
		{"PUT", "issue/*/properties/*", (*Jira).putProperty, false},
		{"GET", "issue/*/transitions", (*Jira).getTransitions, false},
		{"POST", "issue/*/transitions", (*Jira).postTransition, false},
		{"GET", "issue/*/remotelink", (*Jira).getRemoteLinks, false},
		{"POST", "issue/*/remotelink", (*Jira).postRemoteLink, false},
		{"POST", "issueLink", (*Jira).postLink, false},
		{"GET", "issueLinkType", (*Jira).getLinkTypes, false},
		{"GET", "search", (*Jira).search, false},
		{"POST", "search", (*Jira).search, false},
		{"GET", "search/jql", (*Jira).searchJQL, false},
		{"POST", "search/jql", (*Jira).searchJQL, false},
		{"GET", "user", (*Jira).getUser, false},
		{"GET", "user/search", (*Jira).searchUsers, false},
		{"GET", "user/assignable/search", (*Jira).searchAssignable, false},
	}
}

// find gives the endpoint of a request and the variable parts of its path, or
// the status that says why there is none.
func find(method, path string) (endpoint, []string, int) {
	status := http.StatusNotFound
	for _, e := range endpoints() {
		parts, ok := fake.Route(e.path, path)
		if ok && e.method == method {
			return e, parts, http.StatusOK
		}
		if ok {
			status = http.StatusMethodNotAllowed
		}
	}
	return endpoint{}, nil, status
}

// Package redminetest runs Debian's Redmine for tests: the real one, with a
// database, a folder and a port of its own.
//
// The first start on a machine makes a template (migrations, default data and
// seed.rb) in the user's cache directory, named for the package's version and
// the seed; each start copies it and runs puma, which dies with the test
// binary. Measured on two cores: the first start 8 s, each later one 2.2 s.
// Tests that share a server by Shared keep apart by a Project each, which
// takes 0.1 s. Without the package tests skip; with CI set they fail.
//
// # What Redmine 5.0.4 does
//
// Seen in the running program, and most of it held by this package's tests.
//
// Finding. Filters are those of the issue list and only open issues are
// listed without status_id=* . subject=~A B finds each word as a part, in any
// case, with no wildcards; subject=X is equality, ^X a beginning. issue_id
// takes a list, of which unknown ids are left out, and is refused with 422
// when one is no number. cf_ID=X is equality, case counts. parent_id=N finds
// children, parent_id=~N all descendants. description=~X works. Unknown
// filters and sort columns are ignored, so a misspelt filter finds everything. An
// unknown project_id is 404, another fault in a value 422. updated_on takes
// >=, <= and ><A|B with days or whole seconds in UTC ("2026-11-25T10:00:00Z"):
// a fraction or an offset is 422, and characters such as > and | must be
// escaped (a raw one is a 400 without a body). The database keeps fractions of
// seconds that the API does not show: >=S finds what is later than S-1s, and
// <=S not what is within S. issue_id takes >= and <=, status_id a list with |,
// author_id me; subproject_id=!* leaves out the issues of subprojects, which are
// listed otherwise. A page has 25, at most 100
// without a word; limit=0 is 25; offset beyond the end is an empty list.
// include=relations works on lists; journals and children come with one issue
// only, and a child has no more than id, tracker and subject.
//
// Writing. POST gives the issue as it became, PUT 204 and no body, also when
// nothing was changed, which makes no journal either. Ignored without a word:
// an unknown tracker or status, a status that the workflow does not have from
// here, any status at creation that the tracker does not begin with, closing
// a parent whose children are open, opening a child whose parent is closed,
// author_id, an unknown custom field, a parent's derived priority and
// progress. allowed_statuses (include, one issue) lists what is possible, for
// a parent with open children without the closed ones. Refused with 422 and
// sentences in the user's language: an empty subject, one above 255
// characters, an unknown category, priority, parent or assignee, an assignee
// who is locked or no member. A stale lock_version is 422 with no errors. An
// unknown, closed, archived or invisible project is, on creation, "Project cannot be
// blank" with two more. Broken JSON is a 400 with an empty body called
// text/html. The author may be assigned whatever the role says. A subject
// keeps line ends and leading spaces; a description, but no note, gets CR LF.
//
// A child's creation, leaving and deletion are journals of the parent
// (child_id), and change its updated_on. Deleting deletes the descendants;
// moving moves them, and drops the category.
//
// Refusals. 404 and 403 have no body: an issue that was deleted is 404; one in
// an archived project, or moved to where one may not look, 403. A closed
// project reads, writes are 403. Lists leave out what is not visible. A wrong
// key is 401 on a write and at /users/current.json, and reads what is public.
//
// Rights. /users.json and /custom_fields.json need an administrator, and
// /projects/ID/issue_categories.json a right to manage them: take
// /projects/ID.json?include=trackers,issue_categories instead, and a field's
// id from custom_fields of any issue (issue_custom_fields of a project leaves
// out those that are for all). /projects/ID/memberships.json is readable, in
// pages, with ids and names, locked users included. /users/ID.json shows the
// login, the mail only to administrators; a locked user is 404. All may
// read /issue_statuses.json (is_closed), /trackers.json (default_status),
// /enumerations/issue_priorities.json and /roles.json.
//
// X-Redmine-Switch-User takes a login from an administrator: an unknown one is
// 412, and from anybody else the header is ignored.
//
// Answers have no Date: puma sends none, a web server before it does. SQLite
// gives the number of the last issue again when that one was deleted.
//
// Answers carry a weak ETag; with If-None-Match the same again is a 304, on
// lists too, after Redmine has done all the work.
package redminetest

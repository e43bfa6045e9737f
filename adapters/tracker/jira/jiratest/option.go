package jiratest

import "time"

// An Option sets how an instance is.
type Option func(*Jira, *settings)

// settings are what New makes an instance from.
type settings struct {
	me       User
	users    []User
	projects []Project
	fields   []Field
	network  bool
}

// WithoutNetwork listens at no socket: the instance is reached through
// HTTPClient only, which a bubble of testing/synctest allows.
func WithoutNetwork() Option { return func(_ *Jira, s *settings) { s.network = false } }

// WithNow gives the instance a clock, which may differ from the test's.
func WithNow(now func() time.Time) Option { return func(j *Jira, _ *settings) { j.now = now } }

// WithLag lets the search index know a change only after lag.
func WithLag(lag time.Duration) Option { return func(j *Jira, _ *settings) { j.lag = lag } }

// WithSteadyIndex measures the index's lag on the test's clock, however the
// instance's jumps.
func WithSteadyIndex() Option { return func(j *Jira, _ *settings) { j.indexNow = time.Now } }

// WithMaxPage is how many issues a page of a search holds at most.
func WithMaxPage(n int) Option { return func(j *Jira, _ *settings) { j.maxPage = n } }

// WithVersion is what serverInfo says.
func WithVersion(v string) Option { return func(j *Jira, _ *settings) { j.version = v } }

// WithoutRecord keeps no requests, for benchmarks.
func WithoutRecord() Option { return func(j *Jira, _ *settings) { j.record = false } }

// WithMe is the user whose token is used; what is empty stays as it is.
func WithMe(u User) Option {
	return func(_ *Jira, s *settings) { s.me = s.me.with(u) }
}

// WithUsers are the people besides Me.
func WithUsers(users ...User) Option {
	return func(_ *Jira, s *settings) { s.users = append(s.users, users...) }
}

// WithProjects replaces the project OPS.
func WithProjects(projects ...Project) Option {
	return func(_ *Jira, s *settings) { s.projects = append(s.projects, projects...) }
}

// WithFields adds custom fields. A field with the id of a system field changes
// that one: whether it is required, or off the screen.
func WithFields(fields ...Field) Option {
	return func(_ *Jira, s *settings) { s.fields = append(s.fields, fields...) }
}

// WithPriorities replaces Jira's own five.
func WithPriorities(names ...string) Option {
	return func(j *Jira, _ *settings) { j.priorities = prioritiesOf(names) }
}

// WithLinkTypes replaces Jira's own four.
func WithLinkTypes(types ...LinkType) Option {
	return func(j *Jira, _ *settings) { j.linkTypes = types }
}

// WithoutPermissions takes permissions from Me, by their keys
// ("CREATE_ISSUES").
func WithoutPermissions(keys ...string) Option {
	return func(j *Jira, _ *settings) {
		for _, k := range keys {
			j.denied[k] = true
		}
	}
}

// WithWebhook delivers events from the beginning; see Deliver.
func WithWebhook(h Webhook) Option {
	return func(j *Jira, _ *settings) { j.hook = newHook(h) }
}

package slacktest

// An Option changes a workspace before it starts.
type Option func(*Workspace)

// WithPeople adds people.
func WithPeople(people ...User) Option {
	return func(ws *Workspace) { ws.AddPeople(people...) }
}

// WithChannels adds channels.
func WithChannels(channels ...Channel) Option {
	return func(ws *Workspace) { ws.AddChannels(channels...) }
}

// WithScopes gives the bot's token these scopes in place of BotScopes.
func WithScopes(scopes ...string) Option {
	return func(ws *Workspace) { ws.scopes = scopes }
}

// WithRates sets the rate limits; Rates{} switches them off.
func WithRates(r Rates) Option {
	return func(ws *Workspace) { ws.rates = r }
}

// WithTimings replaces those of Slack's timings that are not zero in t.
func WithTimings(t Timings) Option {
	return func(ws *Workspace) {
		replace(&ws.timings.Ack, t.Ack)
		replace(&ws.timings.Trigger, t.Trigger)
		replace(&ws.timings.ResponseURL, t.ResponseURL)
		replace(&ws.timings.Ping, t.Ping)
		replace(&ws.timings.Grace, t.Grace)
		if t.Retries != nil {
			ws.timings.Retries = t.Retries
		}
	}
}

// WithoutRecord keeps no requests and no envelopes, for tests so long that
// they would fill the memory.
func WithoutRecord() Option {
	return func(ws *Workspace) { ws.record = false }
}

func replace[T comparable](old *T, by T) {
	var zero T
	if by != zero {
		*old = by
	}
}

// BotScopes are all the scopes that the methods and events here ask for.
func BotScopes() []string {
	return []string{
		"app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.public",
		"commands", "groups:history", "groups:read", "im:history", "im:read", "im:write", "reactions:write",
		"users:read", "users:read.email",
	}
}

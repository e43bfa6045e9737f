package slacktest

import (
	"cmp"
	"slices"
	"strings"
)

// A User is an account of the workspace.
type User struct {
	ID, Name, RealName, Email string
	Locale                    string // "ja-JP"; empty is "en-US"
	TZ                        string // empty is "Asia/Tokyo"
	Deactivated, Bot          bool
}

// A Channel is a public or private channel, or a person's direct messages with
// the bot.
type Channel struct {
	ID, Name string
	Private  bool
	Archived bool
	Members  []string // ids; the bot is in it when BotUserID is
	with     string   // of a direct message: the person
}

// AddPeople adds people, or replaces those with the same id.
func (ws *Workspace) AddPeople(people ...User) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, u := range people {
		u.Name = cmp.Or(u.Name, strings.ToLower(u.ID))
		u.RealName, u.Locale, u.TZ = cmp.Or(u.RealName, u.Name), cmp.Or(u.Locale, "en-US"), cmp.Or(u.TZ, "Asia/Tokyo")
		ws.people[u.ID] = &u
	}
}

// AddChannels adds channels, or replaces those with the same id.
func (ws *Workspace) AddChannels(channels ...Channel) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, ch := range channels {
		ch.Name = cmp.Or(ch.Name, strings.ToLower(ch.ID))
		ch.Members = slices.Clone(ch.Members)
		ws.channels[ch.ID] = &ch
	}
}

// Deactivate ends somebody's account.
func (ws *Workspace) Deactivate(user string) {
	ws.setUser(user, func(u *User) { u.Deactivated = true })
}

// Reactivate gives it back.
func (ws *Workspace) Reactivate(user string) {
	ws.setUser(user, func(u *User) { u.Deactivated = false })
}

// Archive closes a channel to messages.
func (ws *Workspace) Archive(channel string) {
	ws.setChannel(channel, func(ch *Channel) { ch.Archived = true })
}

// Unarchive opens it again, without the bot: Slack does not put it back.
func (ws *Workspace) Unarchive(channel string) {
	ws.setChannel(channel, func(ch *Channel) { ch.Archived = false; ch.leave(BotUserID) })
}

// Expire takes all messages out of a channel, as a workspace does that keeps
// them for a time only.
func (ws *Workspace) Expire(channel string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.messages, channel)
}

// Invite puts somebody, or the bot, into a channel.
func (ws *Workspace) Invite(channel, user string) {
	ws.setChannel(channel, func(ch *Channel) { ch.join(user) })
}

// Remove takes somebody, or the bot, out of a channel.
func (ws *Workspace) Remove(channel, user string) {
	ws.setChannel(channel, func(ch *Channel) { ch.leave(user) })
}

// SetScopes changes the scopes of the bot's token.
func (ws *Workspace) SetScopes(scopes ...string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.scopes = scopes
}

// Revoke makes the bot's token fail with an error such as token_revoked or
// account_inactive; "" makes it good again.
func (ws *Workspace) Revoke(code string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.revoked = code
}

// RevokeApp does so with the app's token.
func (ws *Workspace) RevokeApp(code string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.appError = code
}

func (ws *Workspace) setUser(id string, change func(*User)) {
	ws.tb.Helper()
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if u := ws.people[id]; u != nil {
		change(u)
		return
	}
	ws.tb.Errorf("slacktest: there is no user %q", id)
}

func (ws *Workspace) setChannel(id string, change func(*Channel)) {
	ws.tb.Helper()
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ch := ws.channels[id]; ch != nil {
		change(ch)
		return
	}
	ws.tb.Errorf("slacktest: there is no channel %q", id)
}

func (ch *Channel) join(user string) {
	if !ch.has(user) {
		ch.Members = append(ch.Members, user)
	}
}

func (ch *Channel) leave(user string) {
	ch.Members = slices.DeleteFunc(ch.Members, func(m string) bool { return m == user })
}

func (ch *Channel) has(user string) bool { return slices.Contains(ch.Members, user) }

// kind is the word for the channel in scopes and events: "im", "groups",
// "channels".
func (ch *Channel) kind() string {
	switch {
	case ch.with != "":
		return "im"
	case ch.Private:
		return "groups"
	}
	return "channels"
}

// direct gives the direct messages of a person with the bot. The lock is held.
func (ws *Workspace) direct(user string) *Channel {
	id := "D" + strings.TrimLeft(user, "UW")
	if ws.channels[id] == nil {
		ws.channels[id] = &Channel{ID: id, with: user, Members: []string{user, BotUserID}}
	}
	return ws.channels[id]
}

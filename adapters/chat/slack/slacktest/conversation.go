package slacktest

import (
	"cmp"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func (ws *Workspace) conversationsOpen(c *call) (obj, error) {
	if id := c.text("channel"); id != "" {
		ch, err := ws.channel(id)
		if err != nil {
			return nil, err
		}
		return obj{"channel": ws.channelJSON(c, ch)}, nil
	}
	users := strings.FieldsFunc(c.text("users"), func(r rune) bool { return r == ',' })
	switch {
	case len(users) == 0:
		return nil, refuse("users_list_not_supplied")
	case len(users) > 1: // a conversation of several, which no method here leads to
		return nil, refuse("not_enough_users")
	case ws.people[users[0]] == nil:
		return nil, refuse("user_not_found")
	}
	known := ws.channels["D"+strings.TrimLeft(users[0], "UW")] != nil
	ch, err := ws.channel(users[0])
	if err != nil {
		return nil, err
	}
	answer := obj{"channel": obj{"id": ch.ID}}
	if c.flag("return_im") {
		answer["channel"] = ws.channelJSON(c, ch)
	}
	if known {
		answer["no_op"], answer["already_open"] = true, true
	}
	return answer, nil
}

func (ws *Workspace) channelJSON(c *call, ch *Channel) obj {
	o := obj{
		"id": ch.ID, "created": 1, "is_archived": ch.Archived, "is_im": ch.with != "", "is_mpim": false,
		"is_org_shared": false, "context_team_id": TeamID,
	}
	if ch.with != "" {
		o["user"] = ch.with
		return o
	}
	o["name"], o["name_normalized"], o["is_private"] = ch.Name, ch.Name, ch.Private
	o["is_channel"], o["is_group"], o["is_general"] = !ch.Private, ch.Private, false
	o["is_member"] = ch.has(BotUserID)
	if c.flag("include_num_members") {
		o["num_members"] = len(ch.Members)
	}
	return o
}

func (ws *Workspace) conversationsInfo(c *call) (obj, error) {
	ch, err := ws.channel(c.text("channel"))
	if err != nil {
		return nil, err
	}
	if err := ws.needs(ch.kind() + ":read"); err != nil {
		return nil, err
	}
	return obj{"channel": ws.channelJSON(c, ch)}, nil
}

func (ws *Workspace) conversationsJoin(c *call) (obj, error) {
	ch, err := ws.channel(c.text("channel"))
	switch {
	case err != nil:
		return nil, err
	case ch.with != "" || ch.Private:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.Archived:
		return nil, refuse("is_archived")
	}
	answer := obj{}
	if ch.has(BotUserID) {
		answer["warning"] = "already_in_channel"
	}
	ch.join(BotUserID)
	answer["channel"] = ws.channelJSON(c, ch)
	return answer, nil
}

func (ws *Workspace) conversationsList(c *call) (obj, error) {
	types := strings.Split(cmp.Or(c.text("types"), "public_channel"), ",")
	word := map[string]string{"channels": "public_channel", "groups": "private_channel", "im": "im"}
	all := []any{}
	for _, id := range slices.Sorted(maps.Keys(ws.channels)) {
		ch := ws.channels[id]
		hidden := ch.Private && !ch.has(BotUserID) || ch.Archived && c.flag("exclude_archived")
		if hidden || !slices.Contains(types, word[ch.kind()]) {
			continue
		}
		if err := ws.needs(ch.kind() + ":read"); err != nil {
			return nil, err
		}
		all = append(all, ws.channelJSON(c, ch))
	}
	return paged(c, "channels", all, 100, 1000)
}

// paged gives the page that the cursor names.
func paged(c *call, name string, all []any, usual, most int) (obj, error) {
	limit, err := c.limit(usual, most)
	if err != nil {
		return nil, err
	}
	start := 0
	if cursor := c.text("cursor"); cursor != "" {
		if start, err = readCursor(cursor); err != nil || start > len(all) {
			return nil, refuse("invalid_cursor")
		}
	}
	end := min(start+limit, len(all))
	next := ""
	if end < len(all) {
		next = base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(end)))
	}
	return obj{name: all[start:end], "response_metadata": obj{"next_cursor": next}, "has_more": next != ""}, nil
}

func readCursor(cursor string) (int, error) {
	text, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimPrefix(string(text), "next:"))
	if n < 0 {
		return 0, strconv.ErrRange
	}
	return n, err
}

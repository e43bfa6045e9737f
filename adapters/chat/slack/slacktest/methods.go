package slacktest

// A method of the Web API.
type method struct {
	app   bool   // is called with the app's token
	scope string // that the token needs whatever the call is about
	tier  tier
	run   func(*Workspace, *call) (obj, error) // under the workspace's lock
}

var methods = map[string]method{
	"api.test":              {tier: tier4, run: func(*Workspace, *call) (obj, error) { return obj{}, nil }},
	"apps.connections.open": {app: true, scope: "connections:write", tier: tier2, run: (*Workspace).connectionsOpen},
	"auth.test":             {tier: tier4, run: (*Workspace).authTest},
	"bots.info":             {scope: "users:read", tier: tier3, run: (*Workspace).botsInfo},
	"chat.delete":           {scope: "chat:write", tier: tier3, run: (*Workspace).chatDelete},
	"chat.postEphemeral":    {scope: "chat:write", tier: tier4, run: (*Workspace).chatPostEphemeral},
	"chat.postMessage":      {scope: "chat:write", tier: perChannel, run: (*Workspace).chatPostMessage},
	"chat.update":           {scope: "chat:write", tier: tier3, run: (*Workspace).chatUpdate},
	"conversations.history": {tier: tier3, run: (*Workspace).history},
	"conversations.info":    {tier: tier3, run: (*Workspace).conversationsInfo},
	"conversations.join":    {scope: "channels:join", tier: tier3, run: (*Workspace).conversationsJoin},
	"conversations.list":    {tier: tier2, run: (*Workspace).conversationsList},
	"conversations.open":    {scope: "im:write", tier: tier3, run: (*Workspace).conversationsOpen},
	"conversations.replies": {tier: tier3, run: (*Workspace).replies},
	"reactions.add":         {scope: "reactions:write", tier: tier3, run: (*Workspace).reactionsAdd},
	"users.info":            {scope: "users:read", tier: tier4, run: (*Workspace).usersInfo},
	"users.list":            {scope: "users:read", tier: tier2, run: (*Workspace).usersList},
	"users.lookupByEmail":   {scope: "users:read.email", tier: tier3, run: (*Workspace).usersLookupByEmail},
	"views.open":            {tier: tier4, run: (*Workspace).viewsOpen},
	"views.publish":         {tier: tier4, run: (*Workspace).viewsPublish},
	"views.push":            {tier: tier4, run: (*Workspace).viewsPush},
	"views.update":          {tier: tier4, run: (*Workspace).viewsUpdate},
}

func (ws *Workspace) authTest(*call) (obj, error) {
	return obj{
		"url": ws.base + "/", "team": "Tebiki", "user": ws.people[BotUserID].Name, "team_id": TeamID,
		"user_id": BotUserID, "bot_id": BotID, "app_id": AppID, "is_enterprise_install": false,
	}, nil
}

func (ws *Workspace) botsInfo(c *call) (obj, error) {
	if bot := c.text("bot"); bot != "" && bot != BotID {
		return nil, refuse("bot_not_found")
	}
	return obj{"bot": obj{
		"id": BotID, "deleted": false, "name": "tebiki", "app_id": AppID, "user_id": BotUserID, "updated": 1,
		"icons": obj{},
	}}, nil
}

func (ws *Workspace) reactionsAdd(c *call) (obj, error) {
	ch, err := ws.postable(c.text("channel"))
	if err != nil {
		return nil, err
	}
	m, name := ws.find(ch.ID, c.text("timestamp")), c.text("name")
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case name == "":
		return nil, refuse("invalid_name")
	}
	for _, r := range m.reactions {
		if r == name {
			return nil, refuse("already_reacted")
		}
	}
	m.reactions = append(m.reactions, name)
	return obj{}, nil
}

package slack

// A method of Slack's Web API that this package calls, with the scopes it
// needs. The manifest and Doctor are made from this table, so that the app
// asks for what is used and nothing else.
type method struct {
	name   string
	tier   tier
	scopes []string
}

// tier is how often Slack lets a method be called.
type tier int

const (
	tier1 tier = iota + 1
	tier2
	tier3
	tier4
	posting // about one a second for each channel
)

var (
	authTest            = method{name: "auth.test", tier: tier4}
	postMessage         = method{"chat.postMessage", posting, []string{"chat:write"}}
	postEphemeral       = method{"chat.postEphemeral", tier4, []string{"chat:write"}}
	updateMessage       = method{"chat.update", tier3, []string{"chat:write"}}
	openConversation    = method{"conversations.open", tier3, []string{"im:write"}}
	listConversations   = method{"conversations.list", tier2, []string{"channels:read", "groups:read"}}
	conversationInfo    = method{"conversations.info", tier3, []string{"channels:read", "groups:read"}}
	joinConversation    = method{"conversations.join", tier3, []string{"channels:join"}}
	conversationHistory = method{"conversations.history", tier3, []string{"channels:history", "groups:history", "im:history"}}
	conversationReplies = method{"conversations.replies", tier3, []string{"channels:history", "groups:history", "im:history"}}
	lookupByEmail       = method{"users.lookupByEmail", tier3, []string{"users:read.email", "users:read"}}
	userInfo            = method{"users.info", tier4, []string{"users:read"}}
	openView            = method{name: "views.open", tier: tier4}
	updateView          = method{name: "views.update", tier: tier4}
	publishView         = method{name: "views.publish", tier: tier4}
)

// methods are all of them.
var methods = []method{
	authTest, postMessage, postEphemeral, updateMessage, openConversation, listConversations, conversationInfo, joinConversation,
	conversationHistory, conversationReplies, lookupByEmail, userInfo, openView, updateView, publishView,
}

// An event that Slack sends, with the scope it needs.
type event struct{ name, scope string }

// The events that are taken.
var (
	appHomeOpened = event{name: "app_home_opened"}
	appMention    = event{"app_mention", "app_mentions:read"}
	messageIM     = event{"message.im", "im:history"}
)

var events = []event{appHomeOpened, appMention, messageIM}

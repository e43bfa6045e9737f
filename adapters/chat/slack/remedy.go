package slack

import (
	"tebiki/adapters"
)

// remedy is what one of Slack's errors means and what to do about it.
type remedy struct {
	code adapters.Code
	what string
}

const newToken = "install the app again, put its new bot token into the configuration and start the program again"

// remedies are the errors that Slack names. Those not listed are taken to
// pass: trying again is the safe reading.
var remedies = map[string]remedy{
	"invalid_auth":             {adapters.Denied, "Slack does not know the token: " + newToken},
	"not_authed":               {adapters.Denied, "no token was sent: set the bot token in the configuration"},
	"account_inactive":         {adapters.Denied, "the app was removed from the workspace or its user deactivated: " + newToken},
	"token_revoked":            {adapters.Denied, "the token was revoked: " + newToken},
	"token_expired":            {adapters.Denied, "the token has expired: switch off token rotation for the app, then " + newToken},
	"not_allowed_token_type":   {adapters.Denied, "this kind of token may not do that: the bot token begins with xoxb-, the app token with xapp-"},
	"missing_scope":            {adapters.Denied, "the app lacks a scope: add it under \"OAuth & Permissions\" (or put in the manifest again) and install the app again"},
	"no_permission":            {adapters.Denied, "the bot may not do that in this workspace: ask the owner of the workspace"},
	"access_denied":            {adapters.Denied, "the bot may not do that in this workspace: ask the owner of the workspace"},
	"ekm_access_denied":        {adapters.Denied, "the organisation has suspended access to messages: ask the owner of the workspace"},
	"team_access_not_granted":  {adapters.Denied, "the app is not approved for this workspace of the organisation: an administrator of the organisation must add it there"},
	"enterprise_is_restricted": {adapters.Denied, "this organisation does not allow the call: ask an administrator of the organisation"},
	"accesslimited":            {adapters.Denied, "access to Slack is limited for the moment: ask the owner of the workspace"},

	"channel_not_found":                     {adapters.NotFound, "there is no such channel, or it is private and the bot is not in it: invite the bot with /invite, or correct the configuration"},
	"user_not_found":                        {adapters.NotFound, "nobody has this Slack id: correct it in the roster"},
	"users_not_found":                       {adapters.NotFound, "nobody active in the workspace has this mail address or id: correct it in the roster, enter the Slack id, or have the person activated again in Slack"},
	"user_not_visible":                      {adapters.NotFound, "the bot may not see this person: add them to a channel of the bot"},
	"user_disabled":                         {adapters.NotFound, "this person is deactivated in Slack: take them from the roster, or activate them again"},
	"is_archived":                           {adapters.NotFound, "the channel is archived: unarchive it, or name another in the configuration"},
	"not_in_channel":                        {adapters.NotFound, "the bot is not in the channel and may not join it by itself: invite it with /invite"},
	"cannot_dm_bot":                         {adapters.NotFound, "this address is a bot's: correct it in the roster"},
	"messages_tab_disabled":                 {adapters.NotFound, "the app takes no direct messages: switch on \"Messages Tab\" under \"App Home\""},
	"restricted_action":                     {adapters.NotFound, "the bot may not write to this channel: change who can post in its settings, or name another in the configuration"},
	"restricted_action_read_only_channel":   {adapters.NotFound, "the channel is read-only: name another in the configuration"},
	"restricted_action_thread_only_channel": {adapters.NotFound, "only threads are allowed in this channel: name another in the configuration"},
	"message_not_found":                     {adapters.NotFound, "the message is no longer there"},
	"thread_not_found":                      {adapters.NotFound, "the message of the thread is no longer there"},
	"cant_update_message":                   {adapters.NotFound, "the message is not the bot's own any more"},
	"edit_window_closed":                    {adapters.NotFound, "the workspace allows no change of a message this old"},

	"msg_too_long":          {adapters.Refused, "the message is too long for Slack"},
	"msg_blocks_too_long":   {adapters.Refused, "the message is too long for Slack"},
	"invalid_blocks":        {adapters.Refused, "Slack does not take the form of the message"},
	"invalid_blocks_format": {adapters.Refused, "Slack does not take the form of the message"},
	"no_text":               {adapters.Refused, "the message is empty"},
	"metadata_too_large":    {adapters.Refused, "the key of the message is too long"},
	"invalid_arguments":     {adapters.Refused, "Slack does not take the call"},
	"view_too_large":        {adapters.Refused, "the window is too large for Slack"},
	"expired_trigger_id":    {adapters.Refused, "the window was to open more than 3 seconds after the press"},
	"exchanged_trigger_id":  {adapters.Refused, "the press has already opened a window"},

	"ratelimited":            {adapters.Throttled, "Slack asks for fewer calls"},
	"rate_limited":           {adapters.Throttled, "Slack asks for fewer calls"},
	"message_limit_exceeded": {adapters.Throttled, "the workspace has reached its limit of messages"},

	"org_login_required":    {adapters.Unavailable, "the workspace is moving to an organisation and comes back by itself; if it does not, install the app there"},
	"team_added_to_org":     {adapters.Unavailable, "the workspace is moving to an organisation and comes back by itself; if it does not, install the app there"},
	"migration_in_progress": {adapters.Unavailable, "Slack is moving the workspace: it comes back by itself"},
	"internal_error":        {adapters.Unavailable, "Slack has trouble: see https://slack-status.com"},
	"fatal_error":           {adapters.Unavailable, "Slack has trouble: see https://slack-status.com"},
	"service_unavailable":   {adapters.Unavailable, "Slack has trouble: see https://slack-status.com"},
	"request_timeout":       {adapters.Unavailable, "Slack did not get the whole request"},
}

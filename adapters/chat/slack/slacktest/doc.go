// Package slacktest is a Slack workspace for tests: the Web API methods that a
// bot uses, Socket Mode, signed HTTP requests, and the people who press.
//
// It behaves as the vendor does. It keeps state (messages, threads, views,
// who is where), so a test says what people do and asks what they see; it does
// not expect calls. Posting the same thing twice gives two messages. What
// Slack refuses it refuses, in the same words: blocks that are too long, a
// trigger that is three seconds old, a channel that the bot is not in, a token
// without the scope, more than one post a second.
//
// The data's way: a request is recorded, meets the faults that a test has
// switched on, then token, scope and rate, then its method changes the state
// under one lock. What a person does becomes an envelope that goes out by a
// websocket or, after Deliver, as a signed POST; what the bot answers changes
// what that person sees.
//
// Limits are those of the documentation. Where Slack is stricter than it says,
// so is this package, by what users of the real one have measured: the texts
// of all blocks with about 100 for each block must stay under 13,200
// (msg_blocks_too_long), and the text of chat.update under 4,000 bytes.
// An action_id must be unique in a whole message here: Slack insists only on
// its block, but a bot cannot tell two such buttons apart after an update.
package slacktest

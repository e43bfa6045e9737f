// Package asterisktest is an Asterisk 22 for tests: the part of ARI that a
// pager uses over HTTP and websocket, and the people at the other end.
//
// It behaves as the recordings in ../testdata do, and its tests replay each of
// them. It keeps state (channels, playbacks, recordings, bridges), so a test
// says what people do and asks what they heard; it does not expect calls.
//
// The data's way: a request is recorded, meets the faults that a test has
// switched on, then the credentials, then its endpoint reads or changes the
// state under one lock. A call is one goroutine that plays its person's
// script; what it changes becomes an event for each application that is
// subscribed, and a goroutine for each websocket writes them.
//
// # Time
//
// All time is the time of package time. After WithoutNetwork connections are
// in memory and buffered as TCP is, and every goroutine is started by New, by
// a request or by a call, so the whole of it lives in a bubble of
// testing/synctest: with Transport and Dialer a night of calls takes
// milliseconds. Over sockets WithSpeed shortens what is Asterisk's own: media,
// keys, recordings and how long it rings.
//
// # What surprises in a real Asterisk, and is so here
//
// Recorded:
//
//   - A Local channel has two legs, id and id;2, and an application that
//     originated it gets the events of both. Over SIP there is one.
//   - StasisStart is the only sign that somebody picked up.
//   - Not reached is a ChannelDestroyed without a StasisStart. Over Local its
//     cause is 0 for busy and congestion: the far leg and Dial tell. When
//     somebody rejects, Dial says NOANSWER; when the time is over, it says
//     nothing.
//   - Events may come before the answer to their request: always for an
//     extension that is not there, else by chance.
//   - A missing sound begins (PlaybackStarted) and fails; a call that ends
//     during a prompt gives the same "failed".
//   - DELETE of a playback plays the next item of its list.
//   - DELETE of a channel tells ChannelHangupRequest with cause 32, whatever
//     the reason, and the channel can be seen for a moment longer.
//   - The same channel id twice is 409, an originator that is no channel 400,
//     an endpoint that cannot be reached 500 with "error" in place of "message".
//   - An application that nobody has is accepted: the phone rings, and Asterisk
//     hangs up on who answers.
//   - A call from outside ends with StasisEnd: no ChannelDestroyed follows.
//   - A second websocket takes the application: the first hears
//     ApplicationReplaced, then nothing, and stays open.
//   - The dialplan's Answer waits for the first audio, half a second at most.
//
// Not recorded, from Asterisk's source:
//
//   - digits, number and characters cannot be stopped: DELETE gives 500 and
//     the voice goes on.
//   - An unknown scheme, a number that is none and a recording that is not
//     there begin and are never said to end.
//   - Media between commas are a list in the query only. In a JSON body a list
//     is an array, and a string with a comma is one sound that is missing.
//   - A channel does one thing at a time: playbacks and recordings wait for
//     each other. What still waits when its call ends is never heard of again,
//     and what was stopped while it waited is told "done" when its turn comes.
//   - An application is taken before the handshake of its websocket is
//     answered.
//   - A websocket that ends leaves the application's channels where they are;
//     their events are lost until somebody takes it again.
//   - A recording ends with state "done" when the caller hangs up, too.
//   - With maxSilenceSeconds the silence at a recording's end is cut off, all
//     but 200 ms, unless the caller hung up; its durations are whole seconds,
//     and of silence alone talking_duration may be 1.
//   - Asterisk sends no pings, and reads no frames but control frames.
//
// # What is normalised when recordings are replayed
//
// Times, and the number in a channel's name. "queued" and "playing" in the
// answer to a play. Between two legs the order is one of those that chance
// gives (WithSeed): each seed keeps each leg's order, and one of them the
// whole order. Events come within 0.6 s of when they were recorded.
//
// # What is absent
//
// TLS, CORS and Swagger; AMI; other endpoints of ARI (mailboxes, device
// states, snoop, external media, music on hold, continue and redirect, mute
// and hold, channel creation without dialling); event filters; dialplan
// functions as variables; text messages. Answering, and going into a bridge,
// do not wait for a playback as they do in a real one. DELETE of a sound
// within a list is by analogy: only a tone was recorded. A person on a Local channel acts by a
// dialplan whose steps are events, and what is said into a recording is
// a hum of the right length. The sounds of Asterisk itself are named and
// about a second long each; digits and numbers take half a second a word.
// SIP's orders of events are by analogy: no recording has a SIP call.
package asterisktest

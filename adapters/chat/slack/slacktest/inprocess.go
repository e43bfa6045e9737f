package slacktest

import (
	"net/http"

	"tebiki/adapters/inprocess"
)

// inProcessURL is the workspace's address where nothing listens.
const inProcessURL = "http://slack.test"

// WithoutNetwork listens at no socket: the workspace is reached through
// HTTPClient only, which a bubble of testing/synctest allows. There is no
// Socket Mode then.
func WithoutNetwork() Option {
	return func(ws *Workspace) { ws.base = inProcessURL }
}

// HTTPClient calls the workspace without a connection in between.
func (ws *Workspace) HTTPClient() *http.Client {
	return &http.Client{Transport: inprocess.Transport{Handler: ws.handler, Start: ws.start}}
}

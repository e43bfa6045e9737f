package asterisktest

import (
	"net/http"

	"tebiki/adapters/fake"
)

// An endpoint answers one method at one path; "*" is a variable part. It runs
// under the lock.
type endpoint struct {
	method string
	path   string
	run    func(*Asterisk, *call) (status int, answer any, err error)
}

func endpoints() []endpoint {
	return []endpoint{
		{"GET", "asterisk/info", (*Asterisk).getInfo},
		{"GET", "asterisk/ping", (*Asterisk).getPing},
		{"GET", "applications", (*Asterisk).getApplications},
		{"GET", "applications/*", (*Asterisk).getApplication},
		{"GET", "endpoints", (*Asterisk).getEndpoints},
		{"GET", "endpoints/*", (*Asterisk).getEndpointsOf},
		{"GET", "endpoints/*/*", (*Asterisk).getEndpoint},
		{"GET", "sounds", (*Asterisk).getSounds},
		{"GET", "sounds/*", (*Asterisk).getSound},
		{"GET", "channels", (*Asterisk).getChannels},
		{"POST", "channels", (*Asterisk).originate},
		{"GET", "channels/*", (*Asterisk).getChannel},
		{"POST", "channels/*", (*Asterisk).originateAs},
		{"DELETE", "channels/*", (*Asterisk).deleteChannel},
		{"POST", "channels/*/answer", (*Asterisk).postAnswer},
		{"POST", "channels/*/ring", (*Asterisk).postRing},
		{"DELETE", "channels/*/ring", (*Asterisk).postRing},
		{"POST", "channels/*/dtmf", (*Asterisk).postDTMF},
		{"GET", "channels/*/variable", (*Asterisk).getVariable},
		{"POST", "channels/*/variable", (*Asterisk).postVariable},
		{"POST", "channels/*/play", (*Asterisk).play},
		{"POST", "channels/*/play/*", (*Asterisk).play},
		{"POST", "channels/*/record", (*Asterisk).postRecord},
		{"GET", "playbacks/*", (*Asterisk).getPlayback},
		{"DELETE", "playbacks/*", (*Asterisk).deletePlayback},
		{"POST", "playbacks/*/control", (*Asterisk).controlPlayback},
		{"GET", "recordings/stored", (*Asterisk).getAllStored},
		{"GET", "recordings/stored/*", (*Asterisk).getStored},
		{"GET", "recordings/stored/*/file", (*Asterisk).getStoredFile},
		{"POST", "recordings/stored/*/copy", (*Asterisk).copyStored},
		{"DELETE", "recordings/stored/*", (*Asterisk).deleteStored},
		{"GET", "recordings/live/*", (*Asterisk).getLive},
		{"DELETE", "recordings/live/*", (*Asterisk).cancelLive},
		{"POST", "recordings/live/*/stop", (*Asterisk).stopLive},
		{"GET", "bridges", (*Asterisk).getBridges},
		{"POST", "bridges", (*Asterisk).createBridge},
		{"GET", "bridges/*", (*Asterisk).getBridge},
		{"POST", "bridges/*", (*Asterisk).createBridge},
		{"DELETE", "bridges/*", (*Asterisk).deleteBridge},
		{"POST", "bridges/*/addChannel", (*Asterisk).addChannel},
		{"POST", "bridges/*/removeChannel", (*Asterisk).removeChannel},
		{"POST", "bridges/*/play", (*Asterisk).playOnBridge},
		{"POST", "bridges/*/play/*", (*Asterisk).playOnBridge},
	}
}

// find gives the endpoint of a request and the variable parts of its path.
func find(method, path string) (endpoint, []string, error) {
	why := refuse(http.StatusNotFound, "Resource not found")
	for _, e := range endpoints() {
		parts, ok := fake.Route(e.path, path)
		if ok && e.method == method {
			return e, parts, nil
		}
		if ok {
			why = refuse(http.StatusMethodNotAllowed, "Invalid method")
		}
	}
	return endpoint{}, nil, why
}

package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"tebiki/adapters"
)

// channelState is what Asterisk says of a channel.
type channelState struct {
	ID    string `json:"id"`
	State string `json:"state"` // "Down", "Ring", "Ringing", "Up"
}

// originate rings a phone. The status is 409 when the channel is there
// already.
func (a *Asterisk) originate(ctx context.Context, id, endpoint string, seconds int, args string) (status int, err error) {
	body := map[string]any{"endpoint": endpoint, "app": a.opt.App, "appArgs": args, "channelId": id, "timeout": max(1, seconds)}
	if a.opt.CallerID != "" {
		body["callerId"] = a.opt.CallerID
	}
	return a.request(ctx, http.MethodPost, "/channels", body, nil)
}

// there asks whether something is there.
func (a *Asterisk) there(ctx context.Context, path string) (ok bool, err error) {
	status, err := a.request(ctx, http.MethodGet, path, nil, nil)
	if status == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

// channel asks how a channel is; ok is false when it is not there.
func (a *Asterisk) channel(ctx context.Context, id string) (c channelState, ok bool, err error) {
	status, err := a.request(ctx, http.MethodGet, channelPath(id), nil, &c)
	if status == http.StatusNotFound {
		return c, false, nil
	}
	return c, err == nil, err
}

// gone deletes something, and tells whether it is not there any more.
func (a *Asterisk) gone(ctx context.Context, path string) bool {
	status, err := a.request(context.WithoutCancel(ctx), http.MethodDelete, path, nil, nil)
	return err == nil || status == http.StatusNotFound
}

// hangUp ends a channel, and tells whether it was there. It is done even when
// nobody waits for it any more.
func (a *Asterisk) hangUp(ctx context.Context, id string) (there bool, err error) {
	status, err := a.request(context.WithoutCancel(ctx), http.MethodDelete, channelPath(id)+"?reason=normal", nil, nil)
	if status == http.StatusNotFound {
		return false, nil
	}
	return true, err
}

func channelPath(id string) string { return "/channels/" + url.PathEscape(id) }

// registered tells whether Asterisk knows the application: a channel that is
// originated into one it does not know rings for nothing.
func (a *Asterisk) registered(ctx context.Context) error {
	status, err := a.request(ctx, http.MethodGet, "/applications/"+url.PathEscape(a.opt.App), nil, nil)
	if status == http.StatusNotFound {
		return &adapters.Error{Op: "ring a phone", Code: adapters.NotFound, Err: fmt.Errorf("%w %s: the connection for its events is just coming up or going down", errUnknownApp, a.opt.App)}
	}
	return err
}

package app

import (
	"context"
	"time"

	"tebiki/adapters/web"
)

// runDigest runs the morning flow for whoever asks by the API.
func (a *App) runDigest(ctx context.Context, today bool) (web.Digest, error) {
	s, err := a.digest.Run(ctx, time.Now(), today)
	return web.Digest{Alerts: s.Alerts, Tickets: s.Groups, Left: s.Left}, err
}

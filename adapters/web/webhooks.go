package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tebiki/adapters/source"
)

// A Webhook is an address that one sender has, and what it has to prove there.
type Webhook struct {
	// Path is KnownPath and the name of one of source.Formats, or MappedPath
	// and any name.
	Path string
	// Parse reads a body under MappedPath. The known ones have their own.
	Parse func(ctx context.Context, body []byte) ([]source.Alert, error)
	// Proof is what the sender has to show; nil stands for the API's token.
	Proof Proof
}

// Where webhooks are: those whose format is known, and those whose bodies the
// configuration explains.
const (
	KnownPath  = ownPath + "/"
	MappedPath = ownPath + "/in/"
)

// ownPath is where Tebiki's own JSON comes in.
const ownPath = "/v1/alerts"

// An entrance is an address that takes alerts.
type entrance struct {
	path    string
	parse   func(ctx context.Context, body []byte) ([]source.Alert, error)
	proof   Proof
	anyType bool // whatever the body says it is, it is read as JSON
}

// parseTime is how long the expressions of one body may take. It is far more
// than honest bodies need, and less than a sender waits.
const parseTime = 5 * time.Second

// entrances are all of them, by their paths.
func entrances(hooks []Webhook) (map[string]*entrance, error) {
	all := map[string]*entrance{ownPath: known(ownPath, source.Parse)}
	for name, parse := range source.Formats() {
		all[KnownPath+name] = known(KnownPath+name, parse)
	}
	for _, h := range hooks {
		name, mapped := strings.CutPrefix(h.Path, MappedPath)
		there := all[h.Path]
		switch {
		case mapped && name != "" && !strings.Contains(name, "/") && h.Parse != nil && there == nil:
			// Some senders call their JSON text (Amazon's SNS does). The other
			// ways in ask for its name because people call them by hand.
			all[h.Path] = &entrance{path: h.Path, parse: inTime(h.Parse), proof: h.Proof, anyType: true}
		case !mapped && there != nil && there.proof == nil && h.Parse == nil && h.Proof != nil:
			there.proof = h.Proof
		default:
			return nil, fmt.Errorf("the console was given a webhook at %q that is twice there, has nothing to read it with, or nothing to prove", h.Path)
		}
	}
	return all, nil
}

// known is an entrance for a format that needs no context: it reads each byte
// once.
func known(path string, parse func([]byte) ([]source.Alert, error)) *entrance {
	return &entrance{path: path, parse: func(_ context.Context, body []byte) ([]source.Alert, error) { return parse(body) }}
}

// inTime bounds the time of a parser that works on whatever comes.
func inTime(parse func(context.Context, []byte) ([]source.Alert, error)) func(context.Context, []byte) ([]source.Alert, error) {
	return func(ctx context.Context, body []byte) ([]source.Alert, error) {
		ctx, cancel := context.WithTimeout(ctx, parseTime)
		defer cancel()
		return parse(ctx, body)
	}
}

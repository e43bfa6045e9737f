package mail

import (
	"cmp"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// A kind is what a part's header says of its body.
type kind struct {
	media       string // "text/plain"
	params      map[string]string
	encoding    string // transfer encoding
	disposition string
	name        string // of its file
}

func kindOf(h textproto.Header) kind {
	k := kind{encoding: strings.ToLower(strings.Trim(h.Get("Content-Transfer-Encoding"), " \t;\""))}
	k.media, k.params = parameters(h.Get("Content-Type"))
	k.media = oneLine(k.media)
	disposition, params := parameters(h.Get("Content-Disposition"))
	k.disposition = disposition
	k.name = oneLine(decodeWords(cmp.Or(params["filename"], k.params["name"]), ""))
	if !strings.Contains(k.media, "/") {
		k.media = "text/plain" // RFC 2045's default, and what "text" was meant to be
	}
	return k
}

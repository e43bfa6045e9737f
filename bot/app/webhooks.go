package app

import (
	"tebiki/adapters/web"
	"tebiki/bot/config"
)

// webhooks are the addresses that the configuration gives to senders.
func webhooks(from []config.Webhook) []web.Webhook {
	out := make([]web.Webhook, len(from))
	for i, h := range from {
		out[i] = web.Webhook{Path: web.KnownPath + h.Name, Proof: proof(h)}
		if h.Mapping != nil {
			out[i].Path, out[i].Parse = web.MappedPath+h.Name, h.Mapping.Parse
		}
	}
	return out
}

// proof is what a sender has to show; nil leaves it at the API's token.
func proof(h config.Webhook) web.Proof {
	switch {
	case h.Token.IsSet():
		return web.Token{Header: h.Header, Value: h.Token.Reveal()}
	case h.User != "":
		return web.Basic{User: h.User, Password: h.Password.Reveal()}
	case h.Signature != nil:
		return web.Signature{Secret: h.Signature.Secret.Reveal(), Header: h.Signature.Header, Timestamp: h.Signature.Timestamp, Within: h.Signature.Within}
	}
	return nil
}

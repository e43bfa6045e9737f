// Package web is the console: the pages on which people see and do
// everything, their login, and the HTTP API that monitoring systems call.
//
// The data's way: a request passes the guard (guard.go: whose name is in the
// Host header, does it come from our own pages, is there a session), then
// either the API (api.go, alerts.go), which answers in JSON, or a page. A
// page finds out who reads (viewer.go), asks one of the consumer interfaces
// in ports.go for a view, and renders it through a template in that person's
// language and zone (page.go, templates/, text/). A form changes something
// through the same interfaces and leads back to a page, whatever happened
// (forms.go); what there is to say about it waits there as a note (notes.go).
// Open pages hear of changes over a stream (live.go) and fetch themselves again
// (static/console.js).
//
// The package knows no tracker, chat or phone: the application gives it what
// it needs in a Config. People are named by the ids that the roster has.
//
// Text from outside is hostile. It is escaped by html/template or rendered
// from Markdown without raw HTML (markdown.go), and every page as a whole
// loses the characters that turn the direction of text (page.go).
package web

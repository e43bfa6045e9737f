package brief

import (
	"net/url"

	"tebiki/adapters/tracker"
)

// Page links a ticket to the know-how of a component, on the console at site.
func Page(title, site, component string) tracker.Link {
	return tracker.Link{Title: Plain(title, maxField), URL: EntryPage(site, component)}
}

// EntryPage is the address of a component's know-how on the console at site.
func EntryPage(site, component string) string {
	return site + "/knowhow/" + url.PathEscape(component)
}

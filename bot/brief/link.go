package brief

import (
	"net/url"

	"tebiki/adapters/tracker"
)

// Page links a ticket to the know-how of a component, on the console at site.
func Page(title, site, component string) tracker.Link {
	return tracker.Link{Title: Plain(title, maxField), URL: site + "/knowhow/" + url.PathEscape(component)}
}

package web

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

var preview = flag.Duration("preview", 0, "how long to serve the pages of a made-up office, for a look at them")

// TestPreview serves one office in which there is something of everything,
// and one in which there is nothing, and says where.
func TestPreview(t *testing.T) {
	if *preview == 0 {
		t.Skip("only with -preview, to look at the pages in a browser")
	}
	for name, o := range map[string]*office{"busy": busyMorning(), "empty": newOffice()} {
		srv := httptest.NewServer(asPerson{o.server(t)})
		t.Cleanup(srv.Close)
		fmt.Fprintln(os.Stderr, name, srv.URL)
	}
	<-time.After(*preview)
}

// asPerson lets an address choose who looks: /incidents?as=sato.
type asPerson struct{ h http.Handler }

func (a asPerson) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	as := r.URL.Query().Get("as")
	if as == "" {
		if i := strings.Index(r.Referer(), "as="); i >= 0 {
			as = r.Referer()[i+3:]
		}
	}
	if as != "" {
		r.AddCookie(&http.Cookie{Name: viewerCookie, Value: as})
	}
	a.h.ServeHTTP(w, r)
}

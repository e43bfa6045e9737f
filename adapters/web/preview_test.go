package web

import (
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

var preview = flag.Duration("preview", 0, "how long to serve the pages of a made-up office, for a look at them")

// TestPreview serves an office in which there is something of everything,
// one in which there is nothing, one full of hostile text and one that asks
// for a password, and says where.
func TestPreview(t *testing.T) {
	if *preview == 0 {
		t.Skip("only with -preview, to look at the pages in a browser")
	}
	hostile := busyMorning()
	hostile.poison(strings.Repeat("W", 1000))
	for name, s := range map[string]*Server{
		"busy": busyMorning().server(t), "empty": newOffice().server(t), "hostile": hostile.server(t), "locked": newOffice().server(t, locked),
	} {
		srv := httptest.NewServer(s)
		t.Cleanup(func() { s.Close(); srv.Close() })
		fmt.Fprintln(os.Stderr, name, srv.URL)
	}
	<-time.After(*preview)
}

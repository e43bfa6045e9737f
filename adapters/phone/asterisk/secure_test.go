package asterisk

import (
	"context"
	"encoding/pem"
	"log/slog"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

// TestCertificate: a certificate that nobody else has signed is taken when it
// is named, by requests and by the websocket; else the error says where to
// name it.
func TestCertificate(t *testing.T) {
	fake := asterisktest.New(t)
	plain, err := url.Parse(fake.URL())
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = plain.Scheme, plain.Host }})
	front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	front.StartTLS()
	defer front.Close()
	o := Options{URL: front.URL + plain.Path, User: asterisktest.User, Password: asterisktest.Password, Voice: says("sound:hello-world")}
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	_, _, asked := a.channel(t.Context(), "x")
	_, dialled := a.dial(t.Context())
	for _, err := range []error{asked, dialled} {
		if err == nil || adapters.CodeOf(err) != adapters.Unavailable || !strings.Contains(err.Error(), "phone.asterisk.ca") {
			t.Errorf("without it: %v", err)
		}
	}
	o.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	if a, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = a.Run(ctx) }() // it has no error but ctx's
	if err := a.firstLink(ctx); err != nil {
		t.Errorf("with it: %v", err)
	}
	cancel()
	<-done
	o.CA = []byte("x")
	if _, err := New(o); err == nil || !strings.Contains(err.Error(), "want PEM") {
		t.Errorf("no certificate: %v", err)
	}
}

// TestPlainHTTP: a password that goes over a network as it is is warned of,
// once for as long as it does.
func TestPlainHTTP(t *testing.T) {
	for address, warnings := range map[string]int{"http://pbx.example:8088/ari": 1, "http://127.0.0.1:8088/ari": 0, "https://pbx.example:8089/ari": 0} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorldAway(t)
			o := w.options(newNetwork(w.fake))
			o.URL = address
			_, logged := w.run(o)
			time.Sleep(time.Hour)
			w.stop()
			if n := strings.Count(logged.String(), "without encryption"); n != warnings {
				t.Errorf("%s: warned %d times", address, n)
			}
		})
	}
}

package asterisk

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestOverSockets makes a call with the transport and the dialer that are used
// when none are given, over TCP, and ends it all.
func TestOverSockets(t *testing.T) {
	fake := asterisktest.New(t, asterisktest.WithSpeed(20))
	overSockets(t, fake, Options{URL: fake.URL() + "/"})
}

// TestOverTLS goes through a proxy that speaks TLS, as stunnel or nginx do.
func TestOverTLS(t *testing.T) {
	fake := asterisktest.New(t, asterisktest.WithSpeed(20))
	to, err := url.Parse(fake.URL())
	if err != nil {
		t.Fatal(err)
	}
	to.Path = ""
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }})
	t.Cleanup(proxy.Close)
	o := Options{URL: proxy.URL + "/ari"}
	if _, err := New(o); err == nil {
		t.Error("options without a voice are taken")
	}
	o.Transport = proxy.Client().Transport
	roots := o.Transport.(*http.Transport).TLSClientConfig.RootCAs
	overSocketsBy(t, fake, o, &tls.Config{RootCAs: roots})
}

func overSockets(t *testing.T, fake *asterisktest.Asterisk, o Options) {
	overSocketsBy(t, fake, o, nil)
}

func overSocketsBy(t *testing.T, fake *asterisktest.Asterisk, o Options, secure *tls.Config) {
	t.Helper()
	o.User, o.Password, o.Voice = asterisktest.User, asterisktest.Password, says("sound:hello-world")
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	a.opt.Dialer.TLSClientConfig = secure
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = a.Run(ctx) }) // it has no error but ctx's
	defer running.Wait()
	defer cancel()
	fake.Person("PJSIP/tanaka", asterisktest.Script{Answer: 20 * time.Millisecond, Then: []asterisktest.Step{{After: 20 * time.Millisecond, Key: "1"}}})
	r, err := a.Call(t.Context(), phone.Call{
		ID: "page-1", To: "PJSIP/tanaka", Lang: "en", Ring: 10 * time.Second, Prompt: phone.Texts("Alert."),
		Press: func(context.Context, string) phone.Answer { return phone.Answer{End: true, Result: phone.Acknowledged} },
	})
	if err != nil || r.Outcome != phone.Acknowledged || r.Answered.IsZero() {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestOptions(t *testing.T) {
	good := Options{URL: "http://127.0.0.1:8088/ari", User: "u", Password: "p", Voice: says("x")}
	for name, spoil := range map[string]func(*Options){
		"no address": func(o *Options) { o.URL = "" }, "no host": func(o *Options) { o.URL = "http:///ari" }, "a websocket": func(o *Options) { o.URL = "ws://x/ari" },
		"no user": func(o *Options) { o.User = "" }, "no password": func(o *Options) { o.Password = "" }, "no voice": func(o *Options) { o.Voice = nil },
		"two applications": func(o *Options) { o.App = "a,b" }, "a hostile address": func(o *Options) { o.URL = "http://\x00" },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	if a, err := New(good); err != nil || a.opt.App != "tebiki" || a.ws != "ws://127.0.0.1:8088/ari/events?app=tebiki" {
		t.Errorf("%+v, %v", a, err)
	}
}

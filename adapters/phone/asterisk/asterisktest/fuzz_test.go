package asterisktest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever a client sends is answered, and Asterisk goes on.
func FuzzRequest(f *testing.F) {
	for _, e := range endpoints() {
		path := strings.ReplaceAll(e.path, "*", "x")
		f.Add(e.method, path, `{"media":"sound:beep","channel":"x","name":"r","format":"wav","endpoint":"PJSIP/tanaka","app":"tebiki","variable":"v","dtmf":"1"}`)
		f.Add(e.method, path+"?media=,&timeout=-1&channelId=x&operation=pause&reason=busy&only=x&api_key=a:b:c", "[")
	}
	f.Add("POST", "channels", `{"endpoint":"Local/@/","app":"a","channelId":"x","timeout":1e99,"variables":{"a":1},"callerId":"<\"<"}`)
	f.Add("POST", "channels", `{"endpoint":"Local/x@","extension":"x","channelId":"x","callerId":{"a":[]},"otherChannelId":"x"}`)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		a := New(t, WithoutNetwork(), WithSpeed(1000))
		defer a.TakeOver("tebiki")()
		a.Person("PJSIP/tanaka", Script{Then: []Step{{Key: "1"}, {HangUp: true}}})
		a.Dial("03", Script{})
		for _, target := range []string{"channels?endpoint=PJSIP/tanaka&app=tebiki&channelId=x", path, path} {
			r, err := http.NewRequest(method, "http://asterisk.test"+prefix+"/"+target, strings.NewReader(body))
			if err != nil {
				return // no client can send it
			}
			r.Header.Set("Content-Type", "application/json")
			r.SetBasicAuth(User, Password)
			w := httptest.NewRecorder()
			process{a, a.lives}.ServeHTTP(w, r)
			if w.Code < 200 || w.Code > 599 {
				t.Errorf("%s %s: %d", method, target, w.Code)
			}
		}
	})
}

package asterisk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

func TestDoctor(t *testing.T) {
	prompt := phone.Texts("This is a test.", "Press any key.")
	usual := DoctorOptions{
		Lang: "en", Prompt: prompt, Thanks: phone.Texts("Thank you."), Test: "Local/tebiki-test@tebiki",
		People: []Person{{"Sato", "PJSIP/sato"}, {"Ito", "090-1234-5678"}, {"Abe", "Local/abe@phones"}},
	}
	for _, c := range []struct {
		name  string
		spoil func(*world, *Options, *DoctorOptions)
		about string // of the only finding; "" is none
		fault string
		facts string
	}{
		{"all is well", nil, "", "", "Asterisk 22.10.1 answers|is free|2 people|voice speaks|plays what the voice says"},
		{"it is away", func(w *world, _ *Options, _ *DoctorOptions) { w.fake.Disconnect() }, "Asterisk at", "refused", ""},
		{"it hangs", func(w *world, _ *Options, _ *DoctorOptions) { w.fake.Hang() }, "Asterisk at", "deadline", ""},
		{"the password is wrong", func(_ *world, o *Options, _ *DoctorOptions) { o.Password = "no" }, `the user "tebiki"`, "password", ""},
		{"the user only reads", func(_ *world, o *Options, _ *DoctorOptions) { o.User = asterisktest.ReadOnlyUser }, `the user "reader"`, "not permit", "Asterisk 22"},
		{"a page answers", func(w *world, _ *Options, _ *DoctorOptions) {
			w.fake.Fail("*", -1, asterisktest.Fault{Status: http.StatusOK, Body: "<html>"})
		}, "Asterisk at", "no Asterisk", ""},
		{"plain HTTP", func(_ *world, o *Options, _ *DoctorOptions) { o.URL = "http://pbx.example:8088/ari" }, "the address", "without encryption", "Asterisk 22"},
		{"it is old", nil, "Asterisk at", "16.2", "Asterisk 16"},
		{"the application is taken", func(w *world, _ *Options, _ *DoctorOptions) { w.t.Cleanup(w.fake.TakeOver("tebiki")) }, "the application tebiki", "another client", ""},
		{"no websocket", func(w *world, _ *Options, _ *DoctorOptions) {
			w.fake.Fail("GET events", -1, asterisktest.Fault{Status: http.StatusBadGateway})
		}, "the websocket", "502", ""},
		{"no endpoint", func(_ *world, _ *Options, o *DoctorOptions) { o.People = []Person{{"Mori", "PJSIP/mori"}} }, "Mori (PJSIP/mori)", "no endpoint", ""},
		{"an endpoint is off", func(w *world, _ *Options, _ *DoctorOptions) {
			w.fake.Person("PJSIP/sato", asterisktest.Script{Unregistered: true})
		}, "Sato", "not registered", "1 people"},
		{"a number without a trunk", func(_ *world, o *Options, _ *DoctorOptions) { o.Number = "" }, "Ito", "no way to call numbers", ""},
		{"no address", func(_ *world, _ *Options, o *DoctorOptions) { o.People = []Person{{"Mori", "mori"}} }, "Mori", "no endpoint", ""},
		{"the voice fails", func(w *world, _ *Options, _ *DoctorOptions) {
			w.voice.fail = &adapters.Error{Op: "speak", Code: adapters.Denied, Err: errors.New("espeak-ng is not there: install it")}
		}, `the voice in "en"`, "espeak-ng is not there", ""},
		{"nothing speaks", func(_ *world, o *Options, _ *DoctorOptions) { o.Voice = mixed{"tone:880*4"} }, `the voice in "en"`, "tone", ""},
		{"the voice is silent", func(_ *world, o *Options, _ *DoctorOptions) { o.Voice = mixed{} }, `the voice in "en"`, "says nothing", ""},
		{"sounds cannot be read", func(w *world, _ *Options, _ *DoctorOptions) { w.voice.holes = true }, "the sounds folder", "cannot play sound:spoken/0", "voice speaks"},
		{"no test extension", func(_ *world, _ *Options, o *DoctorOptions) { o.Test = "Local/nobody@tebiki" }, "", "", "the dialplan has no Local/nobody@tebiki"},
		{"a test extension that answers nothing", func(w *world, _ *Options, _ *DoctorOptions) {
			w.fake.Person("Local/tebiki-test@tebiki", asterisktest.Script{Ending: asterisktest.Never})
		}, "the test call", "nobody answers", ""},
		{"no folder for recordings", func(w *world, _ *Options, _ *DoctorOptions) {
			w.fake.Fail("GET recordings/stored", -1, asterisktest.AllocationFailed())
		}, "the recordings", "cannot keep any", "voice speaks"},
		{"recordings that were not fetched", func(w *world, _ *Options, _ *DoctorOptions) {
			w.fake.Store(asterisktest.Recording{Name: "report-1", Format: "wav"})
		}, "", "", "1 recordings are kept at Asterisk"},
		{"a person behind a SIP address", func(w *world, _ *Options, o *DoctorOptions) {
			w.fake.Person("PJSIP/trunk", asterisktest.Script{})
			o.People = []Person{{"Ueda", "PJSIP/trunk/sip:1@pbx.example"}}
		}, "", "", "1 people"},
		{"a test extension that hangs up", func(w *world, _ *Options, _ *DoctorOptions) {
			w.fake.Person("Local/tebiki-test@tebiki", steps(asterisktest.Step{After: 100 * time.Millisecond, HangUp: true}))
		}, "the test call", "ended before", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				version := map[bool]string{true: "16.2.1", false: "22.10.1"}[c.name == "it is old"]
				w := newWorldAway(t, asterisktest.WithVersion(version))
				w.stop() // it works while nothing runs
				synctest.Wait()
				w.fake.Person("PJSIP/sato", asterisktest.Script{})
				w.fake.Person("PJSIP/09012345678@trunk", asterisktest.Script{})
				w.fake.Person("Local/tebiki-test@tebiki", asterisktest.Script{})
				o, d := w.options(newNetwork(w.fake)), usual
				o.URL = strings.Replace(o.URL, "asterisk.test", "127.0.0.1", 1)
				if c.spoil != nil {
					c.spoil(w, &o, &d)
				}
				a, err := New(o)
				if err != nil {
					t.Fatal(err)
				}
				r := a.Doctor(t.Context(), d)
				w.fake.Resume()
				holdReport(t, r, c.about, c.fault, c.facts)
				w.quiet()
				synctest.Wait()
				if n := w.fake.Connections(); n != 0 {
					t.Errorf("%d connections are left", n)
				}
			})
		})
	}
}

// holdReport wants one finding, or none, and facts.
func holdReport(t *testing.T, r adapters.Report, about, fault, facts string) {
	t.Helper()
	switch {
	case about == "" && len(r.Found) > 0:
		t.Errorf("found %+v", r.Found)
	case about == "":
	case len(r.Found) != 1 || !strings.Contains(r.Found[0].About, about) || !strings.Contains(r.Found[0].Fault, fault) || r.Found[0].Do == "":
		t.Errorf("found %+v, want %q of %q", r.Found, fault, about)
	}
	for _, want := range strings.Split(facts, "|") {
		if !strings.Contains(strings.Join(r.Facts, "\n"), want) {
			t.Errorf("%q is none of the facts %q", want, r.Facts)
		}
	}
}

func TestDoctorCalls(t *testing.T) {
	for _, c := range []struct {
		name         string
		script       asterisktest.Script
		about, fault string
		fact         string
	}{
		{"a key", asterisktest.Script{Answer: 3 * time.Second, Then: []asterisktest.Step{{After: 2 * time.Second, Key: "7"}}}, "", "", "7 was pressed"},
		{"no key", asterisktest.Script{Answer: 3 * time.Second}, "the call to", "no key", ""},
		{"busy", asterisktest.Script{Ending: asterisktest.Busy}, "", "", "busy"},
		{"never", asterisktest.Script{Ending: asterisktest.Never}, "", "", "not answered"},
		{"unallocated", asterisktest.Script{Ending: asterisktest.Unallocated}, "the call to", "no such number", ""},
		{"congestion", asterisktest.Script{Ending: asterisktest.Congested}, "the call to", "no line", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t) // it works while Run runs
				w.a.opt.URL = strings.Replace(w.a.opt.URL, "asterisk.test", "127.0.0.1", 1)
				w.fake.Person("PJSIP/0312345678@trunk", c.script)
				r := w.a.Doctor(t.Context(), DoctorOptions{Call: "03-1234-5678", Lang: "en", Prompt: phone.Texts("Press any key."), Thanks: phone.Texts("Thank you.")})
				holdReport(t, r, c.about, c.fault, c.fact)
				if !strings.Contains(strings.Join(r.Facts, "\n"), "is connected") {
					t.Errorf("facts %q", r.Facts)
				}
				w.quiet()
			})
		})
	}
}

// TestDoctorAddresses: only a password that leaves the host unencrypted is
// warned of.
func TestDoctorAddresses(t *testing.T) {
	for address, warns := range map[string]bool{
		"http://127.0.0.1:8088/ari": false, "http://localhost:8088/ari": false, "http://[::1]:8088/ari": false, "https://pbx.example/ari": false,
		"http://pbx.example/ari": true, "http://10.0.0.5:8088/ari": true, "http://localhost.example:8088/ari": true,
	} {
		var r adapters.Report
		(&Asterisk{opt: Options{URL: address}}).checkAddress(&r)
		if warned := len(r.Found) > 0; warned != warns {
			t.Errorf("%s: %+v", address, r.Found)
		}
	}
}

// TestPeer: what Asterisk is asked about is the endpoint that a call goes
// through.
func TestPeer(t *testing.T) {
	for address, want := range map[string]string{
		"PJSIP/tanaka": "PJSIP tanaka", "PJSIP/0312345678@trunk": "PJSIP trunk", "PJSIP/trunk/sip:1@host": "PJSIP trunk", "PJSIP/trunk/sip:1@host:5061": "PJSIP trunk",
		"SIP/trunk/0312345678": "SIP trunk", "Local/hear@phones": "Local hear@phones", "Local/hear@phones/n": "Local hear@phones/n",
	} {
		if tech, resource := peer(address); tech+" "+resource != want {
			t.Errorf("%s: %s %s, want %s", address, tech, resource, want)
		}
	}
}

// TestDoctorReports: any error can be told.
func TestDoctorReports(t *testing.T) {
	for _, err := range []error{errors.New("x"), phone.ErrHungUp, errTaken, context.Canceled, refused("a: b"), away(nil), away(errTaken)} {
		var r adapters.Report
		failed(&r, "it", err)
		if len(r.Found) != 1 || r.Found[0].Fault == "" || r.Found[0].Do == "" {
			t.Errorf("%v: %+v", err, r.Found)
		}
	}
}

// TestDoctorEnds: it ends soon after its context.
func TestDoctorEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldAway(t)
		w.stop()
		w.fake.Person("Local/tebiki-test@tebiki", asterisktest.Script{Ending: asterisktest.Never})
		a, err := New(w.options(newNetwork(w.fake)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		a.Doctor(ctx, DoctorOptions{Test: "Local/tebiki-test@tebiki", Lang: "en", Prompt: phone.Texts("x")})
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("it ended after %v", took)
		}
		w.quiet()
	})
}

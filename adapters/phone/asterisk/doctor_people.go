package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"tebiki/adapters"
)

// checkPeople asks whether Asterisk knows the phones, and reaches them.
func (a *Asterisk) checkPeople(ctx context.Context, r *adapters.Report, people []Person) {
	states := map[string]error{} // by endpoint: a trunk has many people
	reached := 0
	for _, p := range people {
		about := p.Name + " (" + p.Phone + ")"
		endpoint, err := a.endpoint(p.Phone)
		if err != nil {
			failed(r, about, err)
			continue
		}
		tech, resource := peer(endpoint)
		if tech == "Local" { // the dialplan tells nobody what it has
			continue
		}
		name := tech + "/" + resource
		err, asked := states[name]
		if !asked {
			err = a.reachable(ctx, tech, resource)
			states[name] = err
		}
		if reached++; err != nil {
			reached--
			failed(r, about, err)
		}
	}
	if reached > 0 {
		r.Fact("%d people have phones that Asterisk knows", reached)
	}
}

// peer is the endpoint, as Asterisk's configuration has it, that an address is
// reached by: PJSIP/trunk of PJSIP/0312345678@trunk, and of
// PJSIP/trunk/sip:0312345678@pbx.example.jp, too.
func peer(address string) (tech, resource string) {
	tech, resource, _ = strings.Cut(address, "/")
	if tech == "Local" {
		return tech, resource
	}
	resource, _, _ = strings.Cut(resource, "/")
	if _, trunk, ok := strings.Cut(resource, "@"); ok {
		resource = trunk
	}
	return tech, resource
}

// reachable asks how an endpoint is.
func (a *Asterisk) reachable(ctx context.Context, tech, resource string) error {
	var got struct {
		State string `json:"state"`
	}
	status, err := a.request(ctx, http.MethodGet, "/endpoints/"+url.PathEscape(tech)+"/"+url.PathEscape(resource), nil, &got)
	missing := func(format string, args ...any) error {
		return &adapters.Error{Op: "look for a phone", Code: adapters.NotFound, Err: fmt.Errorf(format, args...)}
	}
	switch {
	case status == http.StatusNotFound:
		return missing("Asterisk has no endpoint %s/%s: compare it with pjsip.conf, or with \"pjsip show endpoints\"", tech, resource)
	case err == nil && got.State == "offline":
		return missing("the phone %s/%s is not registered, and calls to it reach nobody: see whether it is switched on, and \"pjsip show endpoint %s\"", tech, resource, resource)
	}
	return err
}

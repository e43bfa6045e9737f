package imap

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"tebiki/adapters/source/mail/imap/imaptest"
)

// certified gives a certificate for 127.0.0.1 and who vouches for it.
func certified(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, roots
}

func TestTLS(t *testing.T) {
	config, roots := certified(t)
	for name, c := range map[string]struct {
		security Security
		roots    *x509.CertPool
		fault    string
	}{
		"from the first byte":      {TLS, roots, ""},
		"STARTTLS":                 {StartTLS, roots, ""},
		"nobody vouches":           {TLS, nil, "certificate"},
		"nobody vouches, STARTTLS": {StartTLS, nil, "certificate"},
		"no TLS":                   {Plain, nil, "use tls or starttls"},
	} {
		t.Run(name, func(t *testing.T) {
			s := imaptest.New(t, imaptest.Options{TLS: config, Implicit: c.security == TLS})
			s.Deliver(t, "INBOX", letter("one"), nil)
			k := newTaker()
			o := ofServer(s)
			o.Security, o.Roots, o.Take = c.security, c.roots, k.take
			if c.fault == "" {
				run(t, o, flagged(t, s, "INBOX", DoneFlag, 1))
				return
			}
			m := run(t, o, func(m *Mailbox) bool { return m.Status().Fault != "" })
			if f := m.Status().Fault; !strings.Contains(f, c.fault) || len(k.all()) != 0 {
				t.Errorf("the fault is %q", f)
			}
			if s.Calls("login") != 0 {
				t.Error("the password went over the line")
			}
		})
	}
}

func TestTokens(t *testing.T) {
	for _, mechanisms := range [][]string{{"XOAUTH2"}, {"OAUTHBEARER"}, {"PLAIN", "XOAUTH2", "OAUTHBEARER"}} {
		s := imaptest.New(t, imaptest.Options{Mechanisms: mechanisms})
		s.Deliver(t, "INBOX", letter("one"), nil)
		k := newTaker()
		o := ofServer(s)
		var asked atomic.Int32
		o.Password, o.Take = nil, k.take
		o.Token = func() (string, error) {
			switch asked.Add(1) {
			case 1:
				return "", errors.New("the token's file is away")
			case 2:
				return "expired", nil
			}
			return imaptest.Token, nil
		}
		var faults []string
		run(t, o, func(m *Mailbox) bool {
			if f := m.Status().Fault; f != "" && !slices.Contains(faults, f) {
				faults = append(faults, f)
			}
			return flagged(t, s, "INBOX", DoneFlag, 1)(m)
		})
		if len(k.all()) != 1 || asked.Load() != 3 {
			t.Errorf("%q: %d are taken after asking for the token %d times", mechanisms, len(k.all()), asked.Load())
		}
		for _, f := range faults {
			if strings.Contains(f, "expired") && strings.Contains(f, "Bearer expired") {
				t.Errorf("a fault holds the token: %q", f)
			}
		}
	}
}

func TestDenied(t *testing.T) {
	for name, c := range map[string]struct {
		mechanisms []string
		token      bool
		want       string
	}{
		"wrong password":           {nil, false, "check user and password"},
		"wrong token, XOAUTH2":     {[]string{"XOAUTH2"}, true, `"status\":\"400\"`},
		"wrong token, OAUTHBEARER": {[]string{"OAUTHBEARER"}, true, "not older than"},
		"no tokens are taken":      {[]string{"PLAIN"}, true, "neither OAUTHBEARER nor XOAUTH2"},
	} {
		t.Run(name, func(t *testing.T) {
			s := imaptest.New(t, imaptest.Options{Mechanisms: c.mechanisms})
			o := ofServer(s)
			wrong := func() (string, error) { return "wr0ng-secret", nil }
			if o.Password = wrong; c.token {
				o.Password, o.Token = nil, wrong
			}
			m, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			err = m.once(t.Context())
			if !errors.Is(err, errDenied) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "wr0ng-secret") {
				t.Errorf("it says %v, want %q", err, c.want)
			}
		})
	}
}

package asterisk

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
)

// What is wrong with plain HTTP between two machines, and what to do.
const (
	openly  = "the password and all that is said of alerts go over the network without encryption"
	encrypt = "use https (tlsenable in http.conf), or run Tebiki on the host of Asterisk and bind http.conf to 127.0.0.1"
)

// unencrypted tells whether an address is of another host, by plain HTTP.
func unencrypted(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && !ip.IsLoopback()
}

// trust are the certificates of the system and those given; nil is the
// system's alone.
func trust(ca []byte) (*tls.Config, error) {
	if len(ca) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(ca) {
		return nil, errors.New("asterisk: there is no certificate in the CA file; want PEM, with lines such as -----BEGIN CERTIFICATE-----")
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// noAnswer says what to do about a request or a connection that got none.
func noAnswer(err error) error {
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return fmt.Errorf("its certificate is not trusted: name it, or what it is signed with, in phone.asterisk.ca: %w", err)
	}
	return fmt.Errorf("it does not answer: is it running, and is http.conf enabled on that address? %w", err)
}

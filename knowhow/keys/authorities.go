package keys

import (
	"crypto/x509"
	"fmt"
)

// ReadAuthorities adds the certificates of a file in PEM to the system's. With
// "" it gives nil, which tls.Config takes for the system's alone.
func ReadAuthorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("read the certificates to trust: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's certificates: %w", err)
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate; put the authority's there, in PEM form", file)
	}
	return pool, nil
}

package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
)

// smtp makes what the configuration says of a listener; nil when nothing listens.
func (b *builder) smtp() *SMTP {
	w, p := b.wire.Mail.in.SMTP, at("mail", "smtp")
	if w == nil {
		return nil
	}
	s := &SMTP{Listen: w.Listen, From: w.From, To: w.To, Max: int(w.Max)}
	if _, _, err := net.SplitHostPort(w.Listen); err != nil {
		b.consequence(p.key("listen"), fmt.Sprintf("is %q; want an address and a port, such as 127.0.0.1:8425", w.Listen))
	} else if !loopback(w.Listen) && len(w.Networks) == 0 {
		b.consequence(p.key("listen"), "can be reached from other machines, of which none may send; name the mail servers' addresses under networks, such as [10.1.0.25, 10.2.0.0/24]", p.key("networks"))
	}
	b.addresses(p.key("from"), w.From, true)
	b.addresses(p.key("to"), w.To, false)
	for i, n := range w.Networks {
		prefix, err := network(n)
		if err != nil {
			b.consequence(p.key("networks").index(i), fmt.Sprintf("is %q; want an address or a network such as 10.2.0.0/24", n))
		}
		s.Networks = append(s.Networks, prefix)
	}
	b.mailSize(p.key("max"), s.Max)
	if w.TLS != nil {
		s.Certificate = b.certificate(p.key("tls"), w.TLS.Cert, w.TLS.Key)
	}
	return s
}

// network reads a network, or a single address.
func network(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

func (b *builder) addresses(p place, list []string, sender bool) {
	for i, s := range list {
		if s == "<>" && sender {
			continue
		}
		if !strings.Contains(s, "@") && s != "*" {
			b.consequence(p.index(i), fmt.Sprintf("is %q; want an address in which * stands for anything, such as *@example.jp", s))
		}
	}
}

// certificate tries to read the files of one now, and gives what reads them
// again: certificates are renewed while the program runs.
func (b *builder) certificate(p place, cert, key string) *Certificate {
	from := b.secrets
	read := func() (tls.Certificate, error) {
		public, err := from.whole(cert)
		if err != nil {
			return tls.Certificate{}, fmt.Errorf("read the certificate: %w", err)
		}
		private, err := from.whole(key)
		if err != nil {
			return tls.Certificate{}, fmt.Errorf("read the certificate's key: %w", err)
		}
		return tls.X509KeyPair(public, private)
	}
	if _, err := read(); err != nil {
		b.consequence(p, fmt.Sprintf("cannot be used: %v; write the paths of a certificate and its key in PEM: {cert: PATH, key: PATH}", err))
	}
	return &Certificate{read}
}

func (s *secrets) whole(name string) ([]byte, error) {
	if name == "" {
		return nil, errors.New("its path is missing")
	}
	f, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxCertificates))
}

package config

import (
	"strings"
	"time"

	"tebiki/knowhow/source/address"
	"tebiki/knowhow/source/forge"
)

// A Git is the repository that holds the know-how. Files are absolute, or
// relative to the folder of the configuration.
type Git struct {
	URL, Branch, Folder string
	Every               time.Duration // how often it is asked
	User                string
	Token               Secret // for https
	Key                 string // file, for ssh
	Passphrase          Secret
	KnownHosts          []string
	CA                  string
	Hook                Secret // of webhooks; none are taken without
	Forge               string // one of forge.Kinds; "" is told by the URL
	Pages               forge.Pages
}

func (b *builder) git() *Git {
	w, p := b.wire.Knowhow.Git, at("knowhow", "git")
	if w == nil {
		return nil
	}
	g := &Git{URL: w.URL, Branch: w.Branch, Folder: w.Folder, Every: time.Duration(w.Every), User: w.User, Token: b.secret(p.key("token"), w.Token),
		Key: w.Key, Passphrase: b.secret(p.key("passphrase"), w.Passphrase), KnownHosts: w.KnownHosts, CA: w.CA, Hook: b.secret(p.key("hook"), w.Hook),
		Forge: w.Forge, Pages: forge.Pages{File: w.Pages.File, History: w.Pages.History, Propose: w.Pages.Propose, Commit: w.Pages.Commit}}
	b.lasts(w.Every, 5*time.Second, time.Hour, "knowhow", "git", "every")
	b.gitPlace(w, p)
	for i, name := range w.KnownHosts {
		b.readable(p.key("known_hosts").index(i), name)
	}
	for key, name := range map[string]string{"key": w.Key, "ca": w.CA} {
		if name != "" {
			b.readable(p.key(key), name)
		}
	}
	if w.Forge != "" {
		b.oneOf(p.key("forge"), []string{w.Forge}, forge.Kinds()...)
	}
	if err := g.Pages.Validate(); err != nil {
		b.fault(p.key("pages"), "%v", err)
	}
	return g
}

// gitPlace holds an address against what it takes to ask there.
func (b *builder) gitPlace(w *gitWire, p place) {
	a, err := address.Parse(w.URL)
	switch {
	case err != nil:
		b.consequence(p.key("url"), err.Error())
	case a.Scheme != "ssh":
	case w.Key == "":
		b.fault(p, "%s is asked over ssh and there is no key; write key: FILE with the bot's private key", a.Host)
	case len(w.KnownHosts) == 0:
		b.fault(p, "%s is asked over ssh and there are no known hosts; write known_hosts: [FILE], such as /etc/ssh/ssh_known_hosts", a.Host)
	}
	if strings.Contains(w.Branch, " ") || w.Branch == "" {
		b.consequence(p.key("branch"), "is no branch; write its name, such as main")
	}
}

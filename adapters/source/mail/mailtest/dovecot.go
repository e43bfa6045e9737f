//go:build unix

package mailtest

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A Dovecot keeps one mailbox.
type Dovecot struct {
	IMAP, IMAPS, LMTP int    // ports, on 127.0.0.1
	CA                string // file of the certificate
	Dir               string

	mail string
	put  int // mails so far
}

const dovecot = "/usr/sbin/dovecot"

// StartDovecot starts one, which ends with the test. It needs no rights.
func StartDovecot(t testing.TB) *Dovecot {
	t.Helper()
	need(t, dovecot, "/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp")
	d := &Dovecot{IMAP: freePort(t), IMAPS: freePort(t), LMTP: freePort(t), Dir: folder(t)}
	cert, key := certificate(t, d.Dir)
	d.CA, d.mail = cert, filepath.Join(d.Dir, "mail")
	who := owner(t)
	for _, sub := range []string{"mail", "run", "state"} {
		if err := os.Mkdir(filepath.Join(d.Dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(d.mail, who.uid, who.gid); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(d.Dir, "dovecot.log")
	config := write(t, d.Dir, "dovecot.conf", strings.NewReplacer("{dir}", d.Dir, "{log}", log, "{user}", who.name, "{group}", who.group,
		"{uid}", strconv.Itoa(who.uid), "{gid}", strconv.Itoa(who.gid), "{cert}", cert, "{key}", key, "{password}", Password,
		"{imap}", strconv.Itoa(d.IMAP), "{imaps}", strconv.Itoa(d.IMAPS), "{lmtp}", strconv.Itoa(d.LMTP)).Replace(dovecotConf))
	run(t, log, []int{d.IMAP, d.IMAPS, d.LMTP}, dovecot, "-F", "-c", config)
	return d
}

// dovecotConf lets all of it run as one user, below one folder.
const dovecotConf = `protocols = imap lmtp
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {log}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
listen = 127.0.0.1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{dir}/mail/%n
passdb {
  driver = static
  args = password={password}
}
userdb {
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%n allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = {imap}
  }
  inet_listener imaps {
    port = {imaps}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = {lmtp}
  }
}
service stats {
  chroot =
}
protocol lmtp {
  postmaster_address = postmaster@` + BoxDomain + `
}
`

// An account is whom mails belong to, and whom Dovecot runs as.
type account struct {
	name, group string
	uid, gid    int
}

// owner is this process's user. Dovecot gives nobody the mails of root, so for
// root it is nobody.
func owner(t testing.TB) account {
	t.Helper()
	who, err := user.Current()
	if err == nil && who.Uid == "0" {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(who.Gid)
	if err != nil {
		t.Fatal(err)
	}
	a := account{name: who.Username, group: group.Name}
	a.uid, _ = strconv.Atoi(who.Uid) // they are numbers on unix
	a.gid, _ = strconv.Atoi(who.Gid)
	return a
}

// Flagged counts the mails in the inbox by whether they have a keyword or flag
// of any kind, as they lie on disk.
func (d *Dovecot) Flagged(t testing.TB) (with, without int) {
	t.Helper()
	for _, sub := range []string{"new", "cur"} {
		files, err := os.ReadDir(filepath.Join(d.mail, User, sub))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, f := range files {
			if _, flags, ok := strings.Cut(f.Name(), ":2,"); ok && flags != "" {
				with++
			} else {
				without++
			}
		}
	}
	return with, without
}

// Put lays mails into the inbox at once, as many as a weekend brings.
func (d *Dovecot) Put(t testing.TB, mails ...string) {
	t.Helper()
	who := owner(t)
	for _, sub := range []string{"", "tmp", "cur", "new"} {
		dir := filepath.Join(d.mail, User, sub)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, who.uid, who.gid); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range mails {
		d.put++
		// Written aside and then renamed, or Dovecot would have it half.
		name := fmt.Sprintf("1764%06d.M%dP1.mx", d.put, d.put)
		aside := filepath.Join(d.mail, User, "tmp", name)
		if err := os.WriteFile(aside, []byte(m), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(aside, who.uid, who.gid); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(aside, filepath.Join(d.mail, User, "new", name)); err != nil {
			t.Fatal(err)
		}
	}
}

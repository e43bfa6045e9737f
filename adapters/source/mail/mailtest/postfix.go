//go:build unix

package mailtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Postfix takes mails on loopback and hands them over by their domains.
type Postfix struct {
	SMTP   int // port, on 127.0.0.1
	Dir    string
	config string
}

const (
	postfix        = "/usr/sbin/postfix"
	postfixDaemons = "/usr/lib/postfix/sbin"
)

// StartPostfix starts one, which ends with the test. For each domain it is told
// where mails go: "lmtp:inet:127.0.0.1:24", "smtp:[127.0.0.1]:8425". What is not
// taken there is tried again every second. Postfix wants to be root.
func StartPostfix(t testing.TB, transports map[string]string) *Postfix {
	t.Helper()
	need(t, postfix, postfixDaemons+"/master")
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("Postfix runs only as root: run this as root")
		}
		t.Skip("Postfix runs only as root")
	}
	p := &Postfix{SMTP: freePort(t), Dir: folder(t)}
	p.config = p.folder(t, "etc", 0)
	p.folder(t, "spool", 0)
	p.folder(t, "data", uidOf(t, "postfix"))
	var domains, ways []string
	for domain, way := range transports {
		domains = append(domains, domain)
		ways = append(ways, fmt.Sprintf("{%s=%s}", domain, way))
	}
	log := filepath.Join(p.Dir, "mail.log")
	write(t, p.config, "main.cf", strings.NewReplacer("{dir}", p.Dir, "{log}", log, "{daemons}", postfixDaemons,
		"{domains}", strings.Join(domains, " "), "{ways}", strings.Join(ways, ", ")).Replace(mainCf))
	write(t, p.config, "master.cf", strings.ReplaceAll(masterCf, "{smtp}", strconv.Itoa(p.SMTP)))
	t.Cleanup(func() { p.killed(t) })
	d := run(t, log, []int{p.SMTP}, postfix, "-c", p.config, "start-fg")
	t.Cleanup(func() { p.stop(d) })
	return p
}

// stop ends it by its own command: its master process is no child of the
// program that was started.
func (p *Postfix) stop(d *daemon) {
	_ = exec.Command(postfix, "-c", p.config, "stop").Run() // whether it has ended is seen below
	select {
	case <-d.ended:
	case <-time.After(starting):
	}
}

// killed ends what is left of it.
func (p *Postfix) killed(t testing.TB) {
	text, err := os.ReadFile(filepath.Join(p.Dir, "spool", "pid", "master.pid"))
	if err != nil {
		return // it never started
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err == nil && syscall.Kill(pid, 0) == nil {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		t.Log("Postfix did not end by itself")
	}
}

const mainCf = `compatibility_level = 3.6
queue_directory = {dir}/spool
data_directory = {dir}/data
daemon_directory = {daemons}
command_directory = /usr/sbin
maillog_file = {log}
maillog_file_prefixes = {dir}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mta.example.jp
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relay_domains = {domains}
transport_maps = inline:{ {ways} }
alias_maps =
alias_database =
local_recipient_maps =
always_add_missing_headers = yes
smtp_tls_security_level = may
smtp_destination_recipient_limit = 1
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
default_destination_concurrency_failed_cohort_limit = 0
`

const masterCf = `127.0.0.1:{smtp} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
lmtp      unix  - - n - - lmtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`

func (p *Postfix) folder(t testing.TB, name string, uid int) string {
	t.Helper()
	dir := filepath.Join(p.Dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, uid, 0); err != nil {
		t.Fatal(err)
	}
	return dir
}

func uidOf(t testing.TB, name string) int {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid) // it is a number on unix
	return uid
}

// Waiting is how many mails are in the queue.
func (p *Postfix) Waiting(t testing.TB) (n int) {
	t.Helper()
	for _, queue := range []string{"maildrop", "incoming", "active", "deferred"} {
		err := filepath.WalkDir(filepath.Join(p.Dir, "spool", queue), func(_ string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				n++
			}
			return nil // a mail may go while it is counted
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// Flush has it try at once what waits.
func (p *Postfix) Flush(t testing.TB) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), postfix, "-c", p.config, "flush").CombinedOutput(); err != nil {
		t.Fatalf("flush the queue: %v\n%s", err, out)
	}
}

// Log is what it has logged.
func (p *Postfix) Log(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.Dir, "mail.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Address is where mails are sent to.
func (p *Postfix) Address() string { return address(p.SMTP) }

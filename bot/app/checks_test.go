package app

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"

	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/knowhow/check/ssh/sshtest"

	chatconsole "tebiki/adapters/chat/console"
)

// openServers runs an office whose checks of disk space run on a server, which
// lets in whoever has the key.
func openServers(t *testing.T, checks string, handle func(*sshtest.Session)) *office {
	t.Helper()
	server, key, known := sshtest.StartKnown(t, handle)
	_, port, err := net.SplitHostPort(server.Address)
	if err != nil {
		t.Fatal(err)
	}
	opt := officeOptions(t, "checks: {at_once: 4, per_host: 2, output: 64KiB}",
		fmt.Sprintf("checks: {%s ssh: {user: tebiki, key: %s, known_hosts: [%s], port: %s}}", checks, key, known, port))
	opt.Files = filesWith(t, strings.NewReplacer("    run: [df, -hT, '{path}']", "    run: [df, -hT, '{path}']\n    where: server\n    expect: {exit: 0, matches: 'free'}", "host: db1.example.jp", "host: 127.0.0.1"))
	return runOffice(t, opt)
}

func (o *office) audit() (out []string) {
	o.t.Helper()
	records, err := o.App.audit.After(o.t.Context(), 0, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, r := range records {
		if r.Where == "server" {
			out = append(out, fmt.Sprintf("%s %s %s %s %q ended %v %s", r.Who, r.Ticket, r.Host, r.Check, r.Command, r.Ended, r.Reason))
		}
	}
	return out
}

func (o *office) full(host string) (key string, push chatconsole.Stored) {
	o.t.Helper()
	made, err := o.tracker.Create(o.t.Context(), tracker.Draft{Label: "form/" + host, Component: "disk-full", Title: "full", Reporter: "lee", Assignee: "tanaka",
		Fields: map[string]string{"host": host, "path": "/var"}})
	if err != nil {
		o.t.Fatal(err)
	}
	return made.Key, o.message("tanaka", "request/"+made.Key, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "useful") })
}

// TestChecksOnServers: a check runs on the ticket's server, its verdict is
// shown, and the audit log says for whom; again from the sub-ticket's page,
// it ends as a comment.
func TestChecksOnServers(t *testing.T) {
	o := openServers(t, "", func(s *sshtest.Session) {
		fmt.Fprintf(s, "12%% free, password=hunter2 (%s)\n", s.Command)
		s.Exit(0)
	})
	key, push := o.full("127.0.0.1")
	text := textOf(push)
	for _, part := range []string{"12% free", "'-hT' '/var'", "✓"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Errorf("a secret is shown:\n%s", text)
	}
	want := []string{` ` + key + ` 127.0.0.1 disk-space "df -hT /var" ended false `, ` ` + key + ` 127.0.0.1 disk-space "df -hT /var" ended true `}
	if got := o.audit(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the audit log has %q, want %q", got, want)
	}

	subs, err := o.tracker.Subtickets(t.Context(), key)
	if err != nil || len(subs) == 0 {
		t.Fatal(err)
	}
	page, err := o.App.tickets.Ticket(t.Context(), web.Person{ID: "suzuki", Lang: "ja"}, subs[0].Key)
	if err != nil || !page.May(web.Checks) {
		t.Fatalf("the sub-ticket's page offers %v, %v", page.Can, err)
	}
	o.age(key)
	if err := o.App.tickets.Do(t.Context(), web.Person{ID: "suzuki", Lang: "ja"}, subs[0].Key, web.TicketAction{Kind: web.Checks}); err != nil {
		t.Fatal(err)
	}
	o.until(o.tracker.(tracker.Waker).Changed, "the new result is a comment", func() bool {
		history, err := o.tracker.History(t.Context(), subs[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range history {
			if e.Kind == tracker.Commented && strings.Contains(e.Text, "再確認の結果") && strings.Contains(e.Text, "12% free") {
				return true
			}
		}
		return false
	})
	if got := o.audit(); len(got) != 4 || !strings.HasPrefix(got[3], "suzuki ") {
		t.Errorf("the audit log has %q", got)
	}
}

// saysOf wants a line about a check that is this whole sentence.
func saysOf(t *testing.T, m chatconsole.Stored, name, sentence string) {
	t.Helper()
	plain := strings.ReplaceAll(textOf(m), `\`, "") // without Markdown's escapes
	if !regexp.MustCompile(`(?m)^- \*\*` + name + `\*\* ` + sentence + `$`).MatchString(plain) {
		t.Errorf("no line %s: %s in\n%s", name, sentence, plain)
	}
}

// TestChecksThatMayNot: what the bot's rules forbid, and servers that are not
// in the inventory, are said so and hold up nothing.
func TestChecksThatMayNot(t *testing.T) {
	called := func(s *sshtest.Session) { t.Errorf("it ran %q", s.Command); s.Exit(0) }
	t.Run("denied", func(t *testing.T) {
		o := openServers(t, "deny: [df *],", called)
		_, push := o.full("127.0.0.1")
		saysOf(t, push, "disk-space", `は実行していません\(.+?\): Tebiki の設定で許可されていません: `+
			`df was not run: the rule "df \*" of the bot's configuration denies it\. Ask whoever runs the bot, or change the check disk-space`)
	})
	t.Run("unlisted", func(t *testing.T) {
		o := openServers(t, "", called)
		_, push := o.full("192.0.2.250")
		saysOf(t, push, "disk-space", `は実行していません\(.+?\): チケットのサーバーは台帳にありません。チケットのホストを直すか、台帳に登録してください`)
	})
}

package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/adapters/tracker/jira/jiratest"
	"tebiki/adapters/tracker/redmine/redminetest"
	"tebiki/bot/sample"
)

// inJira is a workspace on disk whose tickets are in a fake Jira.
func inJira(t *testing.T, components ...string) (file string, env map[string]string, j *jiratest.Jira) {
	t.Helper()
	var users []jiratest.User
	for _, mail := range everybody {
		users = append(users, jiratest.User{Name: mail, Email: mail})
	}
	j = jiratest.New(t, jiratest.DataCenter, jiratest.WithUsers(users...), jiratest.WithProjects(jiratest.Project{Key: "OPS", Components: components}))
	file = filepath.Join(ours(t), sample.Config)
	replace(t, file, "\nteams:\n", "\ntracker: {kind: jira, url: \""+j.URL()+"\", project: OPS, token: {env: JIRA}}\nteams:\n")
	return file, map[string]string{"JIRA": jiratest.Token}, j
}

func TestDoctorTracker(t *testing.T) {
	file, env, j := inJira(t, "subdomain", "account", "web-server-setting", "certificate", "mail-queue", "disk-full", "host-down")
	got := commandIn(t.Context(), env, "doctor", "tracker", "--config", file)
	if !strings.Contains(got.out, "Jira Data Center 10.3") || !strings.Contains(got.out, "fixed is Resolved") {
		t.Errorf("the doctor says %q %q", got.out, got.errs)
	}
	for _, missing := range []string{"the component capacity", "to do: make it in Jira"} {
		if got.code != 1 || !strings.Contains(got.out, missing) {
			t.Errorf("exit status %d, and %q is not in %q", got.code, missing, got.out)
		}
	}
	j.Revoke()
	commandIn(t.Context(), env, "doctor", "tracker", "--config", file).expect(t, 1, "the credentials", "faults: 1")
	commandIn(t.Context(), nil, "doctor", "tracker", "--config", filepath.Join(ours(t), sample.Config)).expect(t, 1, "", "no tracker section")
}

// The doctor of the real Redmine, by the command: what it finds, what to do,
// and the exit status.
func TestDoctorTrackerInRedmine(t *testing.T) {
	r := redminetest.Start(t, redminetest.Textile)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	components := []string{"subdomain", "account", "web-server-setting", "certificate", "mail-queue", "disk-full", "host-down"}
	p := r.Project(t, components...)
	file := filepath.Join(ours(t), sample.Config)
	replace(t, file, "\nteams:\n", "\ntracker: {kind: redmine, url: \""+r.URL+"\", project: "+p.Identifier+", token: {env: REDMINE}}\nteams:\n")
	for name, who := range r.People {
		replace(t, file, "\n  "+name+": {", fmt.Sprintf("\n  %s: {tracker: %q, ", name, strconv.Itoa(who.ID)))
	}
	env := map[string]string{"REDMINE": r.Bot.Key}
	got := commandIn(t.Context(), env, "doctor", "tracker", "--config", file)
	for _, word := range []string{`the component "capacity": the project has no category`, "to do: add it in the project's settings", `the person "lee"`} {
		if got.code != 1 || !strings.Contains(got.out, word) {
			t.Errorf("exit status %d, and %q is not in %q %q", got.code, word, got.out, got.errs)
		}
	}
	if strings.Contains(got.out, r.People["tanaka"].Name+"\"") || strings.Contains(got.out, `"disk-full"`) {
		t.Errorf("what is well is found, too: %q", got.out)
	}
	commandIn(t.Context(), map[string]string{"REDMINE": "wrong"}, "doctor", "tracker", "--config", file).expect(t, 1, "does not take the key", "faults: 1")
}

func TestDoctorPhone(t *testing.T) {
	sounds := t.TempDir()
	fake := asterisktest.New(t, asterisktest.WithSpeed(20), asterisktest.WithSoundsFolder(sounds))
	fake.Person("Local/hear@tebiki-test", asterisktest.Script{})
	for _, id := range []string{"tanaka", "sato", "suzuki", "smith", "garcia", "lee"} {
		fake.Person("PJSIP/"+id, asterisktest.Script{Then: []asterisktest.Step{{Key: "5"}}})
	}
	file := filepath.Join(ours(t), sample.Config)
	replace(t, file, "phone: {lines: 4, ring: 45s, repeat: 2}", fmt.Sprintf("phone: {asterisk: {url: %q, password: {env: ARI}, sounds: %q}}", fake.URL(), sounds))
	for _, id := range []string{"tanaka", "sato", "suzuki", "smith", "garcia", "lee"} {
		replace(t, file, "\n  "+id+": {", "\n  "+id+": {phone: PJSIP/"+id+", ")
	}
	env := map[string]string{"ARI": asterisktest.Password}
	commandIn(t.Context(), env, "doctor", "phone", "--config", file, "--call", "PJSIP/tanaka").expect(t, 0, "no faults", "")
	if heard := fake.Heard("PJSIP/tanaka"); len(heard) == 0 {
		t.Error("nobody was called")
	}
	commandIn(t.Context(), map[string]string{"ARI": "wrong"}, "doctor", "phone", "--config", file).expect(t, 1, "ari.conf", "faults: 1")
	commandIn(t.Context(), nil, "doctor", "phone", "--config", filepath.Join(ours(t), sample.Config)).expect(t, 1, "", "rings in the console")
}

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/adapters/tracker/jira/jiratest"
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

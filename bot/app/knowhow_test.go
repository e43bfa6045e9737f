package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/config"
	"tebiki/knowhow/source/gittest"

	chatconsole "tebiki/adapters/chat/console"
)

func knowHowOf(title, todo string) map[string]string {
	return map[string]string{
		"kh/knowhow.yaml":    "components:\n  - {name: tape, title: {en: " + title + "}, request_type: task, subtickets: [{title: {en: Change it}, document: tape}]}\n",
		"kh/docs/tape.en.md": "---\ntitle: Changing a tape\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\n" + todo + "\n## Procedure\n1. Do it.\n",
	}
}

// gitOffice runs an office whose know-how is in a repository.
func gitOffice(t *testing.T, repo *gittest.Repo) *office {
	t.Helper()
	opt := officeOptions(t, "knowhow: {dir: knowhow}", "")
	opt.Config.KnowhowGit = &config.Git{URL: repo.URL(), Branch: "main", Folder: "kh", Every: 3600e9, Hook: config.NewSecret("open sesame")}
	opt.Config.KnowhowGit.Pages.File = "https://git.example.jp/{commit}/{path}"
	opt.Config.KnowhowGit.Pages.Commit = "https://git.example.jp/{commit}"
	opt.Config.KnowhowGit.Pages.History = "https://git.example.jp/log/{path}"
	opt.Config.KnowhowGit.Pages.Propose = "https://git.example.jp/edit/{path}"
	opt.Config.KnowhowGit.Forge = "github"
	return runOffice(t, opt)
}

// pushed tells of a push, as GitHub does.
func (o *office) pushed(repo *gittest.Repo, want int) {
	o.t.Helper()
	body := `{"ref":"refs/heads/main","repository":{"full_name":"` + strings.TrimSuffix(strings.TrimPrefix(repo.Dir, "/"), ".git") + `"}}`
	mac := hmac.New(sha256.New, []byte("open sesame"))
	mac.Write([]byte(body))
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.url()+"/hooks/knowhow", strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-GitHub-Event", "push")
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	req.Close = true
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != want {
		o.t.Errorf("the webhook is answered %s, %v", resp.Status, err)
	}
}

// TestKnowHowFromGit: sub-tickets name the commit they are made from, a push
// is noticed at once, and whoever breaks the know-how hears where, and then
// that it loads again, while what was good before serves on.
func TestKnowHowFromGit(t *testing.T) {
	repo := gittest.New(t)
	first := repo.Commit("first", knowHowOf("Tape", "Fetch a tape."))
	o := gitOffice(t, repo)
	made, err := o.tracker.Create(t.Context(), tracker.Draft{Label: "form/1", Component: "tape", Title: "change it", Reporter: "lee", Assignee: "smith"})
	if err != nil {
		t.Fatal(err)
	}
	push := o.message("smith", "request/"+made.Key, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "useful") })
	subs, err := o.tracker.Subtickets(t.Context(), made.Key)
	if err != nil || len(subs) != 1 {
		t.Fatalf("%d sub-tickets, %v", len(subs), err)
	}
	for _, part := range []string{"Made from the know-how's commit [" + first[:12] + "](<https://git.example.jp/" + first + ">)", "[File](<https://git.example.jp/" + first + "/kh/docs/tape.en.md>)",
		"[History](<https://git.example.jp/log/kh/docs/tape.en.md>)", "[Propose a change](<https://git.example.jp/edit/kh/docs/tape.en.md>)"} {
		if !strings.Contains(subs[0].Body, part) {
			t.Errorf("no %q in the sub-ticket:\n%s", part, subs[0].Body)
		}
	}
	if !strings.Contains(textOf(push), "https://git.example.jp/edit/kh/docs/tape.en.md") {
		t.Errorf("the message leads to no change:\n%s", textOf(push))
	}

	bad := knowHowOf("Tape", "Fetch a tape.")
	bad["kh/docs/tape.en.md"] = "no front matter\n"
	repo.Commit("broken", bad)
	repo.Git("commit", "-q", "--amend", "--no-edit", "--author=Hannah <LEE@example.com>")
	o.pushed(repo, http.StatusAccepted)
	told := o.message("lee", "upkeep fault/", "with the place", func(m chatconsole.Stored) bool { return strings.Contains(textOf(m), `docs\/tape\.en\.md\:1`) })
	if e, ok := o.library.Base().Entry("tape"); !ok || e.Title.En != "Tape" {
		t.Error("what was good before is gone")
	}
	state, err := o.knowHowState()
	if err != nil || len(state.Faults) != 1 || state.Commit != first[:12] {
		t.Errorf("the page says %+v, %v", state, err)
	}

	page := o.page("/knowhow")
	for _, part := range []string{"docs/tape.en.md:1", first[:12]} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not show %s:\n%s", part, page)
		}
	}
	if metrics := o.page("/metrics"); !strings.Contains(metrics, "\ntebiki_knowhow_fault 1\n") || !strings.Contains(metrics, "\ntebiki_knowhow_fetch_age_seconds ") {
		t.Errorf("/metrics does not tell of the fault, or of the last fetch")
	}

	repo.Commit("mended", knowHowOf("Tape drive", "Fetch a new tape."))
	o.pushed(repo, http.StatusAccepted)
	o.message("lee", told.Key, "that it loads again", func(m chatconsole.Stored) bool { return strings.Contains(m.Title, "loads again") })
	if e, ok := o.library.Base().Entry("tape"); !ok || e.Title.En != "Tape drive" {
		t.Error("the new know-how is not in use")
	}
	if metrics := o.page("/metrics"); !strings.Contains(metrics, "\ntebiki_knowhow_fault 0\n") {
		t.Error("/metrics still tells of the fault")
	}
	if page := o.page("/knowhow"); strings.Contains(page, "docs/tape.en.md:1") || !strings.Contains(page, "Tape drive") {
		t.Errorf("the page says\n%s", page)
	}
}

func (o *office) knowHowState() (web.KnowHowState, error) {
	return o.knowHowPages().State(o.t.Context())
}

// TestStartWithoutARepository: paging begins although the know-how cannot be
// had, and what was fetched before is used when there is some.
func TestStartWithoutARepository(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit("first", knowHowOf("Tape", "Fetch a tape."))
	for name, kept := range map[string]bool{"never fetched": false, "fetched before": true} {
		t.Run(name, func(t *testing.T) {
			opt := officeOptions(t)
			opt.Config.KnowhowGit = &config.Git{URL: repo.URL(), Branch: "main", Folder: "kh", Every: 3600e9}
			if kept {
				a, err := New(t.Context(), opt)
				if err != nil {
					t.Fatal(err)
				}
				if err := a.Close(); err != nil {
					t.Fatal(err)
				}
			}
			away := filepath.Join(t.TempDir(), "away")
			if err := os.Rename(repo.Dir, away); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = os.Rename(away, repo.Dir) }() // for the next
			o := runOffice(t, opt)
			if _, ok := o.library.Base().Entry("tape"); ok != kept {
				t.Errorf("there is know-how: %v, want %v", ok, kept)
			}
			id, state := o.alert(map[string]any{"source": "zabbix", "host": "web1.example.jp", "severity": "critical", "summary": "down"})
			if state != "open" {
				t.Errorf("incident %s is %s", id, state)
			}
			o.message(o.onCall(id), "incident/", "about it", func(chatconsole.Stored) bool { return true })
		})
	}
}

// TestDocumentsOfACall: the phone page of whoever talks has the documents of
// the incident.
func TestDocumentsOfACall(t *testing.T) {
	o := openOffice(t, atOnce...)
	id, _ := o.alert(map[string]any{"source": "zabbix", "host": "web1.example.jp", "check": "ping", "severity": "critical", "summary": "host down"})
	person := o.onCall(id)
	o.until(o.phone.Watch, "the phone rings", func() bool { return len(o.phone.Calls(person)) > 0 })
	if err := o.phone.Answer(t.Context(), person, o.phone.Calls(person)[0].ID); err != nil {
		t.Fatal(err)
	}
	var docs []web.Doc
	o.until(o.phone.Watch, "the page has the documents", func() bool {
		calls, err := o.webPhones().Calls(t.Context())
		if err != nil || len(calls) == 0 {
			t.Fatalf("%d calls, %v", len(calls), err)
		}
		docs = calls[0].Docs
		return calls[0].State == web.Talking && calls[0].Incident == id
	})
	if len(docs) == 0 || docs[0].Owner == "" || docs[0].Reviewed.IsZero() {
		t.Errorf("%+v", docs)
	}
}

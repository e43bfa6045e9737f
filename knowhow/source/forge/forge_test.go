package forge

import (
	"strings"
	"testing"

	"tebiki/knowhow/source/address"
)

func parsed(t *testing.T, text string) address.Address {
	t.Helper()
	a, err := address.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPages(t *testing.T) {
	const commit, branch, path = "c0ffee", "main", "ops/docs/disk-free.ja.md"
	for _, c := range []struct{ kind, address, file, history, propose, commit string }{
		{"", "https://github.com/team/kh.git", "https://github.com/team/kh/blob/main/ops/docs/disk-free.ja.md",
			"https://github.com/team/kh/commits/main/ops/docs/disk-free.ja.md", "https://github.com/team/kh/edit/main/ops/docs/disk-free.ja.md", "https://github.com/team/kh/commit/c0ffee"},
		{"", "git@github.example.jp:team/kh.git", "https://github.example.jp/team/kh/blob/main/ops/docs/disk-free.ja.md",
			"https://github.example.jp/team/kh/commits/main/ops/docs/disk-free.ja.md", "https://github.example.jp/team/kh/edit/main/ops/docs/disk-free.ja.md", "https://github.example.jp/team/kh/commit/c0ffee"},
		{"", "git@gitlab.com:a/b/kh.git", "https://gitlab.com/a/b/kh/-/blob/main/ops/docs/disk-free.ja.md",
			"https://gitlab.com/a/b/kh/-/commits/main/ops/docs/disk-free.ja.md", "https://gitlab.com/a/b/kh/-/edit/main/ops/docs/disk-free.ja.md", "https://gitlab.com/a/b/kh/-/commit/c0ffee"},
		{"", "https://bitbucket.org/team/kh.git", "https://bitbucket.org/team/kh/src/c0ffee/ops/docs/disk-free.ja.md?at=main",
			"https://bitbucket.org/team/kh/history-node/c0ffee/ops/docs/disk-free.ja.md?at=main", "https://bitbucket.org/team/kh/src/main/ops/docs/disk-free.ja.md?mode=edit&at=main", "https://bitbucket.org/team/kh/commits/c0ffee"},
		{"", "https://git.example.jp:8443/bitbucket/scm/OPS/kh.git", "https://git.example.jp:8443/bitbucket/projects/OPS/repos/kh/browse/ops/docs/disk-free.ja.md?at=refs%2Fheads%2Fmain",
			"https://git.example.jp:8443/bitbucket/projects/OPS/repos/kh/commits?until=refs%2Fheads%2Fmain&path=ops%2Fdocs%2Fdisk-free.ja.md", "https://git.example.jp:8443/bitbucket/projects/OPS/repos/kh/browse/ops/docs/disk-free.ja.md?at=refs%2Fheads%2Fmain",
			"https://git.example.jp:8443/bitbucket/projects/OPS/repos/kh/commits/c0ffee"},
		{"", "ssh://git@git.example.jp:7999/~sato/kh.git", "https://git.example.jp/users/sato/repos/kh/browse/ops/docs/disk-free.ja.md?at=refs%2Fheads%2Fmain",
			"https://git.example.jp/users/sato/repos/kh/commits?until=refs%2Fheads%2Fmain&path=ops%2Fdocs%2Fdisk-free.ja.md", "https://git.example.jp/users/sato/repos/kh/browse/ops/docs/disk-free.ja.md?at=refs%2Fheads%2Fmain",
			"https://git.example.jp/users/sato/repos/kh/commits/c0ffee"},
		{Gitea, "https://git.example.jp/team/kh", "https://git.example.jp/team/kh/src/branch/main/ops/docs/disk-free.ja.md",
			"https://git.example.jp/team/kh/commits/branch/main/ops/docs/disk-free.ja.md", "https://git.example.jp/team/kh/_edit/main/ops/docs/disk-free.ja.md", "https://git.example.jp/team/kh/commit/c0ffee"},
		{"", "https://git.example.jp/team/kh", "", "", "", ""},
		{GitHub, "/srv/kh.git", "", "", "", ""},
	} {
		p := PagesOf(c.kind, parsed(t, c.address))
		got := []string{Fill(p.File, commit, branch, path), Fill(p.History, commit, branch, path), Fill(p.Propose, commit, branch, path), Fill(p.Commit, commit, branch, path)}
		if want := []string{c.file, c.history, c.propose, c.commit}; strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s has the pages\n%s\nwant\n%s", c.address, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", c.address, err)
		}
	}
}

// TestFillEscapes: names of files and branches are whatever an author likes.
func TestFillEscapes(t *testing.T) {
	got := Fill("https://h/{branch}/{path}?q={path}&b={branch}#x", "c", "fix/{path} #1", `docs/a?b&"<{commit}>.md`)
	want := `https://h/fix/%7Bpath%7D%20%231/docs/a%3Fb&%22%3C%7Bcommit%7D%3E.md?q=docs%2Fa%3Fb%26%22%3C%7Bcommit%7D%3E.md&b=fix%2F%7Bpath%7D+%231#x`
	if got != want {
		t.Errorf("filled as\n%s, want\n%s", got, want)
	}
}

func TestValidate(t *testing.T) {
	for _, bad := range []string{"javascript:alert({path})", "https://u:p@h/{path}", "https://h/{file}", "/x/{path}", "https://{branch}{/x", "ftp://h/x", "https:///x"} {
		err := Pages{History: bad}.Validate()
		if err == nil || strings.Contains(err.Error(), "u:p") {
			t.Errorf("the link %q gives %v", bad, err)
		}
	}
	own := Pages{File: "https://docs.example.jp/{commit}/{path}"}
	if got := (Pages{File: "a", Commit: "b"}).Over(own); got != (Pages{File: own.File, Commit: "b"}) || own.Validate() != nil {
		t.Errorf("over it is %+v, %v", got, own.Validate())
	}
}

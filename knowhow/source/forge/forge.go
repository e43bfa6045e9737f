// Package forge knows the services that teams keep git repositories on:
// GitHub, GitLab, Bitbucket and Gitea. It knows where they show a file, and
// how they tell of a push.
//
// The data's way: an address -> PagesOf -> Pages -> Fill -> a link for people;
// and a webhook's request -> Handler -> the signature is checked, then whether
// it is about this repository and branch -> wake.
package forge

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tebiki/knowhow/source/address"
)

// The services.
const (
	GitHub          = "github"
	GitLab          = "gitlab"
	BitbucketServer = "bitbucket-server" // also called Stash, and Data Center
	BitbucketCloud  = "bitbucket-cloud"
	Gitea           = "gitea" // and Forgejo
)

// Kinds are all services.
func Kinds() []string { return []string{GitHub, GitLab, BitbucketServer, BitbucketCloud, Gitea} }

// Pages are where a service shows things, as templates in which {commit},
// {branch} and {path} stand for what is shown. An empty one is not shown.
type Pages struct {
	File    string // a file as it is now
	History string // what was changed in it
	Propose string // a form for a change of it
	Commit  string // a commit
}

// Over gives the pages with each that other has in its place.
func (p Pages) Over(other Pages) Pages {
	for _, f := range []struct{ mine, theirs *string }{
		{&p.File, &other.File}, {&p.History, &other.History}, {&p.Propose, &other.Propose}, {&p.Commit, &other.Commit},
	} {
		if *f.theirs != "" {
			*f.mine = *f.theirs
		}
	}
	return p
}

// Validate tells what is wrong with templates that somebody wrote.
func (p Pages) Validate() error {
	for _, template := range []string{p.File, p.History, p.Propose, p.Commit} {
		filled := Fill(template, "c", "b", "p")
		u, err := url.Parse(filled)
		switch {
		case template == "":
		case strings.ContainsAny(filled, "{}"):
			return fmt.Errorf("the link %q has a placeholder that is none of {commit}, {branch} and {path}; correct it", template)
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(u.Host, "{}"):
			return fmt.Errorf("the link %q is no http or https address; correct it", template)
		case u.User != nil:
			return fmt.Errorf("a link to %s holds a user or password, which everybody would see; remove it", u.Host)
		}
	}
	return nil
}

// Fill puts values into a template: escaped for a path up to the first "?",
// and for a query after it.
func Fill(template, commit, branch, path string) string {
	put := func(part string, escape func(string) string) string {
		return strings.NewReplacer("{commit}", escape(commit), "{branch}", escape(branch), "{path}", escape(path)).Replace(part)
	}
	before, query, has := strings.Cut(template, "?")
	out := put(before, escapePath)
	if has {
		out += "?" + put(query, url.QueryEscape)
	}
	return out
}

// escapePath leaves the slashes of paths and branches as they are.
func escapePath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}

// PagesOf gives the pages of the repository at a. Kind may be "": then the
// address tells, or nothing does, and there are no pages.
//
// The forms are those of https://docs.github.com/en/repositories/working-with-files/using-files/getting-permanent-links-to-files,
// https://docs.gitlab.com/user/project/repository/files/,
// https://support.atlassian.com/bitbucket-cloud/docs/hyperlink-to-source-code-in-bitbucket/
// and https://docs.gitea.com/. Bitbucket Server has no address for its editor:
// there a change is proposed by the button on the file's page.
func PagesOf(kind string, a address.Address) Pages {
	if kind == "" {
		kind = guess(a)
	}
	base := a.Web()
	if base == "" {
		return Pages{}
	}
	repo := base + "/" + escapePath(strings.Join(a.Segments(), "/"))
	switch kind {
	case GitHub:
		return Pages{repo + "/blob/{branch}/{path}", repo + "/commits/{branch}/{path}", repo + "/edit/{branch}/{path}", repo + "/commit/{commit}"}
	case GitLab:
		repo += "/-"
		return Pages{repo + "/blob/{branch}/{path}", repo + "/commits/{branch}/{path}", repo + "/edit/{branch}/{path}", repo + "/commit/{commit}"}
	case Gitea:
		return Pages{repo + "/src/branch/{branch}/{path}", repo + "/commits/branch/{branch}/{path}", repo + "/_edit/{branch}/{path}", repo + "/commit/{commit}"}
	case BitbucketCloud: // whose pages take no branch with a slash in it
		return Pages{repo + "/src/{commit}/{path}?at={branch}", repo + "/history-node/{commit}/{path}?at={branch}",
			repo + "/src/{branch}/{path}?mode=edit&at={branch}", repo + "/commits/{commit}"}
	case BitbucketServer:
		return serverPages(base, a.Segments())
	}
	return Pages{}
}

// serverPages are below /projects/KEY or, for somebody's own repositories,
// /users/NAME. Over http a repository is below /scm, perhaps in a folder that
// all of the server's pages are in.
func serverPages(base string, segments []string) Pages {
	if i := slices.Index(segments, "scm"); i >= 0 {
		for _, folder := range segments[:i] {
			base += "/" + url.PathEscape(folder)
		}
		segments = segments[i+1:]
	}
	if len(segments) != 2 {
		return Pages{}
	}
	owner, own := strings.CutPrefix(segments[0], "~")
	repo := base + "/projects/" + url.PathEscape(owner)
	if own {
		repo = base + "/users/" + url.PathEscape(owner)
	}
	repo += "/repos/" + url.PathEscape(segments[1])
	file := repo + "/browse/{path}?at=refs%2Fheads%2F{branch}"
	return Pages{file, repo + "/commits?until=refs%2Fheads%2F{branch}&path={path}", file, repo + "/commits/{commit}"}
}

// guess tells the service by the names and ports that are usual.
func guess(a address.Address) string {
	host := strings.ToLower(a.Host)
	named := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(host, w) })
	}
	switch {
	case host == "bitbucket.org":
		return BitbucketCloud
	case a.Scheme == address.SSH && a.Port == "7999", (a.Scheme == address.HTTP || a.Scheme == address.HTTPS) && slices.Contains(a.Segments(), "scm"):
		return BitbucketServer
	case named("github"):
		return GitHub
	case named("gitlab"):
		return GitLab
	case named("gitea", "forgejo", "codeberg"):
		return Gitea
	case named("bitbucket", "stash"):
		return BitbucketServer
	}
	return ""
}

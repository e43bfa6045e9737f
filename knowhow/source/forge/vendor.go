package forge

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A vendor is the form of one service's webhooks.
type vendor struct {
	name   string
	event  string
	pushes []string // the events that say something was pushed
	signed func(secret string, h http.Header, body []byte) bool
	read   func(body []byte) (push, error)
}

func (v *vendor) isPush() bool {
	for _, p := range v.pushes {
		if p == v.event {
			return true
		}
	}
	return false
}

const (
	bitbucketSignature = "X-Hub-Signature"
	bitbucketPing      = "diagnostics:ping" // Bitbucket Server's "Test connection", which it does not sign
)

// vendorOf tells the service by the header that names its event. Gitea sends
// GitHub's headers and form besides its own, so it is read as GitHub is.
func vendorOf(h http.Header) (*vendor, bool) {
	for _, v := range []vendor{
		// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
		{name: GitHub, event: h.Get("X-GitHub-Event"), pushes: []string{"push"}, signed: hmacIn("X-Hub-Signature-256"), read: readGitHub},
		// https://docs.gitlab.com/user/project/integrations/webhooks/
		{name: GitLab, event: h.Get("X-Gitlab-Event"), pushes: []string{"Push Hook"}, signed: tokenIn("X-Gitlab-Token"), read: readGitLab},
		// https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html
		// https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/
		{name: "bitbucket", event: h.Get("X-Event-Key"), pushes: []string{"repo:refs_changed", "repo:push"}, signed: hmacIn(bitbucketSignature), read: readBitbucket},
	} {
		if v.event != "" {
			return &v, true
		}
	}
	return nil, false
}

// hmacIn checks "sha256=" and the hexadecimal HMAC of the body.
func hmacIn(header string) func(string, http.Header, []byte) bool {
	return func(secret string, h http.Header, body []byte) bool {
		given, ok := strings.CutPrefix(h.Get(header), "sha256=")
		sum, err := hex.DecodeString(given)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		return ok && err == nil && hmac.Equal(sum, mac.Sum(nil))
	}
}

// tokenIn checks the secret itself. Both are hashed first, so that not even
// the secret's length can be measured.
func tokenIn(header string) func(string, http.Header, []byte) bool {
	return func(secret string, h http.Header, _ []byte) bool {
		given, want := sha256.Sum256([]byte(h.Get(header))), sha256.Sum256([]byte(secret))
		return subtle.ConstantTimeCompare(given[:], want[:]) == 1
	}
}

func readGitHub(body []byte) (push, error) {
	var p struct {
		Ref        string `json:"ref"`
		Repository struct {
			FullName string `json:"full_name"`
		} `json:"repository"`
	}
	err := decode(body, &p)
	return push{p.Repository.FullName, []string{p.Ref}}, err
}

func readGitLab(body []byte) (push, error) {
	var p struct {
		Ref     string `json:"ref"`
		Project struct {
			Path string `json:"path_with_namespace"`
		} `json:"project"`
	}
	err := decode(body, &p)
	return push{p.Project.Path, []string{p.Ref}}, err
}

// readBitbucket reads both forms: Server tells of changes of refs by their
// ids, Cloud of new states of branches by name.
func readBitbucket(body []byte) (push, error) {
	type branch struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	var p struct {
		Repository struct {
			Slug     string `json:"slug"`
			FullName string `json:"full_name"`
			Project  struct {
				Key string `json:"key"`
			} `json:"project"`
		} `json:"repository"`
		Changes []struct {
			RefID string `json:"refId"`
			Ref   struct {
				ID string `json:"id"`
			} `json:"ref"`
		} `json:"changes"`
		Push struct {
			Changes []struct{ New, Old *branch } `json:"changes"`
		} `json:"push"`
	}
	err := decode(body, &p)
	out := push{repository: p.Repository.FullName}
	if out.repository == "" && p.Repository.Slug != "" {
		out.repository = p.Repository.Project.Key + "/" + p.Repository.Slug
	}
	for _, c := range p.Changes {
		out.refs = append(out.refs, c.Ref.ID, c.RefID)
	}
	for _, c := range p.Push.Changes {
		for _, b := range []*branch{c.New, c.Old} {
			if b != nil && b.Type == "branch" {
				out.refs = append(out.refs, "refs/heads/"+b.Name)
			}
		}
	}
	return out, err
}

func decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("reading its JSON: %w", err)
	}
	return nil
}

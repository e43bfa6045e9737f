package slacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func (ws *Workspace) client() *slack.Client {
	return slack.New(BotToken, slack.OptionAPIURL(ws.URL()), slack.OptionAppLevelToken(AppToken))
}

// form calls a method as curl would.
func (ws *Workspace) form(t *testing.T, method string, params map[string]string) obj {
	t.Helper()
	values := url.Values{}
	for name, v := range params {
		values.Set(name, v)
	}
	r, err := http.PostForm(ws.URL()+method, values)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return read(t, r)
}

func read(t *testing.T, r *http.Response) (answer obj) {
	t.Helper()
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		t.Fatalf("the answer is no JSON: %v", err)
	}
	return answer
}

// tryBlocks posts blocks that slack-go's types could not hold.
func (ws *Workspace) tryBlocks(t *testing.T, blocks string) error {
	t.Helper()
	a := ws.form(t, "chat.postMessage", map[string]string{"token": BotToken, "channel": "U1", "blocks": blocks})
	text := asText(a)
	var r slack.SlackResponse
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("slack-go cannot read %s: %v", text, err)
	}
	return r.Err()
}

func quoted(n int) string { return `"` + strings.Repeat("x", n) + `"` }

func words(kind string, n int) string { return `{"type":"` + kind + `","text":` + quoted(n) + `}` }

func many(n int, item string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
}

func buttons(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"type":"button","action_id":"a%d","text":{"type":"plain_text","text":"x"}}`, i))
	}
	return "[" + strings.Join(all, ",") + "]"
}

func options(n, text, value int) string {
	return many(n, `{"text":`+words("plain_text", text)+`,"value":`+quoted(value)+`}`)
}

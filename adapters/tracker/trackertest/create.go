package trackertest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

func createKeepsEverything(t *testing.T, b *bench) {
	before := time.Now().Add(-time.Second)
	made := b.create(tracker.Draft{
		Label: "cause", Component: "new-subdomain", Title: "Add www2", Body: "# Please\n\n1. now",
		Assignee: "tanaka", Reporter: "sato", Priority: tracker.Urgent,
		Fields: map[string]string{"host": "web1.example.jp", "name": "ホスト"},
	})
	if diff := cmp.Diff(b.ticket(made.Key), made); diff != "" {
		t.Errorf("Ticket and Create differ (-Ticket +Create):\n%s", diff)
	}
	if b.Markup {
		made.Body = "# Please\n\n1. now" // held against the text in hostileText
	}
	if b.NoReporter {
		made.Reporter = "sato"
	}
	want := tracker.Ticket{
		Key: made.Key, Component: "new-subdomain", Title: "Add www2", Body: "# Please\n\n1. now",
		Status: tracker.Open, Assignee: "tanaka", Reporter: "sato", Priority: tracker.Urgent,
		Fields: map[string]string{"host": "web1.example.jp", "name": "ホスト"}, Label: "cause",
		Created: made.Created, Updated: made.Updated, URL: b.T.URL(made.Key),
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("Create (-want +got):\n%s", diff)
	}
	if made.Key == "" || made.Created.Before(before) || made.Updated.Before(made.Created) {
		t.Errorf("key %q, created %v, updated %v", made.Key, made.Created, made.Updated)
	}
}

func labelMakesOne(t *testing.T, b *bench) {
	first := b.create(tracker.Draft{Label: "cause", Title: "first"})
	closed := tracker.Closed
	b.change(first.Key, tracker.Change{Status: &closed})
	again := b.create(tracker.Draft{Label: "cause", Title: "second"})
	if diff := cmp.Diff(b.ticket(first.Key), again); diff != "" {
		t.Errorf("the label's second Create (-as it is +got):\n%s", diff)
	}
	other := b.create(tracker.Draft{Label: "Cause", Title: "first"})
	if other.Key == first.Key {
		t.Errorf("labels %q and %q made the same ticket", "cause", "Cause")
	}
}

func labelMakesOneAtOnce(t *testing.T, b *bench) {
	const callers = 32
	cursor := b.cursor()
	keys := make([]string, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			got, err := b.T.Create(t.Context(), tracker.Draft{Label: "cause", Title: fmt.Sprint("by ", i)})
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
			keys[i] = got.Key
		})
	}
	all.Wait()
	for i, key := range keys {
		if key != keys[0] {
			t.Errorf("caller %d got %q, caller 0 %q", i, key, keys[0])
		}
	}
	changed, _ := b.since(cursor)
	for _, c := range changed {
		if c.Key != keys[0] {
			t.Errorf("%q was made too", c.Key)
		}
	}
}

func refusedDrafts(t *testing.T, b *bench) {
	cursor := b.cursor()
	for name, d := range map[string]tracker.Draft{
		"no label": {Title: "t"},
		"no title": {Label: "l"},
		"blanks":   {Label: "l", Title: " \n\t "},
	} {
		_, err := b.T.Create(t.Context(), d)
		b.wantCode(name, err, adapters.Refused)
	}
	_, err := b.T.Create(t.Context(), tracker.Draft{Label: "l", Title: "t", Parent: "NONE-999999"})
	b.wantCode("an unknown parent", err, adapters.NotFound)
	if made, _ := b.since(cursor); len(made) != 0 {
		t.Errorf("refused drafts made %d tickets", len(made))
	}
}

func subtickets(t *testing.T, b *bench) {
	parent, other := b.create(tracker.Draft{Label: "p", Title: "p"}), b.create(tracker.Draft{Label: "o", Title: "o"})
	var want []tracker.Ticket
	for i := range 12 {
		sub := b.create(tracker.Draft{Label: fmt.Sprint("sub-", i), Parent: parent.Key, Title: fmt.Sprint("sub ", i)})
		if sub.Parent != parent.Key {
			t.Fatalf("sub-ticket %d has the parent %q, want %q", i, sub.Parent, parent.Key)
		}
		want = append(want, sub)
	}
	got, err := b.T.Subtickets(t.Context(), parent.Key)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Subtickets (-want +got): %v\n%s", err, diff)
	}
	if got, err := b.T.Subtickets(t.Context(), other.Key); err != nil || len(got) != 0 {
		t.Errorf("a ticket without sub-tickets has %d: %v", len(got), err)
	}
	if b.ticket(parent.Key).Parent != "" {
		t.Error("the parent has a parent")
	}
}

// hostile are texts that must come back as the text they are, apart from
// what no tracker can hold, or be refused.
var hostile = map[string]string{
	"markup":   `<script>alert(1)</script> {noformat}[x|http://evil] *b* h1. @all`,
	"shell":    "; rm -rf / $(id) `id`",
	"japanese": "ディスクが一杯です　至急",
	"bidi":     "abc\u202egnp.exe\u2066x",
	"nul":      "a\x00b",
	"escape":   "\x1b[2Jcleared",
	"latin1":   "caf\xe9 \xff\xfe",
	"breaks":   "one\ntwo\r\nthree\u2028four",
	"huge":     strings.Repeat("x", 1<<20),
	"wide":     strings.Repeat("漢", 400),
}

func hostileText(t *testing.T, b *bench) {
	for name, text := range hostile {
		got, err := b.T.Create(t.Context(), tracker.Draft{
			Label: name, Title: text, Body: text, Fields: map[string]string{"host": text},
		})
		if err != nil {
			b.wantCode(name, err, adapters.Refused)
			continue
		}
		if !b.sameText(got.Body, text) || !b.sameText(got.Fields["host"], text) {
			t.Errorf("%s: the body is %.80q, the field %.80q", name, got.Body, got.Fields["host"])
		}
		if got.Title == "" || strings.ContainsAny(got.Title, "\n\r") || !utf8.ValidString(got.Title) {
			t.Errorf("%s: the title is %.80q", name, got.Title)
		}
		if err := b.T.Comment(t.Context(), got.Key, tracker.Comment{Label: name, Body: text}); err != nil {
			b.wantCode(name+" as comment", err, adapters.Refused)
		}
	}
}

// sameText leaves out what trackers differ in: bytes that are no UTF-8,
// control characters and how a line ends; with a markup of its own, all but
// the words, and the end of what is too long for it.
func (b *bench) sameText(got, want string) bool {
	keep := func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || b.Markup && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return r
	}
	got, want = strings.Map(keep, got), strings.Map(keep, strings.ToValidUTF8(want, ""))
	if b.Markup && len(want) > cutFrom {
		return len(got) > cutFrom && strings.HasPrefix(want, got[:cutFrom])
	}
	return got == want
}

// cutFrom is how many bytes every tracker keeps.
const cutFrom = 10_000

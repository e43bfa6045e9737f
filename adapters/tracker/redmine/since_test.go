package redmine

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/redmine/redminetest"
)

// A follower reads on and on, and knows what came twice.
type follower struct {
	b      *bench
	r      *Redmine
	cursor string
	said   map[string]int
	status map[string]tracker.Status
}

func (b *bench) reader(r *Redmine) *follower {
	b.t.Helper()
	begin, err := r.Since(b.t.Context(), "")
	if err != nil {
		b.t.Fatal(err)
	}
	return &follower{b: b, r: r, cursor: begin.Cursor, said: map[string]int{}, status: map[string]tracker.Status{}}
}

// read takes all batches that there are.
func (r *follower) read() (all tracker.Batch) {
	r.b.t.Helper()
	for {
		got, err := r.r.Since(r.b.t.Context(), r.cursor)
		if err != nil {
			r.b.t.Fatal(err)
		}
		for _, s := range got.Said {
			r.said[s.Text]++
		}
		for _, t := range got.Tickets {
			r.status[t.Key] = t.Status
		}
		all.Tickets, all.Said, all.Gone = append(all.Tickets, got.Tickets...), append(all.Said, got.Said...), append(all.Gone, got.Gone...)
		if r.cursor = got.Cursor; !got.More {
			return all
		}
	}
}

// Notes and steps that fall into the second of a poll are neither missed nor
// repeated.
func TestWithinASecond(t *testing.T) {
	b := setUp(t, nil)
	sato := b.As(t, b.People["sato"])
	id := sato.Create(b.Project, "t", nil).ID
	r := b.reader(b.open())
	statuses := []string{"Resolved", "Closed", "New"}
	for i := range 2 {
		sato.Note(id, fmt.Sprint("a", i))
		r.read()
		sato.Note(id, fmt.Sprint("b", i))
		sato.SetStatus(id, statuses[i%3])
		r.read()
		want := []tracker.Status{tracker.Fixed, tracker.Closed, tracker.Open}[i%3]
		if got := r.status[formatKey(id)]; got != want {
			t.Errorf("round %d: it is %q, want %q", i, got, want)
		}
	}
	if len(r.said) != 4 {
		t.Errorf("heard %v", r.said)
	}
	for text, n := range r.said {
		if n != 1 {
			t.Errorf("heard %q %d times", text, n)
		}
	}
	idle := r.cursor
	if got := r.read(); len(got.Tickets)+len(got.Said) != 0 || r.cursor != idle {
		t.Errorf("idle: %+v, the cursor %q was %q", got, r.cursor, idle)
	}
}

// A note on a ticket that was not touched since long before the first start
// is heard, one from before is not.
func TestOldTicketIsHeard(t *testing.T) {
	b := setUp(t, nil)
	b.overlap = time.Nanosecond
	sato := b.As(t, b.People["sato"])
	old := sato.Create(b.Project, "old", nil).ID
	sato.Note(old, "before")
	if _, err := b.open().Since(t.Context(), ""); err != nil { // waits until that second is over
		t.Fatal(err)
	}
	sato.Create(b.Project, "newest", nil)
	r := b.reader(b.open())
	sato.Note(old, "after")
	if got := r.read(); len(got.Said) != 1 || got.Said[0].Text != "after" {
		t.Errorf("heard %+v", got.Said)
	}
}

// Another category is news, and so is none.
func TestCategoryChanged(t *testing.T) {
	b := setUp(t, nil)
	sato := b.As(t, b.People["sato"])
	id := sato.Create(b.Project, "t", redminetest.Fields{"category_id": b.Categories["disk"]}).ID
	r := b.reader(b.open())
	for _, category := range []string{"new-subdomain", ""} {
		change := redminetest.Fields{"category_id": ""}
		if category != "" {
			change["category_id"] = b.Categories[category]
		}
		sato.Update(id, change)
		if got := r.read(); len(got.Tickets) == 0 || got.Tickets[len(got.Tickets)-1].Component != category {
			t.Errorf("with the category %q there is %+v", category, got.Tickets)
		}
	}
}

func TestSinceATime(t *testing.T) {
	b := setUp(t, nil)
	sato := b.As(t, b.People["sato"])
	first := sato.Create(b.Project, "first", nil)
	if _, err := b.open().Since(t.Context(), ""); err != nil { // waits until that second is over
		t.Fatal(err)
	}
	second := sato.Create(b.Project, "second", nil)
	b.opt.Since = second.Created
	r := b.open()
	begin, err := r.Since(t.Context(), "")
	if err != nil || begin.Skipped != 1 || len(begin.Tickets) != 0 {
		t.Errorf("begins with %+v, %v", begin, err)
	}
	got, err := r.Since(t.Context(), begin.Cursor)
	if err != nil || len(got.Tickets) != 1 || got.Tickets[0].Key != formatKey(second.ID) {
		t.Errorf("read on: %+v, %v; made %d and %d", got, err, first.ID, second.ID)
	}
}

func TestPrivateNotesAreLeftAlone(t *testing.T) {
	b := setUp(t, nil)
	sato := b.As(t, b.People["sato"])
	id := sato.Create(b.Project, "t", nil).ID
	r := b.reader(b.open())
	sato.Update(id, redminetest.Fields{"notes": "secret", "private_notes": true})
	sato.Note(id, "public")
	if got := r.read(); len(got.Said) != 1 || got.Said[0].Text != "public" {
		t.Errorf("heard %+v", got.Said)
	}
}

// A batch whose reader dies before it is stored comes again, whole.
func TestBatchComesAgain(t *testing.T) {
	b := setUp(t, nil)
	sato := b.As(t, b.People["sato"])
	ids := []int{sato.Create(b.Project, "a", nil).ID, sato.Create(b.Project, "b", nil).ID}
	sato.Create(b.Project, "c", nil)
	r := b.reader(b.open())
	sato.Note(ids[0], "x")
	b.Admin(t).Delete(ids[1])
	before := r.cursor
	for range 2 {
		r.r, r.cursor = b.open(), before
		if got := r.read(); len(got.Tickets) != 1 || len(got.Said) != 1 || !slices.Equal(got.Gone, []string{formatKey(ids[1])}) {
			t.Errorf("read %+v", got)
		}
	}
}

func TestCursors(t *testing.T) {
	r, err := New(Options{Address: "https://redmine.example.jp", Key: "k", Project: "ops"})
	if err != nil {
		t.Fatal(err)
	}
	good := cursor{Version: 1, Project: r.scope(), From: 7, Seen: map[int]int64{1: 8}, Noted: map[int]int{1: 2}, Gone: []int{3}}
	if got, err := r.parseCursor(good.String()); err != nil || got.String() != good.String() {
		t.Errorf("%v, %v", got, err)
	}
	for name, change := range map[string]func(*cursor){
		"a later version":   func(c *cursor) { c.Version = 2 },
		"of another":        func(c *cursor) { c.Project = "redmine.example.jp/other " },
		"a time before all": func(c *cursor) { c.From = -1 },
	} {
		c := good
		change(&c)
		if _, err := r.parseCursor(c.String()); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, s := range []string{`{"v":1,"x":2}`, good.String() + "{}", `[]`, `{"v":1e999}`, "\xff"} {
		if _, err := r.parseCursor(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
	_, err = r.Since(t.Context(), "x")
	wantError(t, "a strange cursor", err, adapters.Refused, "begin again")
	if raw, _ := json.Marshal(good); string(raw) != good.String() {
		t.Errorf("%s", raw)
	}
}

func TestAdvance(t *testing.T) {
	for _, c := range []struct {
		name     string
		to, now  int64
		from     int64
		remember int
	}{
		{"within the overlap", 1100, 1100, 1000, 2},
		{"behind one", 1100, 1080, 1020, 1},
		{"behind both", 2000, 2000, 1940, 0},
		{"not all was read", 1015, 5000, 1015, 1},
		{"a clock that goes back", 900, 900, 1000, 2},
	} {
		got := cursor{From: 1000, Seen: map[int]int64{1: 1010, 2: 1070}}
		if c.name == "within the overlap" {
			c.now = 1069
		}
		got.advance(c.to, c.now, time.Minute)
		if got.From != c.from || len(got.Seen) != c.remember {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestClock(t *testing.T) {
	var c clock
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	if at, known := c.there(now); known || !at.Equal(now) {
		t.Errorf("nothing is known: %v", at)
	}
	c.saw(now.Add(time.Hour), now)
	c.saw(now.Add(time.Hour-time.Second), now) // a second's fraction less
	if at, known := c.there(now); !known || !at.Equal(now.Add(time.Hour)) {
		t.Errorf("ahead: %v", at)
	}
	c.saw(now, now.Add(memory+time.Second)) // set right
	if at, _ := c.there(now); at.After(now) {
		t.Errorf("set: %v", at)
	}
}

package holiday_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/bot/holiday"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func calendar(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n")
	for i, e := range events {
		uid := fmt.Sprintf("UID:%d\r\n", i)
		if strings.HasPrefix(e, "UID:") {
			uid = ""
		}
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\n%sDTSTAMP:20260101T000000Z\r\n%s\r\nEND:VEVENT\r\n", uid, strings.ReplaceAll(e, "\n", "\r\n"))
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

func TestDays(t *testing.T) {
	for _, tt := range []struct {
		name, event string
		want        []string
	}{
		{"one day", "DTSTART;VALUE=DATE:20261231\nDTEND;VALUE=DATE:20270101\nSUMMARY:大晦日", []string{"2026-12-31"}},
		{"without an end", "DTSTART;VALUE=DATE:20261231\nSUMMARY:x", []string{"2026-12-31"}},
		{"several days", "DTSTART;VALUE=DATE:20261229\nDTEND;VALUE=DATE:20270104\nSUMMARY:年末年始", []string{"2026-12-29", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03"}},
		{"every year", "DTSTART;VALUE=DATE:20000503\nRRULE:FREQ=YEARLY\nSUMMARY:憲法記念日", []string{"2026-05-03", "2027-05-03", "2028-05-03", "2029-05-03"}},
		{"a second Monday, one of them not", "DTSTART;VALUE=DATE:20200113\nRRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=2MO\nEXDATE;VALUE=DATE:20280110\nSUMMARY:成人の日", []string{"2026-01-12", "2027-01-11", "2029-01-08"}},
		{"with further days", "DTSTART;VALUE=DATE:20261231\nRDATE;VALUE=DATE:20270104,20270105\nSUMMARY:x", []string{"2026-12-31", "2027-01-04", "2027-01-05"}},
		{"a day that is not said to be one", "DTSTART:20261231\nSUMMARY:x", []string{"2026-12-31"}},
		{"as Outlook writes it", "DTSTART;TZID=Tokyo Standard Time:20261231T000000\nDTEND;TZID=Tokyo Standard Time:20270102T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE\nSUMMARY:x", []string{"2026-12-31", "2027-01-01"}},
		{"by its length", "DTSTART;VALUE=DATE:20261231\nDURATION:P2D\nSUMMARY:x", []string{"2026-12-31", "2027-01-01"}},
		{"ends on its day", "DTSTART;VALUE=DATE:20261231\nDTEND;VALUE=DATE:20261231\nSUMMARY:x", []string{"2026-12-31"}},
		{"one year on another day", "UID:x\nDTSTART;VALUE=DATE:20260503\nRRULE:FREQ=YEARLY;COUNT=3\nSUMMARY:x\n\nUID:x\nRECURRENCE-ID;VALUE=DATE:20270503\nDTSTART;VALUE=DATE:20270504\nSUMMARY:x",
			[]string{"2026-05-03", "2027-05-04", "2028-05-03"}},
		{"a moment at midnight", "DTSTART:20261231T000000Z\nSUMMARY:x", nil},
		{"hours", "DTSTART:20261231T090000Z\nDTEND:20261231T180000Z\nSUMMARY:a meeting", nil},
		{"cancelled", "DTSTART;VALUE=DATE:20261231\nSTATUS:CANCELLED\nSUMMARY:x", nil},
		{"long past", "DTSTART;VALUE=DATE:19991231\nSUMMARY:x", nil},
		{"half a year", "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20270601\nSUMMARY:a project", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, wrong, err := holiday.Days(strings.NewReader(calendar(strings.Split(tt.event, "\n\n")...)), nil, now)
			if err != nil || len(wrong) > 0 {
				t.Fatal(err, wrong)
			}
			if d := cmp.Diff(tt.want, slices.Sorted(maps.Keys(got))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestMatch: calendars have days that are not off, such as the feasts in that
// of a country.
func TestMatch(t *testing.T) {
	text := calendar("DTSTART;VALUE=DATE:20261123\nSUMMARY:勤労感謝の日\nDESCRIPTION:祝日", "DTSTART;VALUE=DATE:20261225\nSUMMARY:クリスマス\nDESCRIPTION:祭日")
	got, _, err := holiday.Days(strings.NewReader(text), regexp.MustCompile("祝日"), now)
	if err != nil || len(got) != 1 || !got["2026-11-23"] {
		t.Errorf("%v, %v", got, err)
	}
}

// TestOneBadEvent costs no other, and is told; so is a calendar without days.
func TestOneBadEvent(t *testing.T) {
	text := "\uFEFF" + calendar("DTSTART;VALUE=DATE:20261231\nSUMMARY:good", "DTSTART;VALUE=DATE:someday\nSUMMARY:bad", "DTSTART;VALUE=DATE:20270101\nSUMMARY:good")
	files := fstest.MapFS{"off.ics": {Data: []byte(text)}}
	c := holiday.File(files.Open, "off.ics", nil)
	doubt, err := c.Load(t.Context(), now)
	if err != nil || doubt == nil || !strings.Contains(doubt.Error(), `"bad"`) || !c.Off("2026-12-31") || !c.Off("2027-01-01") {
		t.Errorf("doubt %v, error %v", doubt, err)
	}
	c = holiday.File(files.Open, "off.ics", regexp.MustCompile("nothing"))
	if doubt, err := c.Load(t.Context(), now); err != nil || doubt == nil || !strings.Contains(doubt.Error(), "match") {
		t.Errorf("doubt %v, error %v", doubt, err)
	}
}

func TestHostileCalendars(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            "",
		"a page":             "<html><body>Sign in</body></html>",
		"no end":             "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
		"every second":       calendar("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=SECONDLY\nSUMMARY:x"),
		"no rule":            calendar("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=NEVER\nSUMMARY:x"),
		"no day":             calendar("DTSTART;VALUE=DATE:2026\nSUMMARY:x"),
		"no exception":       calendar("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY\nEXDATE:never\nSUMMARY:x"),
		"ends before":        calendar("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:nonsense\nSUMMARY:x"),
		"a huge line":        calendar("SUMMARY:" + strings.Repeat("x", 9<<20)),
		"control characters": "BEGIN:VCALENDAR\x00\r\nEND:VCALENDAR\r\n",
	} {
		if got, wrong, err := holiday.Days(strings.NewReader(text), nil, now); err == nil && (len(wrong) == 0 || len(got) > 0) {
			t.Errorf("%s gives %v, %v", name, got, wrong)
		}
	}
}

func FuzzDays(f *testing.F) {
	f.Add(calendar("DTSTART;VALUE=DATE:20200113\nRRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=2MO\nEXDATE;VALUE=DATE:20280110\nSUMMARY:x"))
	f.Add(calendar("DTSTART;VALUE=DATE:20261229\nDURATION:P5D\nSUMMARY:x"))
	f.Fuzz(func(t *testing.T, text string) {
		days, _, err := holiday.Days(strings.NewReader(text), nil, now)
		for day := range days {
			if _, e := time.Parse(time.DateOnly, day); e != nil || err != nil {
				t.Errorf("%q, %v", day, err)
			}
		}
	})
}

// TestKept: what cannot be read leaves the days as they were.
func TestKept(t *testing.T) {
	files := fstest.MapFS{"off.ics": {Data: []byte(calendar("DTSTART;VALUE=DATE:20261231\nSUMMARY:x"))}}
	c := holiday.File(files.Open, "off.ics", nil)
	if c.Off("2026-12-31") {
		t.Error("a day is off before the calendar was read")
	}
	if _, err := c.Load(t.Context(), now); err != nil || !c.Off("2026-12-31") || c.Off("2026-12-30") {
		t.Errorf("%v", err)
	}
	files["off.ics"] = &fstest.MapFile{Data: []byte("nonsense")}
	if _, err := c.Load(t.Context(), now); err == nil || !c.Off("2026-12-31") {
		t.Errorf("%v, and the day is off: %v", err, c.Off("2026-12-31"))
	}
	delete(files, "off.ics")
	if _, err := c.Load(t.Context(), now); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestURL(t *testing.T) {
	status := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, calendar("DTSTART;VALUE=DATE:20261231\nSUMMARY:x"))
	}))
	defer srv.Close()
	address, err := url.Parse(srv.URL + "/private-secret/basic.ics")
	if err != nil {
		t.Fatal(err)
	}
	c := holiday.URL(address, nil)
	if tried(c) {
		t.Error("it was read before anybody asked for it")
	}
	if _, err := c.Load(t.Context(), now); err != nil || !c.Off("2026-12-31") {
		t.Fatal(err)
	}
	status = http.StatusNotFound
	if _, err := c.Load(t.Context(), now); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "404") {
		t.Errorf("%v", err)
	}
	srv.Close()
	if _, err := c.Load(t.Context(), now); err == nil || strings.Contains(err.Error(), "secret") || !c.Off("2026-12-31") {
		t.Errorf("%v", err)
	}
}

func tried(c *holiday.Calendar) bool {
	select {
	case <-c.Tried():
		return true
	default:
		return false
	}
}

// TestTried: whoever waits for a calendar goes on when it has been read, and
// when it could not be.
func TestTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		c := holiday.File(func(string) (fs.File, error) { <-open; return nil, fs.ErrNotExist }, "off.ics", nil)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); c.Run(ctx, slog.New(slog.DiscardHandler)) }()
		synctest.Wait()
		if tried(c) {
			t.Error("the calendar is still being read")
		}
		close(open)
		time.Sleep(time.Hour) // of the bubble: it was tried again meanwhile
		if !tried(c) {
			t.Error("somebody still waits for a calendar that cannot be read")
		}
		stop()
		<-ended
	})
}

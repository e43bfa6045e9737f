package redmine

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"tebiki/adapters/lanes"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/once"
	"tebiki/adapters/tracker/remote"
	"tebiki/store"
)

// Options say which Redmine it is, and how its words are understood there.
type Options struct {
	Address string      // "https://redmine.example.jp", with the path if it has one; required
	Key     string      // of the user's API; required
	Project string      // identifier; required
	Store   store.Store // required

	TicketType    string // name of the tracker of tickets; the project's first when it is empty
	SubticketType string // of sub-tickets; TicketType when it is empty

	Statuses   map[tracker.Status][]string // names, the preferred first; guessed for what is not there
	Priorities map[tracker.Priority]string // names; guessed for what is not there
	Fields     map[string]string           // custom field of a ticket's field; the others are lines in the text
	Values     map[string]string           // what a custom field has in every ticket: what Redmine requires
	LabelField string                      // custom field for labels; a line of the text when it is empty
	Fallback   string                      // category of a component without one; none when it is empty
	Format     Format                      // Textile when it is empty

	CA         []byte            // PEM of the company's certificates
	Transport  http.RoundTripper // made with CA when it is nil
	Since      time.Time         // where the first start begins to read; zero means now
	SweepEvery time.Duration     // how often it is looked whether tickets are gone; 5 min when it is 0
	Log        *slog.Logger      // nothing is logged when it is nil
}

// How patient the adapter is.
const (
	defaultSweep = 5 * time.Minute
	settled      = 2 * time.Second  // after its second, a change is surely committed
	overlap      = time.Minute      // how far back what was read is read again
	findLag      = 30 * time.Second // after a lost answer, how long Redmine may still be at it
)

// A Redmine is one project of a Redmine as the tracker. It is safe for
// concurrent use.
type Redmine struct {
	opt     Options
	remote  *remote.Client
	base    *url.URL
	tickets *once.Maker
	notes   *once.Maker
	clock   clock
	lag     time.Duration // findLag
	settle  time.Duration // settled
	overlap time.Duration // overlap
	page    int           // pageSize, and the most issues of a batch

	loading lanes.Lanes
	mu      sync.Mutex
	place   *place // nil before it was read
	mark    string
	swept   time.Time
}

var (
	_ tracker.Tracker = (*Redmine)(nil)
	_ tracker.Doctor  = (*Redmine)(nil)
)

// New gives the tracker. It asks Redmine nothing yet.
func New(o Options) (*Redmine, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(o.Address), "/"))
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || base.RawQuery != "" || base.User != nil {
		return nil, fmt.Errorf("redmine: the address %q is none: want https://HOST or https://HOST/PATH", o.Address)
	}
	if err := check(&o); err != nil {
		return nil, fmt.Errorf("redmine: %w", err)
	}
	if o.Transport == nil {
		if o.Transport, err = remote.Transport(o.CA); err != nil {
			return nil, fmt.Errorf("redmine: the CA file: %w", err)
		}
	}
	r := &Redmine{opt: o, base: base, lag: findLag, settle: settled, overlap: overlap, page: pageSize,
		tickets: once.New(o.Store, bucketTicket), notes: once.New(o.Store, bucketNote)}
	r.remote = remote.New(remote.Options{Name: "Redmine", Transport: o.Transport, Authorize: r.authorize, Secret: o.Key, Explain: explain, Login: login})
	return r, nil
}

var identifier = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,99}$`)

// check holds the options against what can be known without asking.
func check(o *Options) error {
	if strings.TrimSpace(o.Key) == "" {
		return fmt.Errorf("there is no key: it is shown in Redmine at \"My account\", \"API access key\"")
	}
	if !identifier.MatchString(o.Project) {
		return fmt.Errorf("the project %q is none: want its identifier, as its address in the browser ends", o.Project)
	}
	for s := range o.Statuses {
		if s != tracker.Open && s != tracker.Fixed && s != tracker.Closed {
			return fmt.Errorf("statuses: there is no %q: want open, fixed or closed", s)
		}
	}
	switch o.Format {
	case "":
		o.Format = Textile
	case Textile, Markdown, CommonMark:
	default:
		return fmt.Errorf("the format %q is none: want textile, markdown or common_mark, as in Redmine's settings", o.Format)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.SweepEvery == 0 {
		o.SweepEvery = defaultSweep
	}
	if o.SubticketType == "" {
		o.SubticketType = o.TicketType
	}
	return nil
}

// scope parts what is remembered of this project from what is of another.
func (r *Redmine) scope() string { return r.base.Host + r.base.Path + "/" + r.opt.Project + " " }

// URL is the page.
func (r *Redmine) URL(key string) string {
	id, ok := parseKey(key)
	if !ok {
		return ""
	}
	return r.base.String() + "/issues/" + strconv.Itoa(id)
}

var number = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)

const maxID = 1<<31 - 1

// parseKey reads a ticket's key, which is the number as it is shown.
func parseKey(key string) (id int, ok bool) {
	if !number.MatchString(key) {
		return 0, false
	}
	id, err := strconv.Atoi(key)
	return id, err == nil && id <= maxID
}

func formatKey(id int) string { return strconv.Itoa(id) }

// keyed is parseKey for a ticket that must be there.
func keyed(key string) (int, error) {
	id, ok := parseKey(key)
	if !ok {
		return 0, remote.Missing("there is no such ticket: Redmine's are numbers, such as 12")
	}
	return id, nil
}

// instance is the mark of this data folder's labels.
func (r *Redmine) instance(ctx context.Context) (string, error) {
	r.mu.Lock()
	mark := r.mark
	r.mu.Unlock()
	if mark != "" {
		return mark, nil
	}
	mark, err := r.tickets.Instance(ctx)
	if err != nil {
		return "", fmt.Errorf("read the mark of this data folder: %w", err)
	}
	r.mu.Lock()
	r.mark = mark
	r.mu.Unlock()
	return mark, nil
}

package redmine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/tracker/remote"
)

// Expect is what the configuration elsewhere relies on.
type Expect struct {
	Components []string // of the know-how
	People     []string // ids of who may get tickets
}

// A Finding is something that is wrong, and what to do about it.
type Finding struct {
	About string // "the key", "the component disk"
	Fault string
	Do    string
}

// Doctor asks Redmine for all that the adapter needs and tells what is wrong;
// nothing means that all is well. It writes nothing. What it cannot see is
// the text formatting: Redmine tells that to nobody.
func (r *Redmine) Doctor(ctx context.Context, e Expect) []Finding {
	p, found := r.examine(ctx)
	if p == nil {
		return found // nothing else can be tried
	}
	found = append(found, r.checkRights(ctx, p)...)
	found = append(found, r.checkTypes(ctx, p)...)
	found = append(found, r.checkStatuses(ctx, p)...)
	found = append(found, r.checkPriorities(p)...)
	found = append(found, r.checkComponents(p, e.Components)...)
	found = append(found, r.checkPeople(ctx, p, e.People)...)
	return append(found, r.checkClock()...)
}

// finding parts an error's sentence: what is wrong, a colon, and what to do.
func finding(about string, err error) Finding {
	f := remote.Of(err)
	if f == nil {
		return Finding{about, err.Error(), "try again"}
	}
	what, do, ok := strings.Cut(f.What, ": ")
	if !ok {
		do = "see what Redmine's administrator knows of it, and try again"
	}
	for _, more := range f.Says {
		what += " (" + more + ")"
	}
	if f.Err != nil {
		what += " (" + f.Err.Error() + ")"
	}
	return Finding{about, what, do}
}

// examine tries the address, the key and the project.
func (r *Redmine) examine(ctx context.Context) (*place, []Finding) {
	me, err := r.whoAmI(ctx)
	switch {
	case remote.Is(err, 401):
		return nil, []Finding{finding("the key", err)}
	case err != nil:
		return nil, []Finding{finding("the address "+r.base.String(), err)}
	case me.ID == 0:
		return nil, []Finding{{"the address " + r.base.String(), "what answers there is no Redmine", "write the address as it is in the browser, up to where /projects begins"}}
	}
	about := "the project " + strconv.Quote(r.opt.Project)
	p, err := r.readPlace(ctx)
	if err != nil {
		return nil, []Finding{finding(about, err)}
	}
	switch p.project.Status {
	case projectClosed:
		return p, []Finding{{about, "it is closed, and takes no tickets", "reopen it in Redmine, or name another"}}
	case projectArchived:
		return p, []Finding{{about, "it is archived", "unarchive it in Redmine, or name another"}}
	}
	return p, nil
}

// mostApart is how far clocks may be apart before times on pages are wrong.
const mostApart = time.Minute

func (r *Redmine) checkClock() []Finding {
	here := time.Now()
	there, known := r.clock.there(here)
	if d := there.Sub(here); known && d.Abs() > mostApart {
		return []Finding{{"the clock", fmt.Sprintf("Redmine's clock is %v from this machine's", d.Round(time.Second)), "set both by NTP: nothing is missed, but the times of tickets and alerts do not fit together"}}
	}
	return nil
}

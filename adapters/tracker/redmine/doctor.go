package redmine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// Doctor asks Redmine for all that the adapter needs and tells what is wrong.
// It writes nothing. What it cannot see is the text formatting: Redmine tells
// that to nobody.
func (r *Redmine) Doctor(ctx context.Context, e tracker.Expect) (report adapters.Report) {
	p, found := r.examine(ctx)
	if report.Found = found; p == nil {
		return report // nothing else can be tried
	}
	r.describe(&report, p)
	report.Found = slices.Concat(found, r.checkRights(ctx, p), r.checkTypes(ctx, p), r.checkStatuses(ctx, p), r.checkPriorities(p),
		r.checkComponents(p, e.Components), r.checkPeople(ctx, p, e.People), r.checkClock())
	return report
}

// describe tells what Tebiki makes of Redmine.
func (r *Redmine) describe(report *adapters.Report, p *place) {
	report.Fact("Redmine at %s, logged in as %s", r.base, p.me.Login)
	for _, sub := range []bool{false, true} {
		if kind, err := r.kind(p, sub); err == nil {
			report.Fact("project %s: %s are %s", r.opt.Project, map[bool]string{true: "sub-tickets", false: "tickets"}[sub], kind.Name)
		}
	}
	for _, s := range []tracker.Status{tracker.Open, tracker.Fixed, tracker.Closed} {
		report.Fact("%s is %s", s, names(p.meaning(s)))
	}
	report.Fact("the text is written as %s (Redmine tells nobody how it is configured)", r.opt.Format)
}

func told(about, fault, do string) adapters.Finding {
	return adapters.Finding{About: about, Fault: fault, Do: do}
}

// finding parts an error's sentence: what is wrong, a colon, and what to do.
func finding(about string, err error) adapters.Finding {
	f := remote.Of(err)
	if f == nil {
		return told(about, err.Error(), "try again")
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
	return told(about, what, do)
}

// examine tries the address, the key and the project.
func (r *Redmine) examine(ctx context.Context) (*place, []adapters.Finding) {
	me, err := r.whoAmI(ctx)
	switch {
	case remote.Is(err, 401):
		return nil, []adapters.Finding{finding("the key", err)}
	case err != nil:
		return nil, []adapters.Finding{finding("the address "+r.base.String(), err)}
	case me.ID == 0:
		return nil, []adapters.Finding{told("the address "+r.base.String(), "what answers there is no Redmine", "write the address as it is in the browser, up to where /projects begins")}
	}
	about := "the project " + strconv.Quote(r.opt.Project)
	p, err := r.readPlace(ctx)
	if err != nil {
		return nil, []adapters.Finding{finding(about, err)}
	}
	switch p.project.Status {
	case projectClosed:
		return p, []adapters.Finding{told(about, "it is closed, and takes no tickets", "reopen it in Redmine, or name another")}
	case projectArchived:
		return p, []adapters.Finding{told(about, "it is archived", "unarchive it in Redmine, or name another")}
	}
	return p, nil
}

// mostApart is how far clocks may be apart before times on pages are wrong.
const mostApart = time.Minute

func (r *Redmine) checkClock() []adapters.Finding {
	here := time.Now()
	there, known := r.clock.there(here)
	if d := there.Sub(here); known && d.Abs() > mostApart {
		return []adapters.Finding{told("the clock", fmt.Sprintf("Redmine's clock is %v from this machine's", d.Round(time.Second)), "set both by NTP: nothing is missed, but the times of tickets and alerts do not fit together")}
	}
	return nil
}

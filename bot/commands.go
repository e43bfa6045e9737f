package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"runtime/debug"
	"text/tabwriter"

	"tebiki/bot/sample"
)

type initCmd struct {
	Dir string `arg:"" help:"Folder to write the sample workspace into."`
}

// Run writes the files that are missing.
func (c *initCmd) Run(w world) error {
	written, err := sample.Write(c.Dir)
	for _, name := range written {
		fmt.Fprintln(w.out, "wrote", name)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "Now edit %s/%s, and run: tebiki check %s && tebiki serve --config %s/%s\n", c.Dir, sample.Config, c.Dir, c.Dir, sample.Config)
	return nil
}

type alertCmd struct {
	server   `embed:""`
	Host     string            `help:"Host it is about."`
	Service  string            `help:"Service it is about."`
	Check    string            `help:"What was looked at, such as \"disk /var\"."`
	Severity string            `help:"Severity. The configuration says which wait for the morning." default:"critical"`
	Key      string            `help:"Dedup key. Default: source, host and check."`
	Source   string            `help:"Which system it is from." default:"command line"`
	Label    map[string]string `help:"Further labels, NAME=VALUE."`
	Resolved bool              `help:"It is over."`
	Summary  string            `arg:"" optional:"" help:"What is wrong, in a line."`
}

type receipts struct {
	Alerts []struct {
		ID       string `json:"id"`
		Incident string `json:"incident"`
		State    string `json:"state"`
	} `json:"alerts"`
}

// Run sends the alert and prints what became of it.
func (c *alertCmd) Run(w world) error {
	body := map[string]any{"source": c.Source, "severity": c.Severity}
	for name, v := range map[string]string{"host": c.Host, "service": c.Service, "check": c.Check, "key": c.Key, "summary": c.Summary} {
		if v != "" {
			body[name] = v
		}
	}
	if len(c.Label) > 0 {
		body["labels"] = c.Label
	}
	if c.Resolved {
		body["status"] = "resolved"
	}
	var r receipts
	if err := c.post(w.ctx, "/v1/alerts", nil, body, &r); err != nil {
		return fmt.Errorf("send the alert: %w", err)
	}
	for _, a := range r.Alerts {
		switch a.Incident {
		case "":
			fmt.Fprintf(w.out, "accepted: %s\n", a.State)
		default:
			fmt.Fprintf(w.out, "accepted: incident %s is %s\n", a.Incident, a.State)
		}
	}
	return nil
}

type digestCmd struct {
	server `embed:""`
	Now    bool `help:"Run it now: the alerts of the days before become tickets." required:""`
	Today  bool `help:"Take today's alerts too."`
	DryRun bool `help:"Do nothing, and print what would be made."`
}

// A digestAnswer is the API's.
type digestAnswer struct {
	Alerts  int `json:"alerts"`
	Tickets int `json:"tickets"`
	Left    int `json:"left"`
	Plan    []struct {
		Team   string `json:"team"`
		Day    string `json:"day"`
		What   string `json:"what"`
		Alerts int    `json:"alerts"`
		Over   bool   `json:"over"`
		Ticket string `json:"ticket"`
		Owner  string `json:"owner"`
	} `json:"plan"`
}

// Run runs the morning flow.
func (c *digestCmd) Run(w world) error {
	if !c.Now {
		return errors.New("digest: the morning flow runs by itself; --now runs it now")
	}
	query := url.Values{}
	if c.Today {
		query.Set("today", "true")
	}
	if c.DryRun {
		query.Set("dry_run", "true")
	}
	var d digestAnswer
	if err := c.post(w.ctx, "/v1/digest", query, struct{}{}, &d); err != nil {
		return fmt.Errorf("run the morning flow: %w", err)
	}
	if c.DryRun {
		d.plan(w.out)
	} else {
		fmt.Fprintf(w.out, "alerts taken: %d, tickets they go into: %d\n", d.Alerts, d.Tickets)
	}
	if d.Left > 0 {
		fmt.Fprintf(w.out, "alerts that wait for another morning: %d (--today takes today's now)\n", d.Left)
	}
	return nil
}

// plan prints what would be made, a line for each kind and day.
func (d *digestAnswer) plan(out io.Writer) {
	if len(d.Plan) == 0 {
		fmt.Fprintln(out, "no ticket would be made, and none added to")
		return
	}
	t := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "TEAM\tDAY\tALERTS\tSTATE\tTICKET\tOWNER\tWHAT")
	for _, p := range d.Plan {
		state := "bad"
		if p.Over {
			state = "recovered"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", p.Team, p.Day, p.Alerts, state,
			cmp.Or(shownLine(p.Ticket), "new"), cmp.Or(shownLine(p.Owner), "nobody"), shownLine(p.What))
	}
	_ = t.Flush() // as with all that is printed
	fmt.Fprintf(out, "alerts that would be taken: %d, kinds and days: %d; nothing was done\n", d.Alerts, d.Tickets)
}

type versionCmd struct{}

// version is set by the release build (-ldflags "-X main.version=…").
var version = ""

// Run prints the version, and the commit when it was built from one.
func (versionCmd) Run(w world) error {
	v, commit := version, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = " " + s.Value
			}
		}
	}
	fmt.Fprintf(w.out, "tebiki %s%s %s %s/%s\n", v, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

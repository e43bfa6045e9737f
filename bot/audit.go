package main

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"
)

type auditCmd struct {
	server `embed:""`
	After  uint64 `help:"Number of the record after which to begin." default:"0"`
	Limit  int    `help:"At most so many records; 0 prints all." default:"0"`
}

// An auditPiece is the API's answer.
type auditPiece struct {
	Records []struct {
		Number  uint64    `json:"number"`
		At      time.Time `json:"at"`
		Who     string    `json:"who"`
		Ticket  string    `json:"ticket"`
		Check   string    `json:"check"`
		Command string    `json:"command"`
		Where   string    `json:"where"`
		Host    string    `json:"host"`
		Ended   bool      `json:"ended"`
		Seconds float64   `json:"seconds"`
		Reason  string    `json:"reason"`
		Exit    int       `json:"exit"`
	} `json:"records"`
	Next uint64 `json:"next"`
}

// auditPieces is how many records are asked for at once.
const auditPieces = 1000

// Run prints which checks were run where, for whom, oldest first. The log may
// be of any length, so each piece is printed before the next is asked for.
func (c *auditCmd) Run(w world) error {
	t := tabwriter.NewWriter(w.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "NUMBER\tAT\tWHO\tTICKET\tHOST\tCHECK\tWHAT\tCOMMAND")
	for after, left := c.After, c.Limit; ; {
		n := auditPieces
		if c.Limit > 0 {
			n = min(n, left)
		}
		var piece auditPiece
		query := url.Values{"after": {strconv.FormatUint(after, 10)}, "limit": {strconv.Itoa(n)}}
		if err := c.get(w.ctx, "/v1/audit/checks", query, &piece); err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		piece.print(t)
		if err := t.Flush(); err != nil {
			return fmt.Errorf("print the audit log: %w", err)
		}
		after, left = piece.Next, left-len(piece.Records)
		if len(piece.Records) < n || c.Limit > 0 && left <= 0 {
			return nil
		}
	}
}

func (p *auditPiece) print(t *tabwriter.Writer) {
	for _, r := range p.Records {
		what := "began"
		switch {
		case r.Ended && r.Reason != "":
			what = r.Reason
		case r.Ended:
			what = fmt.Sprintf("exit %d in %.1f s", r.Exit, r.Seconds)
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Number, r.At.Format(time.RFC3339), shownLine(cmp.Or(r.Who, "tebiki")), shownLine(r.Ticket),
			shownLine(cmp.Or(r.Host, "(the bot's)")), shownLine(r.Check), shownLine(what), shownLine(r.Command))
	}
}

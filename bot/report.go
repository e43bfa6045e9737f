package main

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type reportCmd struct {
	KnowHow reportKnowHowCmd `cmd:"" name:"knowhow" help:"How the know-how is used: what most, what never, what is out of date, what is missing."`
}

type reportKnowHowCmd struct {
	server `embed:""`
	Days   int    `help:"The last so many days." default:"30"`
	Lang   string `help:"Language of the report: en or ja." enum:"en,ja" default:"en"`
}

// A report is the API's answer.
type report struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Lists []struct {
		Heading string `json:"heading"`
		Lines   []struct {
			Name    string   `json:"name"`
			Link    string   `json:"link"`
			Note    string   `json:"note"`
			Remarks []string `json:"remarks"`
		} `json:"lines"`
	} `json:"lists"`
}

// Run asks the running tebiki and prints its report.
func (c *reportKnowHowCmd) Run(w world) error {
	var r report
	query := url.Values{"days": {strconv.Itoa(c.Days)}, "lang": {c.Lang}}
	if err := c.get(w.ctx, "/v1/reports/knowhow", query, &r); err != nil {
		return fmt.Errorf("report on the know-how: %w", err)
	}
	fmt.Fprintf(w.out, "%s - %s\n", r.From.Local().Format(time.DateOnly), r.To.Local().Format(time.DateOnly))
	for _, l := range r.Lists {
		fmt.Fprintf(w.out, "\n%s\n", shownLine(l.Heading))
		for _, line := range l.Lines {
			parts := slices.DeleteFunc([]string{line.Name, line.Note, line.Link}, func(s string) bool { return s == "" })
			fmt.Fprintf(w.out, "  %s\n", shownLine(strings.Join(parts, "  ")))
			for _, remark := range line.Remarks {
				fmt.Fprintf(w.out, "    - %s\n", shownLine(remark))
			}
		}
	}
	if len(r.Lists) == 0 {
		fmt.Fprintln(w.out, "nothing was recorded in this time")
	}
	return nil
}

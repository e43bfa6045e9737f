package web

import "time"

// What the API shows has shapes of its own, so that a change to a page's view
// breaks no caller. openapi.yaml describes them.

type incidentsJSON struct {
	Incidents []incidentJSON `json:"incidents"`
}

type incidentJSON struct {
	ID             string     `json:"id"`
	State          string     `json:"state"`
	Title          string     `json:"title"`
	Host           string     `json:"host,omitempty"`
	Service        string     `json:"service,omitempty"`
	Severity       string     `json:"severity,omitempty"`
	Team           string     `json:"team,omitempty"`
	Ticket         string     `json:"ticket,omitempty"`
	Storm          bool       `json:"storm,omitempty"`
	Flapping       bool       `json:"flapping,omitempty"`
	Opened         time.Time  `json:"opened"`
	Last           time.Time  `json:"last"`
	Counts         countsJSON `json:"counts"`
	AcknowledgedBy string     `json:"acknowledged_by,omitempty"`
	AcknowledgedAt time.Time  `json:"acknowledged_at,omitzero"`
	Next           *nextJSON  `json:"next_page,omitempty"`
}

type countsJSON struct {
	Alerts  int `json:"alerts"`
	Firing  int `json:"firing"`
	Signals int `json:"signals"`
}

type nextJSON struct {
	At      time.Time `json:"at"`
	Person  string    `json:"person"`
	Channel string    `json:"channel"`
}

type incidentPageJSON struct {
	incidentJSON
	TicketURL  string         `json:"ticket_url,omitempty"`
	Previous   string         `json:"previous,omitempty"`
	ResolvedBy string         `json:"resolved_by,omitempty"`
	ResolvedAt time.Time      `json:"resolved_at,omitzero"`
	Timeline   []timelineJSON `json:"timeline"`
}

type timelineJSON struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Text    string    `json:"text"`
	Person  string    `json:"person,omitempty"`
	Channel string    `json:"channel,omitempty"`
	Result  string    `json:"result,omitempty"`
}

type digestJSON struct {
	Alerts  int              `json:"alerts"`
	Tickets int              `json:"tickets"`
	Left    int              `json:"left"`
	Plan    []digestPlanJSON `json:"plan,omitempty"`
}

type digestPlanJSON struct {
	Team   string `json:"team"`
	Day    string `json:"day"`
	What   string `json:"what"`
	Alerts int    `json:"alerts"`
	Over   bool   `json:"over"`
	Ticket string `json:"ticket,omitempty"`
	Owner  string `json:"owner,omitempty"`
}

func toDigestJSON(d Digest) digestJSON {
	out := digestJSON{Alerts: d.Alerts, Tickets: d.Tickets, Left: d.Left}
	for _, p := range d.Plan {
		out.Plan = append(out.Plan, digestPlanJSON(p))
	}
	return out
}

func toIncidentJSON(i Incident) incidentJSON {
	out := incidentJSON{
		ID: i.ID, State: i.State, Title: i.Title, Host: i.Host, Service: i.Service, Severity: i.Severity,
		Team: i.Team, Ticket: i.Ticket, Storm: i.Storm, Flapping: i.Flapping, Opened: i.Opened, Last: i.Last,
		Counts:         countsJSON{Alerts: i.Alerts, Firing: i.Firing, Signals: i.Signals},
		AcknowledgedBy: i.AckBy, AcknowledgedAt: i.AckAt,
	}
	if i.Next != nil {
		next := nextJSON(*i.Next)
		out.Next = &next
	}
	return out
}

func toIncidentPageJSON(i IncidentPage) incidentPageJSON {
	out := incidentPageJSON{
		incidentJSON: toIncidentJSON(i.Incident), TicketURL: i.TicketURL, Previous: i.Previous,
		ResolvedBy: i.ResolvedBy, ResolvedAt: i.ResolvedAt, Timeline: make([]timelineJSON, 0, len(i.Timeline)),
	}
	for _, e := range i.Timeline {
		out.Timeline = append(out.Timeline, timelineJSON{At: e.At, Kind: e.Kind, Text: e.Text, Person: e.Person, Channel: e.Channel, Result: e.Result})
	}
	return out
}

type reportJSON struct {
	From  time.Time        `json:"from"`
	To    time.Time        `json:"to"`
	Lists []reportListJSON `json:"lists"`
}

type reportListJSON struct {
	Heading string           `json:"heading"`
	Lines   []reportLineJSON `json:"lines"`
}

type reportLineJSON struct {
	Name    string   `json:"name"`
	Link    string   `json:"link,omitempty"`
	Note    string   `json:"note,omitempty"`
	Remarks []string `json:"remarks,omitempty"`
}

func toReportJSON(r Report) reportJSON {
	out := reportJSON{From: r.From, To: r.To, Lists: []reportListJSON{}}
	for _, l := range r.Lists {
		list := reportListJSON{Heading: l.Heading, Lines: []reportLineJSON{}}
		for _, line := range l.Lines {
			list.Lines = append(list.Lines, reportLineJSON(line))
		}
		out.Lists = append(out.Lists, list)
	}
	return out
}

type auditJSON struct {
	Records []auditRecordJSON `json:"records"`
	Next    uint64            `json:"next"`
}

type auditRecordJSON struct {
	Number  uint64    `json:"number"`
	At      time.Time `json:"at"`
	Who     string    `json:"who,omitempty"`
	Ticket  string    `json:"ticket,omitempty"`
	Check   string    `json:"check"`
	Command string    `json:"command"`
	Where   string    `json:"where"`
	Host    string    `json:"host,omitempty"`
	Started time.Time `json:"started"`
	Ended   bool      `json:"ended"`
	Seconds float64   `json:"seconds,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Exit    int       `json:"exit,omitempty"`
}

func toAuditJSON(r AuditRecord) auditRecordJSON {
	return auditRecordJSON{Number: r.Number, At: r.At, Who: r.Who, Ticket: r.Ticket, Check: r.Check, Command: r.Command, Where: r.Where, Host: r.Host,
		Started: r.Started, Ended: r.Ended, Seconds: r.Took.Seconds(), Reason: r.Reason, Exit: r.Exit}
}

type checksJSON struct {
	Checks map[string]tallyJSON `json:"checks"`
}

type tallyJSON struct {
	Ran   int `json:"ran"`
	Well  int `json:"well"`
	Tried int `json:"tried"`
}

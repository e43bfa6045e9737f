package source

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// ParseGrafana reads the body of the webhook of Grafana Alerting, as the page
// "Configure webhook notifications" of Grafana's documentation has it: version
// "1", without a custom payload. Grafana grew out of Alertmanager, so what
// ParseAlertmanager says of fields holds here too, but for these:
//
//	Key       the organization's id and the alert's fingerprint. Grafana says
//	          of the fingerprint that the same labels have the same one; two
//	          organizations may well have the same labels
//	Check     label alertname; of a rule that has no data or fails, with the
//	          rule's name
//	Labels    besides, "values": what the rule's queries and expressions gave
//	Link      the panel, the dashboard, the rule, or Grafana itself
//
// When a rule has no data, or cannot be evaluated, Grafana sends an alert of
// its own in the rule's stead (page "No Data and Error states"): its
// alertname is DatasourceNoData or DatasourceError, and the rule's name is in
// the label rulename. The rule's summary was written for values that are not
// there, so what happened is said before it.
func ParseGrafana(body []byte) ([]Alert, error) {
	var m grafanaMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, jsonFault(err, "Grafana")
	}
	if fault := howMany(len(m.Alerts), "Max Alerts at the contact point"); fault != nil {
		return nil, fault
	}
	alerts := make([]Alert, len(m.Alerts))
	for i, a := range m.Alerts {
		var fault *Fault
		if alerts[i], fault = a.alert(&m); fault != nil {
			fault.Path = fmt.Sprintf("alerts[%d]%s", i, fault.Path)
			return nil, fault
		}
	}
	return alerts, nil
}

// grafanaMessage is what is read of the webhook's body. Its title, state and
// message say in other words what the alerts say.
type grafanaMessage struct {
	Status      string         `json:"status"`
	OrgID       json.Number    `json:"orgId"`
	ExternalURL string         `json:"externalURL"`
	Alerts      []grafanaAlert `json:"alerts"`
}

type grafanaAlert struct {
	amAlert
	DashboardURL string         `json:"dashboardURL"`
	PanelURL     string         `json:"panelURL"`
	Values       map[string]any `json:"values"`
}

func (a grafanaAlert) alert(m *grafanaMessage) (Alert, *Fault) {
	out, fault := a.amAlert.alert(amMessage{Status: m.Status})
	if fault != nil {
		return Alert{}, fault
	}
	out.Source = "grafana"
	if m.OrgID != "" {
		out.Key = clean(m.OrgID.String()+"/"+out.Key, MaxField)
	}
	out.Link = firstLink(a.PanelURL, a.DashboardURL, a.GeneratorURL, m.ExternalURL)
	if values := a.values(); values != "" && len(out.Labels) < MaxLabels {
		out.Labels["values"] = values
	}
	a.inRulesStead(&out)
	return out, nil
}

// inRulesStead says which rule has no data or fails.
func (a grafanaAlert) inRulesStead(out *Alert) {
	rule := a.label("rulename")
	if rule == "" {
		return
	}
	said := ""
	switch out.Check {
	case "DatasourceNoData":
		said = fmt.Sprintf("the rule %q has no data", rule)
	case "DatasourceError":
		said = fmt.Sprintf("the rule %q cannot be evaluated", rule)
	default:
		return
	}
	if why := clean(a.Annotations["Error"], MaxSummary); why != "" {
		said += ": " + why
	}
	if out.Summary != out.Check {
		said += " (" + out.Summary + ")"
	}
	out.Check = clean(out.Check+": "+rule, MaxField)
	out.Summary = clean(said, MaxSummary)
}

// values are what the queries and expressions gave, by their letters.
func (a grafanaAlert) values() string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(a.Values)) {
		if v, ok := a.Values[name].(float64); ok {
			pairs = append(pairs, name+"="+strconv.FormatFloat(v, 'g', 6, 64))
		}
	}
	return clean(strings.Join(pairs, ", "), MaxField)
}

// firstLink gives the first that is a link as it stands.
func firstLink(links ...string) string {
	for _, s := range links {
		if len(s) <= MaxLink && isLink(s) && clean(s, MaxLink) == s {
			return s
		}
	}
	return ""
}

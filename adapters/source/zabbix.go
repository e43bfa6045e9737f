package source

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ZabbixMediaType is Zabbix's side of ParseZabbix: a webhook media type, to be
// imported under Alerts, Media types.
//
//go:embed media_tebiki.yaml
var ZabbixMediaType string

// ParseZabbix reads what the script of ZabbixMediaType sends: one event, its
// macros as Zabbix has filled them in. What a macro has no value for is *UNKNOWN*
// or stays as it was written; both count as not there.
//
//	Key       the host, and parameter key or the problem event's id (see below)
//	Severity  disaster, high, average, warning, info, not classified: by the
//	          number, since the words can be changed in Zabbix
//	Host      the host's technical name, or its visible one
//	Service   the tag service
//	Check     the trigger's name, or the event's
//	Summary   the event's name and its operational data
//	Labels    all tags, besides host_name, ip, groups, opdata, trigger, event
//	          and description
//	Link      the trigger's own, or the event's page in Zabbix
//	At        the event's time, or that of its recovery, when Zabbix tells it
//	          (it does from version 7)
//
// In Zabbix a recovery belongs to a problem event, not to a trigger: one whose
// "PROBLEM event generation mode" is "Multiple" has several problems at once,
// and those with other tags stay when one is over. {EVENT.ID} in a recovery's
// message is the id of the problem that it ends, so that alone is a key which
// never ends a problem that is still there. Its price is that a trigger which
// comes and goes is a new alert each time. Who has no such trigger writes
// {TRIGGER.ID} at the parameter key.
//
// Every Zabbix server counts its events and triggers from one, so the host
// stands before the number: of two servers the problems stay two. What has no
// host, such as a business service, has the name of Zabbix's own page there.
//
// An update (somebody has acknowledged, commented, or changed the severity)
// says nothing new about the server and gives no alert and no error. The end
// of a problem that was closed by hand comes as a recovery of its own.
func ParseZabbix(body []byte) ([]Alert, error) {
	var raw map[string]any
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, jsonFault(err, "the media type")
	}
	ev := zabbixEvent(raw)
	switch kind := ev.get("source"); kind {
	case "0", "3", "4": // triggers, items that cannot be read, services
	default:
		return nil, &Fault{Offset: -1, Path: "source", What: fmt.Sprintf("%.40q is nothing that begins and ends: want 0 (trigger), 3 (internal) or 4 (service); take the media type out of actions for discovery and autoregistration", kind)}
	}
	if ev.get("update") == "1" {
		return nil, nil
	}
	out, fault := ev.alert()
	if fault != nil {
		return nil, fault
	}
	return []Alert{out}, nil
}

// zabbixEvent is an event's parameters. Scripts that people have changed may
// send numbers as numbers.
type zabbixEvent map[string]any

// macro is what Zabbix leaves of one that has no value.
var macro = regexp.MustCompile(`^(\*UNKNOWN\*|\{[$A-Z][A-Z0-9_.:$"]*\})$`)

// text is a parameter as it came, "" when there is none.
func (ev zabbixEvent) text(name string) string {
	switch v := ev[name].(type) {
	case string:
		if v = strings.TrimSpace(v); !macro.MatchString(v) {
			return v
		}
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func (ev zabbixEvent) get(name string) string { return clean(ev.text(name), MaxField) }

func (ev zabbixEvent) alert() (Alert, *Fault) {
	out := Alert{
		Source: "zabbix", Severity: ev.severity(),
		Key:    ev.key(),
		Host:   bareHost(cmp.Or(ev.get("host"), ev.get("host_name"))),
		Check:  cmp.Or(ev.get("trigger_name"), ev.get("event_name")),
		Labels: ev.labels(),
		Link:   ev.link(),
	}
	out.Service = out.Labels["service"]
	delete(out.Labels, "service")
	out.Summary = ev.summary(out.Check)
	switch value := ev.get("value"); value {
	case "1":
		out.At = unixTime(ev.get("timestamp"))
	case "0":
		out.Resolved, out.At = true, unixTime(ev.get("recovery_timestamp"))
	default:
		return Alert{}, &Fault{Offset: -1, Path: "value", What: fmt.Sprintf("%.40q is no state: it is 1 for a problem and 0 for its recovery", value)}
	}
	if out.Key == "" {
		return Alert{}, &Fault{Offset: -1, Path: "event_id", What: "it is missing: nothing tells the problem from others"}
	}
	if out.Summary == "" {
		return Alert{}, &Fault{Offset: -1, Path: "event_name", What: "it is missing: there is nothing to tell a person"}
	}
	return out, nil
}

// maxKeyHost leaves room for the number in a key. Zabbix's own limit is 128.
const maxKeyHost = MaxField / 2

// key is what a problem has in common with its recovery alone; "" without a
// number.
func (ev zabbixEvent) key() string {
	number := cmp.Or(ev.get("key"), ev.get("event_id"))
	where := cmp.Or(bareHost(cmp.Or(ev.get("host"), ev.get("host_name"))), bareHost(ev.get("zabbix_url")))
	if number == "" || where == "" {
		return number
	}
	return clean(clean(where, maxKeyHost)+" "+number, MaxField)
}

// severities are Zabbix's, by their numbers. The second is "info" as in other
// systems, which the configuration's low severities have.
var severities = []string{"not classified", "info", "warning", "average", "high", "disaster"}

func (ev zabbixEvent) severity() string {
	n, err := strconv.Atoi(ev.get("nseverity"))
	if err != nil || n < 0 || n >= len(severities) {
		return strings.ToLower(ev.get("severity"))
	}
	return severities[n]
}

func (ev zabbixEvent) summary(check string) string {
	name := cmp.Or(ev.text("event_name"), ev.text("subject"), check)
	if data := ev.text("opdata"); data != "" && name != "" {
		name += " (" + data + ")"
	}
	return clean(name, MaxSummary)
}

// labels are the event's tags and what else is worth knowing. A tag that is
// there several times has all its values.
func (ev zabbixEvent) labels() map[string]string {
	out := map[string]string{}
	put := func(name, value string) {
		if name = clean(name, MaxField); name != "" && value != "" && (len(out) < MaxLabels || out[name] != "") {
			out[name] = clean(value, MaxField)
		}
	}
	for _, tag := range ev.tags() {
		value := tag.Value
		if had := out[clean(tag.Tag, MaxField)]; had != "" && value != "" {
			value = had + ", " + value
		}
		put(tag.Tag, value)
	}
	for _, name := range []string{"host_name", "ip", "groups", "opdata", "description"} {
		if value := ev.get(name); value != ev.get("host") {
			put(name, value)
		}
	}
	put("trigger", ev.get("trigger_id"))
	put("event", ev.get("event_id"))
	return out
}

type zabbixTag struct {
	Tag   string `json:"tag"`
	Value string `json:"value"`
}

// tags reads {EVENT.TAGSJSON}: a list in JSON, within a text. Tags that cannot
// be read are no reason to refuse the problem.
func (ev zabbixEvent) tags() (tags []zabbixTag) {
	if err := json.Unmarshal([]byte(ev.text("tags")), &tags); err != nil {
		return nil
	}
	return tags
}

func (ev zabbixEvent) link() string {
	page := ""
	trigger, event := ev.get("trigger_id"), ev.get("event_id")
	if base := strings.TrimRight(ev.text("zabbix_url"), "/"); base != "" && digits(trigger) && digits(event) {
		page = base + "/tr_events.php?triggerid=" + trigger + "&eventid=" + event
	}
	return firstLink(ev.text("trigger_url"), page)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// unixTime gives no time for what is none.
func unixTime(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || n > maxUnix {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// maxUnix is the end of the year 9999, after which no time has an RFC 3339
// form.
const maxUnix = 253402300799

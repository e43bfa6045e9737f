package source

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// alert makes the event's alert. Texts are cleaned and cut, and a link or a
// time that is none is left out: a sender rarely sends again what it was
// refused, so only what would make a wrong alert is a fault.
func (e *evaluation) alert() (Alert, *Fault) {
	out := Alert{Source: e.mapping.name}
	for _, field := range fieldNames[1:] { // a fault is the same each time
		p := e.mapping.fields[field]
		if p == nil {
			continue
		}
		value, fault := e.value(field, p)
		if fault == nil && value != nil {
			fault = e.set(&out, field, p, value)
		}
		if fault != nil {
			return Alert{}, fault
		}
	}
	var fault *Fault
	if out.Labels, fault = e.labels(); fault != nil {
		return Alert{}, fault
	}
	switch {
	case out.Key == "" && out.Host == "":
		return Alert{}, e.fault("key", e.mapping.fields["key"], "key and host are both empty: the alert could not be told from others")
	case out.Summary == "" && out.Check == "":
		return Alert{}, e.fault("summary", e.mapping.fields["summary"], "summary and check are both empty: there is nothing to tell a person")
	}
	return out, nil
}

// set puts a value where the field's name says.
func (e *evaluation) set(a *Alert, field string, p *program, value any) *Fault {
	if field == "at" {
		a.At = momentOf(value)
		return nil
	}
	text, ok := textOf(value)
	if !ok {
		return e.fault(field, p, "it gives "+kindOf(value)+"; a text, a number or a truth value is wanted")
	}
	switch field {
	case "source":
		a.Source = clean(text, MaxField)
	case "key":
		a.Key = keyOf(text)
	case "severity":
		a.Severity = clean(text, MaxField)
	case "host":
		a.Host = bareHost(clean(text, MaxField))
	case "service":
		a.Service = clean(text, MaxField)
	case "check":
		a.Check = clean(text, MaxField)
	case "summary":
		a.Summary = clean(text, MaxSummary)
	case "link":
		a.Link = firstLink(text)
	case "status":
		if text != "firing" && text != "resolved" {
			return e.fault(field, p, fmt.Sprintf("it gives %.40q; \"firing\" or \"resolved\" is wanted", text))
		}
		a.Resolved = text == "resolved"
	}
	return nil
}

// labels are those that are written one by one, and then the members of the
// object.
func (e *evaluation) labels() (map[string]string, *Fault) {
	out := map[string]string{}
	for _, name := range e.mapping.order {
		p := e.mapping.labels[name]
		value, fault := e.value("labels."+name, p)
		if fault != nil {
			return nil, fault
		}
		label(out, name, value)
	}
	if e.mapping.tags == nil {
		return out, nil
	}
	value, fault := e.value("labels", e.mapping.tags)
	if fault != nil || value == nil {
		return out, fault
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, e.fault("labels", e.mapping.tags, "it gives "+kindOf(value)+"; an object is wanted")
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		label(out, name, object[name])
	}
	return out, nil
}

// label adds one, unless it says nothing or there is no place for it. Lists
// and objects stay JSON.
func label(to map[string]string, name string, value any) {
	text, ok := textOf(value)
	if !ok {
		written, _ := json.Marshal(value) // what came as JSON can be written so
		text = string(written)
	}
	name, text = clean(name, MaxField), clean(text, MaxField)
	if _, taken := to[name]; taken || name == "" || text == "" || len(to) == MaxLabels {
		return
	}
	to[name] = text
}

// keyOf keeps keys apart that are the same up to where they would be cut.
func keyOf(text string) string {
	if key := clean(text, MaxSummary); len(key) <= MaxField {
		return key
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// textOf writes a value as text; null is none. It is false for what is no
// single value.
func textOf(value any) (text string, ok bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case time.Time:
		return v.Format(time.RFC3339), true
	case time.Duration:
		return v.String(), true
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10), true
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), true
	}
	return "", false
}

// times are what RFC 3339 allows and what is close to it: without the colon in
// the zone, and with a blank in the middle.
var times = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 UTC"}

// momentOf reads a time as it is written, or as seconds or milliseconds since
// 1970. Without a zone it is none: nobody could say which.
func momentOf(value any) time.Time {
	if t, ok := value.(time.Time); ok {
		return sane(t)
	}
	text, _ := textOf(value)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		if n > maxUnix/100 { // in the year 2050 seconds have ten digits, milliseconds thirteen
			n /= 1000
		}
		return sane(time.UnixMilli(int64(n * 1000)).UTC())
	}
	for _, layout := range times {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return sane(t)
		}
	}
	return time.Time{}
}

// sane leaves out what has no RFC 3339 form, and the zero of many systems.
func sane(t time.Time) time.Time {
	if t.Unix() <= 0 || t.Unix() > maxUnix {
		return time.Time{}
	}
	return t
}

// elements gives a list's, whatever the type that expressions made of it.
func elements(value any) ([]any, bool) {
	if list, ok := value.([]any); ok {
		return list, true
	}
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.Slice {
		return nil, false
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = v.Index(i).Interface()
	}
	return out, true
}

// kindOf names what a value is, as JSON does.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "a text"
	case bool:
		return "a truth value"
	case map[string]any:
		return "an object"
	case time.Time:
		return "a time"
	}
	if _, ok := textOf(value); ok {
		return "a number"
	}
	if _, ok := elements(value); ok {
		return "a list"
	}
	return fmt.Sprintf("%T", value)
}

package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// decode reads JSON. Whole numbers stay whole: an id of 19 digits is one.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("this is not JSON: it ends too early")
	} else if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("this is not JSON: something follows after its end")
	}
	return numbers(v), nil
}

// numbers gives numbers the types that expressions reckon with.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, err := v.Float64()
		if err != nil { // 1e999, and what has more digits than an int64
			return v.String()
		}
		return f
	}
	return v
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

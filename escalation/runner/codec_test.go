package runner

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tebiki/escalation"
	"tebiki/store"
)

var comparer = cmp.Options{cmpopts.IgnoreUnexported(escalation.Incident{}), cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0)}

var (
	words = rapid.StringN(0, 40, 200)
	small = rapid.Uint32()
)

func drawTime(t *rapid.T, name string) time.Time {
	if rapid.IntRange(0, 2).Draw(t, name+" is zero") == 0 {
		return time.Time{}
	}
	return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, name), rapid.Int64Range(0, 999_999_999).Draw(t, name+" ns"))
}

func drawTimes(t *rapid.T, name string) (out []time.Time) {
	for range rapid.IntRange(0, 3).Draw(t, name) {
		out = append(out, time.Unix(rapid.Int64Range(1, 4e9).Draw(t, name), 5))
	}
	return out
}

func drawAlert(t *rapid.T) escalation.Alert {
	return escalation.Alert{
		Source: words.Draw(t, "source"), Key: words.Draw(t, "key"), Severity: words.Draw(t, "severity"), Host: words.Draw(t, "host"),
		Service: words.Draw(t, "service"), Check: words.Draw(t, "check"), Summary: words.Draw(t, "summary"), Link: words.Draw(t, "link"),
		Labels: rapid.MapOfN(words, words, 0, 4).Draw(t, "labels"), Resolved: rapid.Bool().Draw(t, "resolved"), At: drawTime(t, "at"),
	}
}

func drawIncident(t *rapid.T) *escalation.Incident {
	inc := &escalation.Incident{
		ID: escalation.ID(rapid.Uint64().Draw(t, "id")), Policy: words.Draw(t, "policy"), Storm: rapid.Bool().Draw(t, "storm"),
		Status: rapid.SampledFrom([]escalation.Status{escalation.Held, escalation.Open, escalation.Acknowledged, escalation.Resolved, escalation.Closed}).Draw(t, "status"),
		Root:   drawAlert(t), Previous: escalation.ID(rapid.Uint64().Draw(t, "previous")), Ticket: words.Draw(t, "ticket"),
		Opened: drawTime(t, "opened"), Last: drawTime(t, "last"), Members: small.Draw(t, "members"), Firing: small.Draw(t, "firing"),
		Signals: rapid.Uint64().Draw(t, "signals"), Cleared: rapid.Uint64().Draw(t, "cleared"), Lines: small.Draw(t, "lines"),
		Began: drawTime(t, "began"), Move: rapid.IntRange(0, 1<<40).Draw(t, "move"), NextPage: drawTime(t, "next page"), Now: words.Draw(t, "now"),
		PageSeq: small.Draw(t, "page seq"), Paged: rapid.SliceOfN(words, 0, 4).Draw(t, "paged"), AckBy: words.Draw(t, "ack by"),
		AckAt: drawTime(t, "ack at"), AckDue: drawTime(t, "ack due"), Confirm: drawTime(t, "confirm"), HoldDue: drawTime(t, "hold due"),
		Times: drawTimes(t, "times"), Flapping: rapid.Bool().Draw(t, "flapping"), QuietDue: drawTime(t, "quiet due"),
		ListDue: drawTime(t, "list due"), GraceDue: drawTime(t, "grace due"), ResolvedAt: drawTime(t, "resolved at"),
		ResolvedBy: words.Draw(t, "resolved by"), CloseDue: drawTime(t, "close due"), Reopened: rapid.IntRange(0, 1<<30).Draw(t, "reopened"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "pages") {
		inc.Pages = append(inc.Pages, escalation.Page{Seq: small.Draw(t, "seq"), Person: words.Draw(t, "person"),
			Channel: escalation.Channel(words.Draw(t, "channel")), Move: rapid.IntRange(0, 99).Draw(t, "page move"), At: drawTime(t, "page at")})
	}
	return inc
}

func TestIncidentsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inc := drawIncident(t)
		value := encodeIncident(inc)
		got, err := decodeIncident(store.Seq(uint64(inc.ID)), value)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(inc, got, comparer); d != "" {
			t.Fatal(d)
		}
	})
}

// TestEveryFieldIsStored: a field that is added to Incident, Alert or Page
// must be visited.
func TestEveryFieldIsStored(t *testing.T) {
	var inc escalation.Incident
	set(reflect.ValueOf(&inc).Elem())
	got, err := decodeIncident(store.Seq(uint64(inc.ID)), encodeIncident(&inc))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&inc, got, comparer); d != "" {
		t.Error(d)
	}
}

// set gives every exported field a value that is not zero.
func set(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1e9, 7)))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				set(v.Field(i))
			}
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		set(v.Index(1))
	case v.Kind() == reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"a": "b", "c": ""}))
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(3)
	default:
		v.SetUint(3)
	}
}

// TestReadsJSON: incidents of version 1 are read.
func TestReadsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inc := drawIncident(t)
		value, err := store.Encode(1, inc)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeIncident(store.Seq(uint64(inc.ID)), value)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(inc, got, comparer); d != "" {
			t.Fatal(d)
		}
	})
}

func TestAlertsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := escalation.Member{Incident: escalation.ID(rapid.Uint64().Draw(t, "incident")), Seq: small.Draw(t, "seq"), Count: small.Draw(t, "count"),
			Signal: rapid.Uint64().Draw(t, "signal"), Firing: rapid.Bool().Draw(t, "firing"), Alert: drawAlert(t),
			First: time.Unix(0, rapid.Int64().Draw(t, "first")), Last: time.Unix(0, rapid.Int64().Draw(t, "last")),
			Bad: time.Unix(0, rapid.Int64().Draw(t, "bad"))}
		m.Fingerprint = m.Alert.Fingerprint()
		value, err := encodeMember(&m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeMember(numbered(m.Incident, m.Seq), value)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m, got, comparer); d != "" {
			t.Fatal(d)
		}
	})
}

// FuzzDecode: no bytes crash what reads them, or are taken for something else.
func FuzzDecode(f *testing.F) {
	m := escalation.Member{Incident: 1, Seq: 2, First: time.Unix(1, 0), Last: time.Unix(2, 0), Firing: true}
	good, err := encodeMember(&m)
	if err != nil {
		f.Fatal(err)
	}
	inc := encodeIncident(&escalation.Incident{ID: 7, Status: escalation.Open, Paged: []string{"tanaka"}, Root: escalation.Alert{Labels: map[string]string{"a": "b"}}})
	f.Add(numbered(1, 2), good)
	f.Add(numbered(1, 2), good[:headSize-1])
	f.Add(store.Seq(7), inc)
	f.Add(store.Seq(7), inc[:len(inc)/2])
	f.Add("", []byte{})
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		head, err := decodeHead(key, value)
		if (err == nil) != (len(key) == 12 && len(value) >= sizeOfHead(value) && (value[0] == 1 || value[0] == 2)) {
			t.Errorf("key %x, value %x: %v", key, value, err)
		}
		if whole, err := decodeMember(key, value); err == nil && (whole.Seq != head.Seq || whole.Fingerprint != head.Fingerprint) {
			t.Errorf("the head is %+v, the whole %+v", head, whole)
		}
		if inc, err := decodeIncident(key, value); err == nil && store.Seq(uint64(inc.ID)) != key {
			t.Errorf("%s under the key %x", inc.ID, key)
		}
	})
}

// TestDamaged: what cannot be read stops the start with words that help.
func TestDamaged(t *testing.T) {
	good := encodeIncident(&escalation.Incident{ID: 7, Status: escalation.Open})
	for _, c := range []struct {
		name, bucket, key string
		value             []byte
		want              string
	}{
		{"cut incident", bucketOpen, store.Seq(7), good[:len(good)-1], "I-7"},
		{"newer incident", bucketOpen, store.Seq(7), append([]byte{99}, good[1:]...), "start the newer program"},
		{"empty incident", bucketOpen, store.Seq(7), []byte{}, "I-7"},
		{"another's place", bucketOpen, store.Seq(8), good, "I-8"},
		{"odd key", bucketOpen, "I-7", good, "8 bytes"},
		{"cut alert", bucketAlert, numbered(7, 1), []byte{1, 2}, "cut short"},
		{"newer alert", bucketAlert, numbered(7, 1), append([]byte{9}, make([]byte, headSize)...), "start the newer program"},
		{"odd alert's key", bucketAlert, "x", make([]byte, headSize), "cut short"},
	} {
		st := store.NewMemory()
		if err := st.Update(context.Background(), func(tx store.Writer) error { return tx.Put(c.bucket, c.key, c.value) }); err != nil {
			t.Fatal(err)
		}
		err := New(st, testRules(), Options{}).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to say %q", c.name, err, c.want)
		}
	}
}

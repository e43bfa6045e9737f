package source_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/source"
)

// fields are the least that a mapping has, and more.
func fields(more ...string) map[string]string {
	out := map[string]string{"key": `"k"`, "summary": `"s"`}
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func mapping(t testing.TB, x source.Expressions) *source.Mapping {
	t.Helper()
	m, err := source.NewMapping("tool", x)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// everything uses each field and each way to say something.
var everything = source.Expressions{
	Each: `body.events`,
	When: `event.kind != "ping"`,
	Fields: map[string]string{
		"source":   `body.sender ?? "tool"`,
		"key":      `event.id`,
		"severity": `{"1": "critical", "2": "warning"}[string(event.level)] ?? "info"`,
		"host":     `event.host.name ?? event.target`,
		"service":  `event.tags ?? [] | filter(hasPrefix(#, "service:")) | map(trimPrefix(#, "service:")) | first()`,
		"check":    `event.check`,
		"summary":  `event.title + " (" + string(index) + ")"`,
		"link":     `event.url`,
		"status":   `event.ok ?? false ? "resolved" : "firing"`,
		"at":       `event.time`,
	},
	Labels: map[string]string{"region": `event.region`, "tags": `join(event.tags ?? [], ",")`},
	Tags:   `event.labels`,
}

func TestMapping(t *testing.T) {
	body := `{"sender":"watcher","events":[
		{"id":1234567890123456789,"level":1,"host":{"name":"db1.example.jp"},"tags":["env:prod","service:db"],"check":"disk","title":"disk\nfull",
		 "url":"https://w.example.jp/1","time":"2026-11-25T09:00:00+09:00","region":"tokyo","labels":{"rack":"r12","region":"other","n":7,"list":[1,"a"],"gone":null}},
		{"kind":"ping"},
		{"id":"b","level":9,"target":"https://shop.example.jp:8443/health","title":"shop","url":"javascript:alert(1)","time":1764032400,"ok":true}]}`
	got, err := mapping(t, everything).Parse(t.Context(), []byte(body))
	want := []source.Alert{
		{Source: "watcher", Key: "1234567890123456789", Severity: "critical", Host: "db1.example.jp", Service: "db", Check: "disk", Summary: "disk full (0)",
			Labels: map[string]string{"region": "tokyo", "tags": "env:prod,service:db", "rack": "r12", "n": "7", "list": `[1,"a"]`},
			Link:   "https://w.example.jp/1", At: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)},
		{Source: "watcher", Key: "b", Severity: "info", Host: "shop.example.jp", Summary: "shop (2)", Labels: map[string]string{}, Resolved: true,
			At: time.Date(2025, 11, 25, 1, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// What is wrong with expressions is found before a body comes, all at once.
func TestMappingFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		x    source.Expressions
		want []string // field and a part of what is said
	}{
		"nothing":     {source.Expressions{}, []string{"key neither key nor host", "summary neither summary nor check"}},
		"syntax":      {source.Expressions{Fields: fields("host", `event.host.`)}, []string{"host unexpected end of expression"}},
		"name":        {source.Expressions{Fields: fields("host", `evnet.host`)}, []string{"host unknown name evnet (column 1)"}},
		"type":        {source.Expressions{Fields: fields("check", `"a" * 2`)}, []string{"check invalid operation: * (mismatched types string and int) (column 5)"}},
		"second line": {source.Expressions{Fields: fields("check", "\"a\" +\n  nobody")}, []string{"check unknown name nobody (line 2, column 3)"}},
		"field":       {source.Expressions{Fields: fields("hots", `"a"`)}, []string{"hots there is no such field: there are source, key"}},
		"labels":      {source.Expressions{Fields: fields("labels", `{}`)}, []string{"labels there is no such field"}},
		"when":        {source.Expressions{When: `"yes"`, Fields: fields()}, []string{"when it gives string; true or false is wanted"}},
		"each":        {source.Expressions{Each: `"list"`, Fields: fields()}, []string{"each it gives string; a list is wanted"}},
		"status":      {source.Expressions{Fields: fields("status", `event.x == 1`)}, []string{`status it gives bool; "firing" or "resolved" is wanted`}},
		"list":        {source.Expressions{Fields: fields("host", `[event.a]`)}, []string{"host it gives []interface {}; a text, a number"}},
		"one label":   {source.Expressions{Fields: fields(), Labels: map[string]string{"a": "b", "c": "d"}}, []string{"labels.a unknown name b", "labels.c unknown name d"}},
		"all labels":  {source.Expressions{Fields: fields(), Tags: `"x"`}, []string{"labels it gives string; an object is wanted"}},
		"clock":       {source.Expressions{Fields: fields("at", `now()`)}, []string{"at unknown name now"}},
		"reduce":      {source.Expressions{Fields: fields("check", `reduce(body.a, #acc + #)`)}, []string{"check reduce is not there"}},
		"repeat":      {source.Expressions{Fields: fields("check", `repeat("a", 9)`)}, []string{"check unknown name repeat"}},
		"pattern":     {source.Expressions{Fields: fields("check", `event.a matches event.b`)}, []string{"check the pattern of matches has to be written out"}},
		"bad pattern": {source.Expressions{When: `event.a matches "("`, Fields: fields()}, []string{"when error parsing regexp"}},
		"large":       {source.Expressions{Fields: fields("check", strings.Repeat("1+", 600)+"1")}, []string{"check compilation failed: expression exceeds maximum allowed nodes"}},
		"inner":       {source.Expressions{Fields: fields("check", `body["its context"] ?? its`)}, []string{"check unknown name its"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := source.NewMapping("tool", tt.x)
			joined, ok := err.(interface{ Unwrap() []error })
			if !ok {
				t.Fatalf("gives %v", err)
			}
			var got []string
			for _, e := range joined.Unwrap() {
				var f *source.ExpressionFault
				if !errors.As(e, &f) || strings.Contains(f.What, "\n") {
					t.Fatalf("no fault in one line: %q", e)
				}
				got = append(got, f.Field+" "+f.What)
			}
			for i, want := range tt.want {
				if i >= len(got) || !strings.HasPrefix(got[i], want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			}
			if len(got) != len(tt.want) {
				t.Errorf("got %d faults %q, want %d", len(got), got, len(tt.want))
			}
		})
	}
}

// A body that cannot be understood is refused whole, with the field and the
// expression.
func TestMappingRefuses(t *testing.T) {
	each := func(more ...string) source.Expressions {
		return source.Expressions{Each: `body`, Fields: fields(more...)}
	}
	for _, tt := range []struct {
		x          source.Expressions
		body, path string
		want       string
	}{
		{each(), ``, "", "it ends too early"},
		{each(), `[{}`, "", "it ends too early"},
		{each(), `[] []`, "", "something follows"},
		{each(), `[]}`, "", "something follows"},
		{each(), "[\x00]", "", "not JSON"},
		{each(), strings.Repeat("[", 1<<20), "", "exceeded max depth"},
		{each(), `null`, "each", "body: it gives null; a list is wanted"},
		{each(), `{}`, "each", "body: it gives an object; a list is wanted"},
		{each(), `[` + strings.Repeat("0,", source.MaxAlerts) + `0]`, "each", "there are 10001 events, at most 10000"},
		{each("check", `upper(event.a)`), `[{"a":"x"},{"a":7}]`, "event[1].check", "upper(event.a): there is int where string is wanted (column 1)"},
		{each("check", `event.a`), `[{"a":{}}]`, "event[0].check", "event.a: it gives an object; a text, a number or a truth value is wanted"},
		{each("host", `event.a + 1`), `[{"a":[]}]`, "event[0].host", "event.a + 1: invalid operation"},
		{each("status", `event.a`), `[{"a":"Down"}]`, "event[0].status", `event.a: it gives "Down"; "firing" or "resolved" is wanted`},
		{each("key", `event.a`), `[{"a":1},{}]`, "event[1].key", "event.a: key and host are both empty"},
		{each("summary", `event.a`), `[{"a":"\u0000\t"}]`, "event[0].summary", "summary and check are both empty"},
		{source.Expressions{When: `event.a`, Fields: fields()}, `{"a":"x"}`, "when", "event.a: it gives a text; true or false is wanted"},
		{source.Expressions{When: `event.a`, Fields: fields()}, `{}`, "when", "it gives null; true or false is wanted"},
		{source.Expressions{Fields: fields(), Tags: `body.a`}, `{"a":[]}`, "labels", "body.a: it gives a list; an object is wanted"},
		{source.Expressions{Fields: fields(), Labels: map[string]string{"x": `lower(body.a)`}}, `{}`, "labels.x", "there is null where string is wanted"},
		{source.Expressions{Fields: fields("check", `fromJSON(body.a).b`)}, `{"a":"{"}`, "check", "it ends too early"},
		{source.Expressions{Fields: fields("check", `join(body.a, ",")`)}, `{"a":"x"}`, "check", "there is a text where a list is wanted"},
	} {
		alerts, err := mapping(t, tt.x).Parse(t.Context(), []byte(tt.body))
		var f *source.Fault
		if alerts != nil || !errors.As(err, &f) || f.Path != tt.path || !strings.Contains(f.What, tt.want) {
			t.Errorf("%.60s: %d alerts, %v; want %s: %s", tt.body, len(alerts), err, tt.path, tt.want)
		}
	}
}

// What is odd and can be understood is taken.
func TestMappingTakes(t *testing.T) {
	long := strings.Repeat("é", 3000)
	for expression, tt := range map[string]struct{ body, want string }{
		`event.a.b.c.d ?? "none"`:                 {`{}`, "none"},
		`event.a?.b ?? "none"`:                    {`{"a":null}`, "none"},
		`event.a[0].b ?? "none"`:                  {`{"a":[]}`, "none"},
		`event.a[-1][2] ?? "none"`:                {`{"a":[[1]]}`, "none"},
		`event.a[-1]`:                             {`{"a":["x","last"]}`, "last"},
		`event.a[0] ?? "none"`:                    {`{}`, "none"},
		`{"1": "one"}[string(event.a)] ?? "none"`: {`{}`, "none"},
		`event.a["b"] ?? "none"`:                  {`{"a":{}}`, "none"},
		`event.a`:                                 {`{"a":"first","a":"last"}`, "last"},
		`event.b`:                                 {`{"b":"\u0000\u001b[2Jx\ud800"}`, "[2Jx\ufffd"},
		`event.c`:                                 {`{"c":12345678901234567}`, "12345678901234567"},
		`event.d`:                                 {`{"d":1e21}`, "1000000000000000000000"},
		`event.e`:                                 {`{"e":123456789012345678901234567890}`, "123456789012345680000000000000"},
		`string(event.f)`:                         {`{"f":1e999}`, "1e999"},
		`event.g`:                                 {`{"g":false}`, "false"},
		`len(event.h) > 0 ? 1.5 : 2`:              {`{"h":[0]}`, "1.5"},
		`event.i`:                                 {`{"i":"` + long + `"}`, long[:252] + "…"},
		`date(event.j).Format("15:04")`:           {`{"j":"2026-01-02T03:04:05Z"}`, "03:04"},
		`fromJSON(event.k).id`:                    {`{"k":"{\"id\":9007199254740993}"}`, "9007199254740993"},
		`replace(event.l, "a", "bb")`:             {`{"l":"aXa"}`, "bbXbb"},
		`join(map(event.m, # + 1), "+")`:          {`{"m":[1,2]}`, "2+3"},
	} {
		m := mapping(t, source.Expressions{Fields: fields("check", expression)})
		alerts, err := m.Parse(t.Context(), []byte(tt.body))
		if err != nil || len(alerts) != 1 || alerts[0].Check != tt.want {
			t.Errorf("%s of %.60s: %+v, %v; want %.40q", expression, tt.body, alerts, err, tt.want)
			continue
		}
		wantSound(t, alerts)
	}
}

func TestMappingTimes(t *testing.T) {
	want := time.Date(2026, 11, 25, 0, 12, 33, 0, time.UTC)
	m := mapping(t, source.Expressions{Fields: fields("at", "body")})
	for body, known := range map[string]bool{
		`"2026-11-25T09:12:33+09:00"`: true, `"2026-11-25T00:12:33.000+0000"`: true, `"2026-11-25 00:12:33 UTC"`: true, `"2026-11-25 09:12:33 +0900"`: true,
		`1795565553`: true, `"1795565553"`: true, `1795565553000`: true, `1795565553.0`: true,
		`"2026-11-25 09:12:33"`: false, `"2026-11-25 09:12:33 JST"`: false, `"yesterday"`: false, `0`: false, `-1`: false, `"0001-01-01T00:00:00Z"`: false,
		`null`: false, `true`: false, `{}`: false, `[]`: false, `1e300`: false, `"nan"`: false, `"-inf"`: false,
	} {
		alerts, err := m.Parse(t.Context(), []byte(body))
		if err != nil || len(alerts) != 1 {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got := alerts[0].At; known && !got.Equal(want) || !known && !got.IsZero() {
			t.Errorf("%s became %s", body, got)
		}
	}
}

// Keys that are too long are not cut to the same.
func TestMappingLongKeys(t *testing.T) {
	m := mapping(t, source.Expressions{Each: "body", Fields: fields("key", "event")})
	same := strings.Repeat("k", 400)
	alerts, err := m.Parse(t.Context(), fmt.Appendf(nil, `[%q,%q,%q]`, same+"a", same+"b", same+"a"))
	if err != nil || alerts[0].Key == alerts[1].Key || alerts[0].Key != alerts[2].Key {
		t.Errorf("%v, %v", alerts, err)
	}
	wantSound(t, alerts)
}

func TestMappingWithoutAlerts(t *testing.T) {
	m := mapping(t, source.Expressions{Each: "body", When: "event.on", Fields: fields()})
	for _, body := range []string{`[]`, `[{"on":false},{"on":false}]`} {
		if alerts, err := m.Parse(t.Context(), []byte(body)); err != nil || len(alerts) != 0 {
			t.Errorf("%s gives %v, %v", body, alerts, err)
		}
	}
}

// A body must not be able to occupy the server, whatever its expressions do.
func TestMappingIsBounded(t *testing.T) {
	ones := "[" + strings.Repeat("1,", 30_000) + "1]"
	big := `{"a":` + ones + `,"b":` + ones + `,"text":"` + strings.Repeat("x", 200_000) + `"}`
	for _, expression := range []string{
		`count(filter(body.a, # + 1 in body.b), true)`,
		`count(body.a, any(body.b, # == 2))`,
		`len(map(body.a, map(body.b, #)))`,
		`len(1..100000000)`,
		`join(map(body.a, body.text), "")`,
		`replace(body.text, "x", body.text)`,
	} {
		m := mapping(t, source.Expressions{Fields: fields("check", expression)})
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		began := time.Now()
		alerts, err := m.Parse(ctx, []byte(big))
		cancel()
		if err == nil || alerts != nil {
			t.Errorf("%s gives %v", expression, alerts)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", expression, took)
		}
	}
}

func TestMappingSaysThatTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if alerts, err := mapping(t, everything).Parse(ctx, []byte(`{"events":[{}]}`)); alerts != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", alerts, err)
	}
}

// Bodies go through one mapping at the same time.
func TestMappingIsShared(t *testing.T) {
	m := mapping(t, source.Expressions{Fields: fields("key", "body.id", "check", `join(map(body.l, string(#)), "")`)})
	done := make(chan error)
	for i := range 8 {
		go func() {
			alerts, err := m.Parse(t.Context(), fmt.Appendf(nil, `{"id":%d,"l":[%d,%d]}`, i, i, i))
			if err == nil && (alerts[0].Key != fmt.Sprint(i) || alerts[0].Check != fmt.Sprintf("%d%d", i, i)) {
				err = fmt.Errorf("%d became %+v", i, alerts[0])
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func FuzzMapping(f *testing.F) {
	f.Add([]byte(`{"sender":"w","events":[{"id":1,"level":1,"host":{"name":"h"},"tags":["service:db"],"title":"t","labels":{"a":{}}}]}`))
	f.Add([]byte(`{"events":[{"kind":"ping"},{"tags":"x"}]}`))
	f.Add([]byte(`{"events":[{"id":"a","title":"\ud800","time":1e400,"ok":true}]}`))
	m := mapping(f, everything)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := m.Parse(t.Context(), body)
		if err != nil {
			wantFault(t, body, got, err)
			return
		}
		if len(got) > 0 {
			wantSound(t, got)
		}
	})
}

// Whatever an administrator writes, it compiles or there is a sentence.
func FuzzExpression(f *testing.F) {
	for _, name := range slices.Sorted(maps.Keys(everything.Fields)) {
		f.Add(everything.Fields[name])
	}
	f.Add(`let x = body; filter(x.a, .b > 1)[0]?.c`)
	f.Add(`map(body.a, {#})`)
	f.Add(`body.a.b().c(1)`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := source.NewMapping("tool", source.Expressions{Fields: fields("check", text, "host", text)})
		if err != nil {
			if !strings.Contains(err.Error(), "check: ") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		got, err := m.Parse(ctx, []byte(`{"a":[1,{"b":"c"}],"events":[{}],"host":{"name":"x"}}`))
		if err == nil && len(got) == 1 {
			wantSound(t, got)
		}
	})
}

package rule_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/rule"
)

// BenchmarkMails takes the corpus through everything from bytes to alerts, by
// the ready rules.
func BenchmarkMails(b *testing.B) {
	set := standard(b)
	var mails [][]byte
	size := 0
	for _, name := range names(b) {
		mails = append(mails, bytesOf(b, name))
		size += len(mails[len(mails)-1])
	}
	b.ReportAllocs()
	b.SetBytes(int64(size / len(mails)))
	b.ResetTimer()
	n := 0
	for b.Loop() {
		m, err := mail.Parse(bytes.NewReader(mails[n%len(mails)]))
		if err != nil {
			b.Fatal(err)
		}
		set.Take(m)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mails/s")
}

func FuzzRules(f *testing.F) {
	files, _ := filepath.Glob("ready/*.yaml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "Subject: Problem: x\n\nHost: a\n")
	}
	f.Add(backup, "From: a@backup.example.jp\nX-Mailer: Acme\nSubject: [異常終了] x\n\nClient: a\n")
	f.Add(faultyRules, "")
	f.Add("- {name: a, when: {body: .*}, each: {start: '', under: '(?P<b>)'}, read: [{pairs: c}], alert: {key: '${c.d}', labels_of: c}}", "a = b")
	f.Fuzz(func(t *testing.T, text, raw string) {
		set, err := rule.Parse("r.yaml", text)
		if err != nil {
			wantFaults(t, text, err)
			return
		}
		m, err := mail.Parse(strings.NewReader(raw))
		if err != nil {
			return
		}
		wantSound(t, set.Take(m))
		for _, e := range set.Explain(m) {
			for _, v := range e.Verdicts {
				if v.Taken == (v.Why != "") || v.Taken && e.Rule == "" {
					t.Errorf("%+v", v)
				}
			}
		}
	})
}

// wantFaults holds what is wrong with rules against what editors rely on.
func wantFaults(t *testing.T, text string, err error) {
	t.Helper()
	faults, ok := err.(rule.Faults)
	if !ok || len(faults) == 0 {
		t.Fatalf("%q: %v", text, err)
	}
	for _, f := range faults {
		if f.Line < 1 || f.Column < 1 || f.What == "" {
			t.Errorf("%q: %+v", text, f)
		}
	}
}

func FuzzTake(f *testing.F) {
	for _, name := range names(f) {
		f.Add(bytesOf(f, name))
	}
	set := standard(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := mail.Parse(bytes.NewReader(raw)); err == nil {
			wantSound(t, set.Take(m))
		}
	})
}

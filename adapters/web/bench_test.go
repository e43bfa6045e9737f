package web

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tebiki/adapters/source"
)

// swallow takes every alert and keeps none.
type swallow struct{}

func (swallow) Accept(_ context.Context, alerts []source.Alert) ([]Receipt, error) {
	out := make([]Receipt, len(alerts))
	for i := range out {
		out[i] = Receipt{ID: "A-1", Incident: "I-1", State: "open"}
	}
	return out, nil
}

// bare is the least that a handler of such alerts could do.
func bare(w http.ResponseWriter, r *http.Request) {
	var a struct {
		Source, Severity, Host, Check, Summary string
		Labels                                 map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]any{"alerts": []map[string]string{{"id": "A-1", "incident": "I-1", "state": "open"}}})
}

// BenchmarkAlerts posts one alert at a time over the loopback, to a bare
// handler and to the console, so that their ratio can be read from one run.
func BenchmarkAlerts(b *testing.B) {
	cfg := newOffice().config()
	cfg.Intake, cfg.Log = swallow{}, slog.New(slog.DiscardHandler)
	s, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	for name, h := range map[string]http.Handler{"bare": http.HandlerFunc(bare), "console": s} {
		b.Run(name, func(b *testing.B) { postAll(b, h) })
	}
}

func postAll(b *testing.B, h http.Handler) {
	srv := httptest.NewServer(h)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	defer client.CloseIdleConnections()
	b.SetParallelism(64)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			answer, err := client.Post(srv.URL+"/v1/alerts", "application/json", strings.NewReader(oneAlert))
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			if answer.StatusCode != http.StatusAccepted {
				b.Errorf("answered %s", answer.Status)
			}
		}
	})
}

// BenchmarkHandler is the same without the sockets.
func BenchmarkHandler(b *testing.B) {
	cfg := newOffice().config()
	cfg.Intake, cfg.Token, cfg.SessionKey = swallow{}, "token", sessionKey
	s, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/v1/alerts", strings.NewReader(oneAlert))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer token")
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
}

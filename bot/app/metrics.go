package app

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tebiki/bot/usage"
	"tebiki/escalation"
)

// metrics answers /metrics. Everything is read when it is asked for: nothing
// counts twice, and nothing has to be kept in step.
func (a *App) metrics() http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &figures{app: a, began: time.Now()})
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tebiki_"+name, help, labels, nil)
}

var (
	descEvents    = desc("events_total", "Alerts and other events accepted since the start.")
	descCommits   = desc("event_commits_total", "Commits that held them.")
	descFault     = desc("commit_failing", "1 while commits fail and alerts are refused.")
	descIncidents = desc("incidents", "Incidents that are not closed.", "status")
	descAlerts    = desc("alerts_remembered", "Different alerts that are remembered.")
	descWaiting   = desc("outbox_waiting", "Deliveries that wait.", "destination")
	descRunning   = desc("outbox_running", "Deliveries under way.", "destination")
	descDelivered = desc("outbox_delivered_total", "Deliveries done since the start.", "destination")
	descFailed    = desc("outbox_failed_total", "Attempts that failed since the start.", "destination")
	descOldest    = desc("outbox_oldest_seconds", "Age of the oldest delivery that waits.", "destination")
	descUsage     = desc("knowhow_events_total", "Uses of the know-how, over all time.", "kind")
	descKnowHow   = desc("knowhow_fault", "1 while the newest know-how does not load and an older one is used.")
	descFetched   = desc("knowhow_fetch_age_seconds", "Since the repository of the know-how answered last, or since the start when it has not.")
	descInventory = desc("inventory_fault", "1 while the inventory's newest file does not load, or it cannot be asked, and older answers are used.")
	descSlackUp   = desc("slack_connected", "1 while Slack can tell what people do.")
	descSlackWait = desc("slack_waiting", "Calls to Slack that wait for its rate limits.")
	descSlackSent = desc("slack_messages_total", "Messages posted and updated in Slack since the start.", "what")
	descSlackSlow = desc("slack_throttled_total", "Calls that Slack refused for now since the start.")
	descSlackLate = desc("slack_late_total", "Acknowledgements to Slack after more than 300 ms since the start.")
	descPhone     = desc("phone_events_total", "What happened on the telephone since the start: calls by outcome, lost connections by what was wrong, failed speech, events nobody knows.", "what")
	descPhoneUp   = desc("phone_connected", "1 while Asterisk can be asked to call, and tells what happens.")
	descCallers   = desc("phone_callers", "People who have called in and are on the line.")
	descHotline   = desc("hotline_total", "Calls in by result, wrong PINs, reports, and reports without a recording or lost, since the start.", "what")
	descFile      = desc("store_file_bytes", "Size of the store's file.")
)

// A figures collects what the parts know of themselves.
type figures struct {
	app   *App
	began time.Time
}

// Describe sends nothing: which labels there are depends on what happened.
func (f *figures) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (f *figures) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	events, commits := f.app.runner.Counts()
	counter(descEvents, events)
	counter(descCommits, commits)
	gauge(descFault, truth(f.app.runner.Fault() != nil))
	gauge(descKnowHow, truth(f.app.library.source.Current().Fault != nil))
	if f.app.cfg.KnowhowGit != nil {
		gauge(descFetched, time.Since(latest(f.began, f.app.library.source.Fetched())).Seconds())
	}
	gauge(descInventory, truth(f.app.inventory.Fault() != nil))
	gauge(descFile, float64(f.app.store.Stats().FileBytes))
	for _, d := range f.app.outbox.Stats() {
		gauge(descWaiting, float64(d.Waiting), d.Name)
		gauge(descRunning, float64(d.Running), d.Name)
		counter(descDelivered, d.Delivered, d.Name)
		counter(descFailed, d.Failed, d.Name)
		gauge(descOldest, age(d.Oldest), d.Name)
	}
	if f.app.slack != nil {
		f.slack(gauge, counter)
	}
	if f.app.telephone != nil {
		f.telephone(gauge, counter)
	}
	if f.app.mails != nil {
		f.mails(gauge, counter)
	}
	f.state(gauge, counter)
}

func (f *figures) telephone(gauge func(*prometheus.Desc, float64, ...string), counter func(*prometheus.Desc, uint64, ...string)) {
	f.app.telephone.counts.each(func(what string, n uint64) { counter(descPhone, n, what) })
	gauge(descPhoneUp, truth(f.app.telephone.Connected()))
	in := f.app.hotline.Figures()
	gauge(descCallers, float64(in.Talking))
	for result, n := range in.Calls {
		counter(descHotline, n, string(result))
	}
	for what, n := range map[string]uint64{"wrong PIN": in.WrongPINs, "report": in.Reports, "report without its recording": in.Unheard, "report lost": in.Lost} {
		counter(descHotline, n, what)
	}
}

func (f *figures) slack(gauge func(*prometheus.Desc, float64, ...string), counter func(*prometheus.Desc, uint64, ...string)) {
	st := f.app.slack.Status()
	gauge(descSlackUp, truth(st.Connected))
	gauge(descSlackWait, float64(st.Waiting))
	counter(descSlackSent, uint64(st.Posted), "posted")
	counter(descSlackSent, uint64(st.Updated), "updated")
	counter(descSlackSlow, uint64(st.Throttled))
	counter(descSlackLate, uint64(st.Late))
}

// patience is how long a scrape waits for the loop and the store.
const patience = 2 * time.Second

func (f *figures) state(gauge func(*prometheus.Desc, float64, ...string), counter func(*prometheus.Desc, uint64, ...string)) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := f.app.runner.Look(ctx, func(s *escalation.State) {
		for _, st := range []escalation.Status{escalation.Held, escalation.Open, escalation.Acknowledged, escalation.Resolved} {
			gauge(descIncidents, float64(s.Count(st)), string(st))
		}
		_, alerts := s.Len()
		gauge(descAlerts, float64(alerts))
	})
	if err != nil {
		f.app.log.Warn("the incidents could not be counted for /metrics", "err", err)
	}
	counts, err := usage.Counts(ctx, f.app.store)
	if err != nil {
		f.app.log.Warn("the uses of the know-how could not be counted for /metrics", "err", err)
	}
	for kind, n := range counts {
		counter(descUsage, n, string(kind))
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func age(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return time.Since(t).Seconds()
}

package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"
)

// At shows a time, with the day unless it is today.
func (p *page) At(t time.Time) template.HTML { return p.time(t, "15:04") }

// Clock shows a time to the second.
func (p *page) Clock(t time.Time) template.HTML { return p.time(t, "15:04:05") }

func (p *page) time(t time.Time, clock string) template.HTML {
	if t.IsZero() {
		return ""
	}
	t = t.In(p.Reader.Zone)
	day := p.dayBefore(t)
	return stamp(t, day+t.Format(clock))
}

func (p *page) dayBefore(t time.Time) string {
	now := p.Now.In(p.Reader.Zone)
	if now.Format(time.DateOnly) == t.Format(time.DateOnly) {
		return ""
	}
	day := p.day(t) + " "
	if now.Year() != t.Year() {
		return t.Format("2006") + p.T("date.year") + day
	}
	return day
}

// Day shows a date without a time.
func (p *page) Day(t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	t = t.In(p.Reader.Zone)
	return stamp(t, t.Format(time.DateOnly))
}

// day is short and names the weekday, by which people plan.
func (p *page) day(t time.Time) string {
	week := strings.Fields(p.T("date.week"))[t.Weekday()]
	if p.Reader.Lang == "ja" {
		return fmt.Sprintf("%d/%d(%s)", t.Month(), t.Day(), week)
	}
	return fmt.Sprintf("%s %d %s", week, t.Day(), t.Format("Jan"))
}

// stamp holds no text from outside.
func stamp(t time.Time, shown string) template.HTML {
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`,
		t.Format(time.RFC3339), t.Format("2006-01-02 15:04:05 MST"), template.HTMLEscapeString(shown)))
}

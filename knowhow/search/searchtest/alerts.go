package searchtest

import (
	"fmt"
	"strings"
	"unicode"
)

// An Alert is a monitoring system's text about a component.
type Alert struct {
	Text string
	Want string // the component; "" when the know-how has none for it
}

// Alerts makes n texts about components that the know-how has, and n about
// those that it lacks: of subjects it knows, and of subjects it does not.
func (c *Corpus) Alerts(n int) []Alert {
	var out []Alert
	has := make(map[string]bool)
	for _, p := range c.pieces {
		has[p.name()] = true
	}
	for range n {
		p := pick(c.rnd, c.pieces)
		out = append(out, Alert{c.alert(p), p.name()})
		strange := piece{subject: pick(c.rnd, subjects[1-c.half]), trouble: pick(c.rnd, troubles)}
		if near := (piece{subject: p.subject, trouble: pick(c.rnd, troubles)}); c.rnd.IntN(4) == 0 && !has[near.name()] {
			strange = near
		}
		out = append(out, Alert{c.alert(strange), ""})
	}
	return out
}

func (c *Corpus) alert(p piece) string {
	number := 1 + c.rnd.IntN(99)
	host := c.host() + ".prod.example.jp"
	address := fmt.Sprintf("10.%d.%d.%d", c.rnd.IntN(256), c.rnd.IntN(256), c.rnd.IntN(256))
	at := fmt.Sprintf("2026-%02d-%02dT%02d:%02d:09+09:00", 1+c.rnd.IntN(12), 1+c.rnd.IntN(28), c.rnd.IntN(24), c.rnd.IntN(60))
	name := camel(p.subject.slug) + p.trouble.alert
	word := pick(c.rnd, append(p.subject.enWords, p.subject.en))
	says := fmt.Sprintf(p.trouble.saysEn, number)
	switch c.rnd.IntN(4) {
	case 0:
		return fmt.Sprintf("[FIRING:1] %s (%s critical infra)\ninstance=%s:9100 job=node severity=critical\ndescription: %s of %s %s for more than %dm, current value is %d.%d\nStartsAt: %s\nSource: https://prometheus.example.jp/graph?g0.expr=up%%7Bjob%%3D\nrunbook: https://wiki.example.jp/x/%x",
			name, host, address, word, host, says, number, number, number, at, number)
	case 1:
		return fmt.Sprintf("***** Nagios *****\n\nNotification Type: PROBLEM\n\nService: %s %s\nHost: %s\nAddress: %s\nState: CRITICAL\n\nDate/Time: %s\n\nAdditional Info:\n\nCRITICAL - %s\n",
			p.subject.en, p.trouble.enWord, host, address, at, says)
	case 2:
		return fmt.Sprintf("【障害通知】重要度: 重度\nホスト: %s (%s)\n監視項目: %s %s\n発生時刻: %s\n内容: %sで問題が発生しました。%s。\n担当者は確認の上、対応してください。\nイベントID: %d",
			host, address, p.subject.ja, p.trouble.ja, at, pick(c.rnd, p.subject.jaWords), fmt.Sprintf(p.trouble.saysJa, number), number*7919)
	}
	return fmt.Sprintf("Problem: %s: %s (%s) on %s\nEvent started at %s\nSeverity: High\nOriginal problem ID: %d\nOperational data: %s %d\nCheck: %s",
		p.subject.en, says, p.trouble.jaWord, host, at, number*104729, pick(c.rnd, p.subject.tools), number, p.trouble.alert)
}

// camel joins a name as alerts are named.
func camel(slug string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(slug, "-") {
		b.WriteRune(unicode.ToUpper(rune(part[0])))
		b.WriteString(part[1:])
	}
	return b.String()
}

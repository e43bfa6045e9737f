package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tebiki/adapters/chat/slack/slacktest"
)

// window waits for a window whose text has some words.
func (o *slackOffice) window(id, words string) (found slacktest.View) {
	o.t.Helper()
	o.eventually(id+" has a window with "+words, func() bool {
		for _, v := range o.ws.Person(id).Modals() {
			if strings.Contains(v.Shown, words) {
				found = v
				return true
			}
		}
		return false
	})
	return found
}

func TestRequestFormInSlack(t *testing.T) {
	o := openSlackOffice(t)
	p := o.ws.Person("U0TANAKA")
	p.Command("/request", "", "C0INFRA")
	v := o.window("U0TANAKA", "件名")
	p.PressView(v.ID, "component", "subdomain")
	v = o.window("U0TANAKA", "ゾーン")
	if menu, r := p.Type(v.ID, "server", "web"); !r.Acked || !slices.ContainsFunc(menu, func(o slacktest.MenuOption) bool { return o.Value == "web1.example.jp" }) {
		t.Errorf("%v", menu)
	}
	if r := p.Submit(v.ID, map[string]string{"title": "shop", "field.name": "SHOP!", "field.zone": "example.jp", "field.target": "web3.example.jp"}); !strings.Contains(fmt.Sprint(r.Errors), "形が合いません") {
		t.Errorf("%v", r.Errors)
	}
	if r := p.Submit(v.ID, map[string]string{"field.name": "shop"}); !r.Acked || len(r.Errors) > 0 {
		t.Errorf("%+v", r)
	}
	v = o.window("U0TANAKA", "現在の設定")
	if r := p.Submit(v.ID, nil); !r.Acked || len(r.Errors) > 0 {
		t.Errorf("%+v", r)
	}
	o.sees("U0TANAKA", "C0INFRA", "the ticket's key", shows("を作成しました"))
	for _, made := range o.tickets() {
		if made.Title == "shop" && made.Component == "subdomain" && made.Fields["name"] == "shop" && made.Reporter == "tanaka" {
			return
		}
	}
	t.Errorf("no such ticket: %+v", o.tickets())
}

func TestHomeInSlack(t *testing.T) {
	o := openSlackOffice(t)
	id, _ := o.alert(map[string]any{"source": "zabbix", "host": "web1.example.jp", "check": "http", "severity": "critical", "summary": "web1 does not answer"})
	p := o.ws.Person("U0SATO")
	p.OpenHome()
	o.eventually("sato's home shows the incident", func() bool {
		home := p.Home()
		return home != nil && strings.Contains(home.Shown, id) && strings.Contains(home.Shown, "当番")
	})
}

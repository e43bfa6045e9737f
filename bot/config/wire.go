package config

import (
	"time"

	"gopkg.in/yaml.v3"
)

// The wire types are the file as it is written, with the defaults of what it
// leaves out. Nothing beyond this package sees them.
type (
	wire struct {
		Listen    string              `key:"listen"`
		URL       string              `key:"url"`
		Hosts     []string            `key:"hosts"`
		Password  *secretWire         `key:"password"`
		Token     *secretWire         `key:"token"`
		Slack     *slackWire          `key:"slack"`
		Tracker   *trackerWire        `key:"tracker"`
		People    named[personWire]   `key:"people"`
		Teams     named[teamWire]     `key:"teams"`
		Schedules named[scheduleWire] `key:"schedules"`
		Policies  named[policyWire]   `key:"policies"`
		Alerts    alertsWire          `key:"alerts"`
		Mail      *mailWire           `key:"mail"`
		Phone     phoneWire           `key:"phone"`
		Requests  struct {
			Team        string   `key:"team"`
			RemindAfter duration `key:"remind_after"`
		} `key:"requests"`
		Checks    checksWire    `key:"checks"`
		Inventory inventoryWire `key:"inventory"`
		Knowhow   struct {
			Dir string   `key:"dir"`
			Git *gitWire `key:"git"`
		} `key:"knowhow"`
		Retain duration `key:"retain"`
	}

	slackWire struct {
		Mode          string      `key:"mode"`
		BotToken      *secretWire `key:"bot_token"`
		AppToken      *secretWire `key:"app_token"`
		SigningSecret *secretWire `key:"signing_secret"`
		Listen        string      `key:"listen"`
		URL           string      `key:"url"`
		API           string      `key:"api"`
		Wait          duration    `key:"wait"`
	}

	trackerWire struct {
		Kind          string          `key:"kind"`
		URL           string          `key:"url"`
		Project       string          `key:"project"`
		Mail          string          `key:"mail"`
		Token         *secretWire     `key:"token"`
		CA            string          `key:"ca"`
		Type          string          `key:"type"`
		Subtype       string          `key:"subtype"`
		Component     string          `key:"component"`
		Statuses      named[[]string] `key:"statuses"`
		Priorities    named[string]   `key:"priorities"`
		Fields        named[string]   `key:"fields"`
		Defaults      named[string]   `key:"defaults"`
		Since         *moment         `key:"since"`
		Every         duration        `key:"every"`
		Link          string          `key:"link"`
		OnMove        named[string]   `key:"on_move"`
		WebhookSecret *secretWire     `key:"webhook_secret"`
		Listen        string          `key:"listen"`
		LabelField    string          `key:"label_field"`
		Format        string          `key:"format"`
	}

	personWire struct {
		Name    string `key:"name"`
		Lang    string `key:"lang"`
		Zone    zone   `key:"zone"`
		Team    string `key:"team"`
		Phone   string `key:"phone"`
		Chat    string `key:"chat"`
		Mail    string `key:"mail"`
		Tracker string `key:"tracker"`

		PIN pinWire `key:"pin"`
	}

	teamWire struct {
		Name     string        `key:"name"`
		Leader   string        `key:"leader"`
		Channel  string        `key:"channel"`
		Lang     string        `key:"lang"`
		Zone     zone          `key:"zone"`
		Morning  clock         `key:"morning"`
		Evening  clock         `key:"evening"`
		Holidays []date        `key:"holidays"`
		Calendar *calendarWire `key:"calendar"`
	}

	calendarWire struct {
		File  string `key:"file"`
		URL   string `key:"url"`
		Match string `key:"match"`
	}

	scheduleWire struct {
		Zone      zone             `key:"zone"`
		Layers    named[layerWire] `key:"layers"`
		Overrides []overrideWire   `key:"overrides"`
	}
	layerWire struct {
		People []string `key:"people"`
		Start  date     `key:"start"`
		Days   int      `key:"days"`
		At     clock    `key:"at"`
	}
	overrideWire struct {
		Layer  string `key:"layer"`
		Person string `key:"person"`
		From   moment `key:"from"`
		Until  moment `key:"until"`
	}

	policyWire struct {
		Team   string     `key:"team"`
		Steps  []stepWire `key:"steps"`
		Repeat int        `key:"repeat"`
		Leader struct {
			Phone duration `key:"phone"`
			Every duration `key:"every"`
		} `key:"leader"`
	}
	stepWire struct {
		Who   string    `key:"who"`
		Chat  *duration `key:"chat"` // nil: the channel is not used
		Phone *duration `key:"phone"`
		Next  duration  `key:"next"`
	}

	alertsWire struct {
		Low    []string    `key:"low"`
		Routes []routeWire `key:"routes"`
		Match  struct {
			Fields     []string `key:"fields"`
			Within     duration `key:"within"`
			Subtickets int      `key:"subtickets"`
		} `key:"match"`
		Storm struct {
			Incidents int      `key:"incidents"`
			Within    duration `key:"within"`
			ListEvery duration `key:"list_every"`
		} `key:"storm"`
		Reopen struct {
			Within duration `key:"within"`
			Grace  duration `key:"grace"`
		} `key:"reopen"`
		Flapping struct {
			Times  int      `key:"times"`
			Within duration `key:"within"`
			Quiet  duration `key:"quiet"`
		} `key:"flapping"`
		Acknowledged struct {
			Timeout       duration `key:"timeout"`
			ConfirmWithin duration `key:"confirm_within"`
		} `key:"acknowledged"`
		Morning struct {
			Kind string `key:"kind"`
			GoOn bool   `key:"go_on"`
		} `key:"morning"`
		Webhooks named[webhookWire] `key:"webhooks"`
	}
	routeWire struct {
		Match  named[string] `key:"match"`
		Policy string        `key:"policy"`
		Hold   *holdWire     `key:"hold"`
	}
	holdWire struct {
		Times  int      `key:"times"`
		Within duration `key:"within"`
		For    duration `key:"for"`
	}

	phoneWire struct {
		Lines   int         `key:"lines"`
		Ring    duration    `key:"ring"`
		Repeat  int         `key:"repeat"`
		Hotline hotlineWire `key:"hotline"`

		Asterisk *asteriskWire `key:"asterisk"`
	}
	gitWire struct {
		URL        string      `key:"url"`
		Branch     string      `key:"branch"`
		Folder     string      `key:"folder"`
		Every      duration    `key:"every"`
		User       string      `key:"user"`
		Token      *secretWire `key:"token"`
		Key        string      `key:"key"`
		Passphrase *secretWire `key:"passphrase"`
		KnownHosts []string    `key:"known_hosts"`
		CA         string      `key:"ca"`
		Hook       *secretWire `key:"hook"`
		Forge      string      `key:"forge"`
		Pages      struct {
			File    string `key:"file"`
			History string `key:"history"`
			Propose string `key:"propose"`
			Commit  string `key:"commit"`
		} `key:"pages"`
	}

	checksWire struct {
		AtOnce     int           `key:"at_once"`
		PerHost    int           `key:"per_host"`
		Output     size          `key:"output"`
		Allow      []string      `key:"allow"`
		Deny       []string      `key:"deny"`
		AllowHosts []string      `key:"allow_hosts"`
		DenyHosts  []string      `key:"deny_hosts"`
		Secrets    []string      `key:"secrets"`
		CA         string        `key:"ca"`
		SSH        *checkSSHWire `key:"ssh"`
	}
	checkSSHWire struct {
		User       string      `key:"user"`
		KnownHosts []string    `key:"known_hosts"`
		Agent      bool        `key:"agent"`
		Key        string      `key:"key"`
		Passphrase *secretWire `key:"passphrase"`
		Jump       []string    `key:"jump"`
		Port       int         `key:"port"`
		Connect    duration    `key:"connect"`
	}
)

const (
	second = duration(time.Second)
	minute = duration(time.Minute)
	hour   = duration(time.Hour)
	nine   = clock(9 * time.Hour)
)

func (w *wire) setDefaults() {
	w.Listen = "127.0.0.1:8420"
	w.Alerts.setDefaults()
	w.Phone = phoneWire{Lines: 4, Ring: 45 * second, Repeat: 2,
		Hotline: hotlineWire{Lines: 4, Country: "81", Recordings: 500, Keep: 90 * 24 * hour}}
	w.Requests.RemindAfter = 8 * hour
	w.Checks = checksWire{AtOnce: 4, PerHost: 2, Output: 64 << 10}
	w.Knowhow.Dir = "knowhow"
	w.Retain = 400 * 24 * hour
}

func (a *alertsWire) setDefaults() {
	a.Low = []string{"warning", "info", "low", "minor", "notice", "none"}
	a.Match.Fields = []string{"host", "service"}
	a.Match.Within, a.Match.Subtickets = hour, 20
	a.Storm.Incidents, a.Storm.Within, a.Storm.ListEvery = 10, minute, minute
	a.Reopen.Within, a.Reopen.Grace = 2*hour, 5*minute
	a.Flapping.Times, a.Flapping.Within, a.Flapping.Quiet = 2, hour, 10*minute
	a.Acknowledged.Timeout, a.Acknowledged.ConfirmWithin = hour, 10*minute
}

func (s *slackWire) setDefaults()    { s.Mode, s.Listen, s.Wait = "socket", "127.0.0.1:8421", 10*second }
func (t *trackerWire) setDefaults()  { t.Every, t.Listen = 30*second, "127.0.0.1:8422" }
func (t *teamWire) setDefaults()     { t.Morning = nine }
func (g *gitWire) setDefaults()      { g.Branch, g.Every = "main", minute }
func (s *checkSSHWire) setDefaults() { s.Port, s.Connect = 22, 5*second }
func (l *layerWire) setDefaults()    { l.Days, l.At = 7, nine }
func (s *stepWire) setDefaults()     { s.Next = 5 * minute }
func (p *policyWire) setDefaults() {
	p.Repeat, p.Leader.Phone, p.Leader.Every = 2, 2*minute, 10*minute
}

// named is a mapping from names to values in the order of the file.
type named[T any] []item[T]

type item[T any] struct {
	name  string
	at    place
	value T
}

func (l *named[T]) read(r *reader, n *yaml.Node, p place) {
	r.mapping(n, p, func(key string, n *yaml.Node) {
		it := item[T]{name: key, at: p.key(key)}
		r.value(n, it.at, &it.value)
		*l = append(*l, it)
	})
}

// get gives the value of a name; nil when there is none.
func (l named[T]) get(name string) *T {
	for i := range l {
		if l[i].name == name {
			return &l[i].value
		}
	}
	return nil
}

func (l named[T]) names() []string {
	names := make([]string, len(l))
	for i := range l {
		names[i] = l[i].name
	}
	return names
}

package web

import (
	"net/http"
	"slices"
	"time"
)

const rotaDays = 14

type rotaPage struct {
	Teams []rotaTeam
	Until time.Time
}

type rotaTeam struct {
	Name   string
	Layers []rotaLayer
}

// A rotaLayer is one layer with its shifts sorted out.
type rotaLayer struct {
	Name   string
	Now    *Shift // nil when nobody is on call
	Next   *Shift // the first one of somebody else
	Shifts []Shift
}

func (s *Server) viewOnCall(r *http.Request, p *page) (string, error) {
	until := p.Now.AddDate(0, 0, rotaDays)
	rotas, err := s.cfg.OnCall.Rotas(r.Context(), p.Reader.Lang, p.Now, until)
	p.Title, p.Body = p.T("oncall.title"), rotaPage{Teams: byTeam(rotas, p.Now), Until: until}
	return "oncall", err
}

func byTeam(rotas []Rota, now time.Time) (teams []rotaTeam) {
	for _, rota := range rotas {
		i := slices.IndexFunc(teams, func(t rotaTeam) bool { return t.Name == rota.Team })
		if i < 0 {
			i = len(teams)
			teams = append(teams, rotaTeam{Name: rota.Team})
		}
		teams[i].Layers = append(teams[i].Layers, layerAt(rota, now))
	}
	return teams
}

func layerAt(rota Rota, now time.Time) rotaLayer {
	l := rotaLayer{Name: rota.Layer, Shifts: rota.Shifts}
	for i := range rota.Shifts {
		sh := &rota.Shifts[i]
		switch {
		case !sh.From.After(now) && sh.Until.After(now):
			l.Now = sh
		case sh.From.After(now) && l.Next == nil && (l.Now == nil || l.Now.Person != sh.Person):
			l.Next = sh
		}
	}
	return l
}

package source

import (
	"context"
	"fmt"

	"github.com/expr-lang/expr/vm"
)

// Parse makes alerts of a body: all, or none and a *Fault whose path names
// the event and the field. There may be no alert in a body, and no fault: one
// that When wants none of. The context bounds the time; it is looked at
// between expressions and in each step of their loops, and its error is given
// when it has ended.
func (m *Mapping) Parse(ctx context.Context, body []byte) ([]Alert, error) {
	alerts, err := m.parse(ctx, body)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("evaluate the expressions of the webhook %s: %w", m.name, ctx.Err())
	}
	return alerts, err
}

func (m *Mapping) parse(ctx context.Context, body []byte) ([]Alert, error) {
	value, err := decode(body)
	if err != nil {
		return nil, jsonFault(err, "the sender")
	}
	e := evaluation{mapping: m, scope: scope{Body: value, Event: value, Ctx: ctx}}
	if m.each == nil {
		return e.one(nil)
	}
	list, fault := e.list()
	if fault != nil {
		return nil, fault
	}
	var alerts []Alert
	for i, event := range list {
		e.scope.Event, e.scope.Index = event, i
		if alerts, err = e.one(alerts); err != nil {
			return nil, err
		}
	}
	return alerts, nil
}

// An evaluation is one body on its way.
type evaluation struct {
	mapping *Mapping
	machine vm.VM
	scope   scope
}

func (e *evaluation) list() ([]any, *Fault) {
	p := e.mapping.each
	out, err := p.run(&e.machine, e.scope)
	if err != nil {
		return nil, &Fault{Offset: -1, Path: "each", What: p.says(err.Error())}
	}
	list, ok := elements(out)
	switch {
	case !ok:
		return nil, &Fault{Offset: -1, Path: "each", What: p.says("it gives " + kindOf(out) + "; a list is wanted")}
	case len(list) > MaxAlerts:
		return nil, &Fault{Offset: -1, Path: "each", What: p.says(fmt.Sprintf("there are %d events, at most %d are taken", len(list), MaxAlerts))}
	}
	return list, nil
}

// one adds the event's alert, if it is one.
func (e *evaluation) one(alerts []Alert) ([]Alert, error) {
	wanted, fault := e.wanted()
	if fault != nil || !wanted {
		return alerts, noFault(fault)
	}
	a, fault := e.alert()
	if fault != nil {
		return nil, fault
	}
	return append(alerts, a), nil
}

// noFault keeps a fault that is not there from being an error that is.
func noFault(f *Fault) error {
	if f == nil {
		return nil
	}
	return f
}

func (e *evaluation) wanted() (bool, *Fault) {
	if e.mapping.when == nil {
		return true, nil
	}
	out, fault := e.value("when", e.mapping.when)
	if fault != nil {
		return false, fault
	}
	yes, ok := out.(bool)
	if !ok {
		return false, e.fault("when", e.mapping.when, "it gives "+kindOf(out)+"; true or false is wanted")
	}
	return yes, nil
}

func (e *evaluation) value(field string, p *program) (any, *Fault) {
	out, err := p.run(&e.machine, e.scope)
	if err != nil {
		return nil, e.fault(field, p, err.Error())
	}
	return out, nil
}

// fault names the field, and the expression with what is wrong.
func (e *evaluation) fault(field string, p *program, what string) *Fault {
	if e.mapping.each != nil {
		field = fmt.Sprintf("event[%d].%s", e.scope.Index, field)
	}
	if p != nil {
		what = p.says(what)
	}
	return &Fault{Offset: -1, Path: field, What: what}
}

func (p *program) says(what string) string {
	return fmt.Sprintf("%s: %s", clean(p.text, MaxField), what)
}

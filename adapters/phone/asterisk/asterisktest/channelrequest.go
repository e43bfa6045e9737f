package asterisktest

import (
	"net/http"
)

// known finds a channel that a path names.
func (a *Asterisk) known(c *call) (*channel, error) {
	if ch := a.channels[c.path[0]]; ch != nil {
		return ch, nil
	}
	return nil, refuse(http.StatusNotFound, "Channel not found")
}

// controlled finds a channel that is in an application.
func (a *Asterisk) controlled(c *call) (*channel, error) {
	ch, err := a.known(c)
	if err == nil && ch.stasis == "" {
		err = refuse(http.StatusConflict, "Channel not in Stasis application")
	}
	return ch, err
}

func (a *Asterisk) getChannels(*call) (int, any, error) {
	list := []obj{}
	for _, c := range a.order {
		list = append(list, a.show(c))
	}
	return http.StatusOK, list, nil
}

func (a *Asterisk) getChannel(c *call) (int, any, error) {
	ch, err := a.known(c)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, a.show(ch), nil
}

// reasons are the causes that a hang-up may name.
var reasons = map[string]int{
	"": 16, "normal": 16, "busy": 17, "congestion": 34, "no_answer": 19, "timeout": 31, "rejected": 21, "unallocated": 1,
	"normal_unspecified": 31, "number_incomplete": 28, "codec_mismatch": 58, "interworking": 127, "failure": 38, "answered_elsewhere": 26,
}

func (a *Asterisk) deleteChannel(c *call) (int, any, error) {
	ch, err := a.known(c)
	if err != nil {
		return 0, nil, err
	}
	cause, ok := reasons[c.text("reason")]
	if !ok {
		return 0, nil, refuse(http.StatusBadRequest, "Invalid reason for hangup provided")
	}
	if code := c.number("reason_code", 0); code > 0 {
		cause = code
	}
	a.hangUp(ch, cause)
	return http.StatusNoContent, nil, nil
}

func (a *Asterisk) postAnswer(c *call) (int, any, error) {
	ch, err := a.controlled(c)
	if err != nil {
		return 0, nil, err
	}
	a.pickUp(ch)
	return http.StatusNoContent, nil, nil
}

// postRing takes a wish to ring or to stop it; the caller hears it.
func (a *Asterisk) postRing(c *call) (int, any, error) {
	_, err := a.controlled(c)
	return http.StatusNoContent, nil, err
}

// postDTMF sends keys to the person.
func (a *Asterisk) postDTMF(c *call) (int, any, error) {
	ch, err := a.controlled(c)
	if err != nil {
		return 0, nil, err
	}
	keys := c.text("dtmf")
	if keys == "" {
		return 0, nil, refuse(http.StatusBadRequest, "DTMF is required")
	}
	ch.line.hear("dtmf:" + keys).end(Finished)
	return http.StatusNoContent, nil, nil
}

func (a *Asterisk) getVariable(c *call) (int, any, error) {
	name := c.text("variable")
	if name == "" {
		return 0, nil, refuse(http.StatusBadRequest, "Variable name is required")
	}
	ch := a.channels[c.path[0]]
	if ch == nil {
		return 0, nil, refuse(http.StatusNotFound, "Provided channel was not found")
	}
	value, ok := ch.vars[name]
	if !ok {
		return 0, nil, refuse(http.StatusNotFound, "Provided variable was not found")
	}
	return http.StatusOK, obj{"value": value}, nil
}

func (a *Asterisk) postVariable(c *call) (int, any, error) {
	name := c.text("variable")
	if name == "" {
		return 0, nil, refuse(http.StatusBadRequest, "Variable name is required")
	}
	ch, err := a.controlled(c)
	if err != nil {
		return 0, nil, err
	}
	ch.vars[name] = c.text("value")
	a.tell(ch, "ChannelVarset", obj{"variable": name, "value": ch.vars[name]})
	return http.StatusNoContent, nil, nil
}

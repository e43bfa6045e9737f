package slacktest

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// A check walks blocks and gathers what is wrong, in Slack's words and with
// its pointers.
type check struct {
	surface   string // "message", "modal" or "home"
	faults    []string
	actionIDs map[string]bool
	blockIDs  map[string]bool
	inputs    int
	size      int // of all texts, as msg_blocks_too_long counts
}

func newCheck(surface string) *check {
	return &check{surface: surface, actionIDs: map[string]bool{}, blockIDs: map[string]bool{}}
}

func (c *check) say(at, format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

// A rule holds one value against what may stand at its place.
type rule func(c *check, at string, v any)

// str is text of at least low and at most high characters.
func str(low, high int) rule {
	return func(c *check, at string, v any) {
		s, ok := v.(string)
		n := utf8.RuneCountInString(s)
		switch {
		case !ok:
			c.say(at, "must be a string")
		case n < low:
			c.say(at, "must be more than %d characters", low-1)
		case n > high:
			c.say(at, "must be less than %d characters", high+1)
		}
	}
}

// oneOf is one of some words.
func oneOf(words ...string) rule {
	return func(c *check, at string, v any) {
		if s, ok := v.(string); !ok || !slices.Contains(words, s) {
			c.say(at, "must be a valid enum value")
		}
	}
}

func boolean(c *check, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.say(at, "must be a boolean")
	}
}

// number is a whole number between low and high.
func number(low, high int) rule {
	return func(c *check, at string, v any) {
		n, ok := v.(float64)
		if !ok || n != float64(int(n)) || int(n) < low || int(n) > high {
			c.say(at, "must be an integer between %d and %d", low, high)
		}
	}
}

func anything(*check, string, any) {}

// list is an array of low to high items.
func list(low, high int, item rule) rule {
	return func(c *check, at string, v any) {
		items, ok := v.([]any)
		switch {
		case !ok:
			c.say(at, "must be an array")
		case len(items) < low:
			c.say(at, "must provide at least %d items", low)
		case len(items) > high:
			c.say(at, "no more than %d items allowed", high)
		}
		for i, it := range items {
			item(c, fmt.Sprintf("%s/%d", at, i), it)
		}
	}
}

// A shape is an object with these members and no others.
type shape struct {
	need    []string
	members map[string]rule
	also    func(c *check, at string, o obj)
}

func (s shape) rule(c *check, at string, v any) {
	o, ok := v.(obj)
	if !ok {
		c.say(at, "must be an object")
		return
	}
	for _, name := range s.need {
		if _, given := o[name]; !given {
			c.say(at, "missing required field: %s", name)
		}
	}
	for _, name := range sortedKeys(o) {
		member, known := s.members[name]
		switch {
		case name == "type" && !known:
		case !known:
			c.say(at+"/"+name, "invalid additional property: %s", name)
		default:
			member(c, at+"/"+name, o[name])
		}
	}
	if s.also != nil {
		s.also(c, at, o)
	}
}

// typed is an object whose type is one of these.
func typed(shapes map[string]shape, allowed ...string) rule {
	return func(c *check, at string, v any) {
		o, ok := v.(obj)
		if !ok {
			c.say(at, "must be an object")
			return
		}
		kind, _ := o["type"].(string)
		s, known := shapes[kind]
		switch {
		case o["type"] == nil:
			c.say(at, "missing required field: type")
		case !known || !slices.Contains(allowed, kind):
			c.say(at+"/type", "unsupported type: %s", kind)
		default:
			s.rule(c, at, o)
		}
	}
}

// unique is an id of at most 255 characters that was not there before.
func unique(name string, seen func(*check) map[string]bool) rule {
	length := str(1, 255)
	return func(c *check, at string, v any) {
		length(c, at, v)
		id, ok := v.(string)
		if !ok || id == "" {
			return
		}
		if seen(c)[id] {
			c.say(at, "`%s` %q already exists", name, id)
		}
		seen(c)[id] = true
	}
}

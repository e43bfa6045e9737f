package knowhow

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// reference finds {name} in an argument. Braces around anything that is not
// one word stand for themselves, as in awk's {print $1}.
var reference = regexp.MustCompile(`\{([A-Za-z0-9_-]+)\}`)

// An ArgError says why one parameter of a check cannot be filled.
type ArgError struct {
	Check   string
	Param   string
	Field   string // the ticket field that must be corrected
	Pattern string // what its value must match
	Err     error
}

func (e *ArgError) Error() string {
	return fmt.Sprintf("check %s, parameter %s: the ticket's field %q %v", e.Check, e.Param, e.Field, e.Err)
}

func (e *ArgError) Unwrap() error { return e.Err }

// Args gives the program and its arguments with the ticket's fields put in.
// Each value stays within its one argument, whatever it holds. The error joins
// one *ArgError for each parameter that cannot be filled.
func (c *Check) Args(fields map[string]string) ([]string, error) {
	values, err := c.values(fields)
	if err != nil {
		return nil, err
	}
	args := make([]string, len(c.Run))
	for i, arg := range c.Run {
		args[i] = fill(arg, values)
	}
	return args, nil
}

// URL gives what a check asks for, which must have Get, with the ticket's fields put in.
// Each value stays within its part, escaped for it, and the error is like that
// of Args. Whether the bot may ask that host is for the caller to know.
func (c *Check) URL(fields map[string]string) (*url.URL, error) {
	values, err := c.values(fields)
	if err != nil {
		return nil, err
	}
	t, err := parseTarget(c.Get.URL)
	if err != nil {
		return nil, fmt.Errorf("check %s: get %w", c.Name, err)
	}
	var faults []error
	for _, p := range c.Params {
		if err := t.refuses(p.Name, values[p.Name]); err != nil {
			faults = append(faults, c.argError(p, err))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	u, culprit, err := t.fill(values)
	for _, p := range c.Params {
		if err != nil && p.Name == culprit {
			return nil, c.argError(p, err)
		}
	}
	return u, err
}

// values gives each parameter's, and an error that joins all *ArgErrors.
func (c *Check) values(fields map[string]string) (map[string]string, error) {
	values := make(map[string]string, len(c.Params))
	var faults []error
	for _, p := range c.Params {
		value, err := p.value(fields)
		if err != nil {
			faults = append(faults, c.argError(p, err))
		}
		values[p.Name] = value
	}
	return values, errors.Join(faults...)
}

func (c *Check) argError(p Param, err error) *ArgError {
	return &ArgError{Check: c.Name, Param: p.Name, Field: p.From, Pattern: p.Pattern.String(), Err: err}
}

func (p *Param) value(fields map[string]string) (string, error) {
	value := fields[p.From]
	if value == "" {
		value = p.Default
	}
	if value == "" {
		return "", fmt.Errorf("is empty; fill it in with a value that matches %s", p.Pattern)
	}
	return value, p.Pattern.Check(value)
}

// fill puts the values in; what a value holds is not looked at again.
func fill(text string, values map[string]string) string {
	return fillWith(text, values, func(value string) string { return value })
}

func fillWith(text string, values map[string]string, escape func(string) string) string {
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		return escape(values[strings.Trim(ref, "{}")])
	})
}

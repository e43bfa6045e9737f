package knowhow

import (
	"errors"
	"fmt"
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
	values := make(map[string]string, len(c.Params))
	var faults []error
	for _, p := range c.Params {
		value, err := p.value(fields)
		if err != nil {
			faults = append(faults, &ArgError{Check: c.Name, Param: p.Name, Field: p.From, Pattern: p.Pattern.String(), Err: err})
		}
		values[p.Name] = value
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	args := make([]string, len(c.Run))
	for i, arg := range c.Run {
		args[i] = fill(arg, values)
	}
	return args, nil
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
func fill(arg string, values map[string]string) string {
	return reference.ReplaceAllStringFunc(arg, func(ref string) string {
		return values[strings.Trim(ref, "{}")]
	})
}

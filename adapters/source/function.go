package source

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
)

// ours are functions of our own, and those of the language that need a bound.
func ours() []expr.Option {
	return []expr.Option{
		expr.Function(inTimeName, func(args ...any) (any, error) { return args[1], args[0].(context.Context).Err() },
			new(func(context.Context, any) any)),
		expr.Function("fromJSON", fromJSON, new(func(string) any)),
		expr.Function("join", join, new(func([]any, string) string), new(func([]string, string) string)),
		expr.Function("replace", replace, new(func(string, string, string) string)),
	}
}

// texts are arguments that must be texts.
func texts(args []any) ([]string, error) {
	out := make([]string, len(args))
	for i, a := range args {
		text, ok := a.(string)
		if !ok {
			return nil, fmt.Errorf("there is %s where a text is wanted", kindOf(a))
		}
		out[i] = text
	}
	return out, nil
}

func fromJSON(args ...any) (any, error) {
	t, err := texts(args)
	if err != nil {
		return nil, err
	}
	return decode([]byte(t[0]))
}

var errLong = errors.New("the text that this makes is too long")

func join(args ...any) (any, error) {
	sep, err := texts(args[1:])
	if err != nil {
		return nil, err
	}
	list, ok := elements(args[0])
	if !ok {
		return nil, fmt.Errorf("there is %s where a list is wanted", kindOf(args[0]))
	}
	var b strings.Builder
	for i, v := range list {
		text, _ := textOf(v)
		if i > 0 {
			b.WriteString(sep[0])
		}
		if b.WriteString(text); b.Len() > maxMade {
			return nil, errLong
		}
	}
	return b.String(), nil
}

func replace(args ...any) (any, error) {
	t, err := texts(args)
	if err != nil {
		return nil, err
	}
	if len(t[0])+strings.Count(t[0], t[1])*max(0, len(t[2])-len(t[1])) > maxMade {
		return nil, errLong
	}
	return strings.ReplaceAll(t[0], t[1], t[2]), nil
}

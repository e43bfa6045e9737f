package source

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Bounds of one expression. The expression is its administrator's, the body
// that it works on is not: memory counts what the evaluation makes and each
// element that a loop looks at, so that a body cannot make loops in loops.
const (
	maxNodes  = 500
	maxMemory = 1 << 20
	maxMade   = 256 << 10 // bytes of a text that join or replace makes
)

// scope is all that an expression sees.
type scope struct {
	Body  any             `expr:"body"`  // the whole of what came
	Event any             `expr:"event"` // one of the list that each gives, or the body
	Index int             `expr:"index"` // of the event, from 0
	Ctx   context.Context `expr:"its context"`
}

// functions are the language's own that expressions may use: texts, numbers,
// dates, and looking through lists. What knows the time is left out.
var functions = strings.Fields(`
	trim trimPrefix trimSuffix upper lower split indexOf lastIndexOf hasPrefix hasSuffix
	len type int float string abs ceil floor round max min toJSON
	date duration timezone first last get keys values`)

// tooMuch makes much of little: a body of a few kilobytes could fill the
// memory with it. The language has no switch for these.
var tooMuch = []string{"reduce", "groupBy", "sortBy"}

// program is a compiled expression.
type program struct {
	text  string
	gives reflect.Type // an interface when only a body can tell
	vm    *vm.Program
}

// compile checks an expression as far as that can be done without a body.
// Whatever is wrong with it is said with its place.
func compile(text string) (*program, error) {
	rules := &lenient{}
	options := append(ours(), expr.Env(scope{}), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins(), expr.Patch(rules))
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	// The types are checked without the patch that watches the time, which
	// they do not survive.
	checked, err := expr.Compile(text, options...)
	if rules.broken != "" {
		return nil, errors.New(rules.broken)
	}
	if err != nil {
		return nil, errors.New(place(err))
	}
	p, err := expr.Compile(text, append(options, expr.Patch(watched{}))...)
	if err != nil {
		return nil, errors.New(place(err))
	}
	return &program{text: text, gives: checked.Node().Type(), vm: p}, nil
}

// run evaluates the expression.
func (p *program) run(machine *vm.VM, in scope) (any, error) {
	if err := in.Ctx.Err(); err != nil {
		return nil, err
	}
	machine.MemoryBudget = maxMemory
	out, err := machine.Run(p.vm, in)
	if err != nil {
		return nil, errors.New(place(err))
	}
	return out, nil
}

// conversion is what Go says of a value that a function cannot take.
var conversion = regexp.MustCompile(`^interface conversion: interface \{\} is (\S+), not (\S+)$`)

// place is an error of the language as one line.
func place(err error) string {
	var at *file.Error
	if !errors.As(err, &at) {
		return clean(err.Error(), MaxField)
	}
	what := strings.ReplaceAll(at.Message, "<nil>", "null")
	if strings.HasPrefix(what, "reflect: call of") {
		what = "there is null where a list is wanted"
	}
	if m := conversion.FindStringSubmatch(what); m != nil {
		what = fmt.Sprintf("there is %s where %s is wanted", strings.Replace(m[1], "nil", "null", 1), m[2])
	}
	if at.Line > 1 {
		return fmt.Sprintf("%s (line %d, column %d)", clean(what, MaxField), at.Line, at.Column+1)
	}
	return fmt.Sprintf("%s (column %d)", clean(what, MaxField), at.Column+1)
}

// lenient makes every access to what is not there give null, as ?. does for a
// member and get for a place in a list: bodies leave things out, and
// "a.b ?? c" is to be about a as much as about b. It also finds what is not
// allowed.
type lenient struct{ broken string }

func (l *lenient) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.MemberNode:
		if _, named := n.Property.(*ast.StringNode); !named {
			ast.Patch(node, &ast.BuiltinNode{Name: "get", Arguments: []ast.Node{n.Node, n.Property}})
			return
		}
		n.Optional = true
		ast.Patch(node, &ast.ChainNode{Node: n})
	case *ast.CallNode: // what is called is a method, and not looked up
		if chain, ok := n.Callee.(*ast.ChainNode); ok {
			n.Callee = chain.Node
		}
	case *ast.BuiltinNode:
		if slices.Contains(tooMuch, n.Name) {
			l.broken = n.Name + " is not there: say it with filter, map, any, all, count or sum"
		}
	case *ast.BinaryNode:
		if _, written := n.Right.(*ast.StringNode); n.Operator == "matches" && !written {
			l.broken = "the pattern of matches has to be written out: a body must not bring its own"
		}
	}
}

// watched asks in each step of a loop whether there is still time.
type watched struct{}

// The names by which it does so have a blank, so that nobody can write them.
const (
	contextName = "its context"
	inTimeName  = "in time"
)

func (watched) Visit(node *ast.Node) {
	if p, ok := (*node).(*ast.PredicateNode); ok {
		p.Node = &ast.CallNode{Callee: &ast.IdentifierNode{Value: inTimeName}, Arguments: []ast.Node{&ast.IdentifierNode{Value: contextName}, p.Node}}
	}
}

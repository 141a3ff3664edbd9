package tenon

import (
	"context"
	"fmt"
	"reflect"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/turn"
)

// Typed returns an exported function of an instance as a Go function of type F, for example
//
//	add, err := tenon.Typed[func(int32, int32) (int32, error)](instance, "add")
//
// F takes and returns int32, int64, float32 and float64 as the guest's function does; a context.Context may come first and
// stops the call as [Func.CallContext] does, and an error may come last. Without the error a trap, or any other
// failure, is a panic with the error as its value.
//
// Calling it allocates nothing for up to two numbers of any kinds or four of one kind, and one result at most. Other types,
// also those that [WrapFunc] takes, go through reflection.
func Typed[F any](instance *Instance, name string) (F, error) {
	var none F
	c := instance.inside
	ctx := c.enter()
	raw, ok := instance.raw.Export(ctx, name)
	c.leave()
	if !ok || raw.Kind != cabi.ExternFunc {
		return none, newError("no function is exported as `" + name + "`")
	}
	return TypedFunc[F](c.newFunc(raw.Func()))
}

// TypedFunc returns a function as a Go function of type F; see [Typed].
func TypedFunc[F any](f *Func) (F, error) {
	var none F
	ty := reflect.TypeFor[F]()
	if ty.Kind() != reflect.Func || ty.IsVariadic() {
		return none, newError("not a type of functions: " + ty.String())
	}
	m := measure(ty)
	sig := f.signature()
	if !sig.same(&m.signature) {
		return none, newError(fmt.Sprintf("type mismatch: expected a function of type %v, found %v", &m.signature, sig))
	}
	t := &target{c: f.inside, raw: f.raw, slots: sig.slots(), brief: sig.brief}
	if s := shapes()[ty]; s.call != nil {
		return s.call(t).(F), nil
	}
	return reflect.MakeFunc(ty, func(args []reflect.Value) []reflect.Value { return m.call(f, args) }).Interface().(F), nil
}

// target is what a typed function calls.
type target struct {
	c     *Context
	raw   cabi.Func
	slots int
	brief bool
}

// begin is Context.begin, in one piece for most calls.
func (t *target) begin(ctx context.Context) (*cabi.Exec, *watch, error) {
	c := t.c
	if ctx == nil && c.turn.Quick(turn.Goroutine()) {
		if ex := c.takeSpare(); ex != nil {
			return ex, nil, nil
		}
		c.leave()
	}
	return c.beginContext(ctx)
}

// run brings a call to its end whose first step was not the last.
func (t *target) run(ex *cabi.Exec, w *watch, step cabi.Step) error {
	if w != nil {
		defer w.halt()
	}
	return w.explain(t.c.run(ex, step))
}

// measured is a Go function type as a guest's.
type measured struct {
	signature
	ty       reflect.Type
	context  bool
	fallible bool
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

func measure(ty reflect.Type) *measured {
	m := &measured{ty: ty}
	for i := range ty.NumIn() {
		if i == 0 && ty.In(0) == contextType {
			m.context = true
			continue
		}
		m.params = append(m.params, kindOf(ty.In(i)))
	}
	for i := range ty.NumOut() {
		if i == ty.NumOut()-1 && ty.Out(i) == errorType {
			m.fallible = true
			continue
		}
		m.results = append(m.results, kindOf(ty.Out(i)))
	}
	return m
}

// call is the body of typed functions without a shape.
func (m *measured) call(f *Func, in []reflect.Value) []reflect.Value {
	var ctx context.Context
	if m.context {
		ctx, _ = in[0].Interface().(context.Context)
		in = in[1:]
	}
	args := make([]any, len(in))
	for i, a := range in {
		args[i] = a.Interface()
	}
	result, err := f.call(ctx, f.inside, args)
	if err != nil && !m.fallible {
		panic(err)
	}
	outs := make([]reflect.Value, 0, m.ty.NumOut())
	for i := range m.results {
		out := reflect.New(m.ty.Out(i)).Elem()
		if v := resultAt(result, i); err == nil && v != nil {
			out.Set(reflect.ValueOf(v))
		}
		outs = append(outs, out)
	}
	if m.fallible {
		out := reflect.New(errorType).Elem()
		if err != nil {
			out.Set(reflect.ValueOf(err))
		}
		outs = append(outs, out)
	}
	return outs
}

func resultAt(result any, i int) any {
	if list, ok := result.([]Val); ok {
		return list[i].Get()
	}
	return result
}

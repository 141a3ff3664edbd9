package tenon

import (
	"reflect"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// WrapFunc makes a function of the host out of any Go function.
//
// Its parameters and results are int32, int64, float32, float64, *Func, or any other type, which becomes an externref.
// A *Caller among the parameters says who called. If the last result is a *Trap that is not nil, it ends the guest.
func WrapFunc(store Storelike, f interface{}) *Func {
	sig, fn := wrap(f)
	return store.Context().addHost(sig, fn)
}

var (
	callerType = reflect.TypeFor[*Caller]()
	trapType   = reflect.TypeFor[*Trap]()
	funcType   = reflect.TypeFor[*Func]()
)

func kindOf(t reflect.Type) ValKind {
	switch t {
	case reflect.TypeFor[int32]():
		return KindI32
	case reflect.TypeFor[int64]():
		return KindI64
	case reflect.TypeFor[float32]():
		return KindF32
	case reflect.TypeFor[float64]():
		return KindF64
	case funcType:
		return KindFuncref
	}
	return KindExternref
}

// wrapped is a Go function seen as a host function.
type wrapped struct {
	fn    reflect.Value
	ins   []reflect.Type
	traps bool // the last result is a *Trap
	signature
}

func wrap(f any) (*signature, hostFunc) {
	w := wrapped{fn: reflect.ValueOf(f)}
	if f == nil || w.fn.Kind() != reflect.Func {
		panic("callback provided must be a `func`")
	}
	ty := w.fn.Type()
	for in := range ty.Ins() {
		w.ins = append(w.ins, in)
		if in != callerType {
			w.signature.params = append(w.signature.params, kindOf(in))
		}
	}
	for out := range ty.Outs() {
		w.signature.results = append(w.signature.results, kindOf(out))
	}
	if n := ty.NumOut(); n > 0 && ty.Out(n-1) == trapType {
		w.traps = true
		w.signature.results = w.signature.results[:n-1]
	}
	if s := shapes()[ty]; s.host != nil {
		return &w.signature, s.host(f)
	}
	return &w.signature, w.serve
}

func (w *wrapped) serve(c *Context, ex *cabi.Exec) *cabi.Trap {
	slots := ex.HostSlots()
	params := c.newVals(w.signature.params)
	for i, kind := range w.signature.params {
		c.readSlot(&params[i], kind, &slots[i])
	}
	caller := c.caller(ex)
	c.leave()
	outs := w.fn.Call(w.arguments(caller, params))
	caller.inside = nil
	if w.traps {
		last := len(outs) - 1
		if ended := outs[last].Interface().(*Trap).handOver("cannot return trap twice"); ended != nil {
			c.goOn(ex)
			return ended
		}
		outs = outs[:last]
	}
	results := w.values(outs)
	c.goOn(ex)
	return c.writeResults(results, slots)
}

func (w *wrapped) arguments(caller *Caller, params []Val) []reflect.Value {
	args := make([]reflect.Value, len(w.ins))
	next := 0
	for i, in := range w.ins {
		if in == callerType {
			args[i] = reflect.ValueOf(caller)
			continue
		}
		if v := params[next].Get(); v == nil {
			args[i] = reflect.Zero(in)
		} else {
			args[i] = reflect.ValueOf(v)
		}
		next++
	}
	return args
}

func (w *wrapped) values(outs []reflect.Value) []Val {
	results := make([]Val, len(outs))
	for i, out := range outs {
		switch w.signature.results[i] {
		case KindExternref:
			results[i] = ValExternref(out.Interface())
		default:
			results[i], _ = valOf(out.Interface(), w.signature.results[i])
		}
	}
	return results
}

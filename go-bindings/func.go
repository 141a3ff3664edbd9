package tenon

import (
	"context"
	"strconv"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// Func is a function of a store, a guest's or the host's.
type Func struct {
	inside *Context
	raw    cabi.Func
	sig    *signature
}

func (c *Context) newFunc(raw cabi.Func) *Func {
	if raw.StoreID == 0 {
		return nil
	}
	return &Func{inside: c, raw: raw}
}

// signature finds out the function's type, once.
func (f *Func) signature() *signature {
	if f.sig == nil {
		c := f.inside
		ctx := c.enter()
		sig := c.signatures[f.raw.Ref]
		if sig == nil {
			sig = readSignature(cabi.FuncSignature(ctx, f.raw))
			sig.brief = cabi.FuncIsBrief(ctx, f.raw)
			if c.signatures == nil {
				c.signatures = make(map[uint64]*signature)
			}
			c.signatures[f.raw.Ref] = sig
		}
		f.sig = sig
		c.leave()
	}
	return f.sig
}

// Type is the function's type.
func (f *Func) Type(store Storelike) *FuncType {
	f.inside.enterFor(store)
	f.inside.leave()
	return f.signature().funcType()
}

// AsExtern is the function as something to import.
func (f *Func) AsExtern() *Extern {
	return &Extern{f.inside, cabi.FuncExtern(f.raw)}
}

// Call calls the function.
//
// Arguments are int32, int64, float32, float64, *Func or [Val]; an int fits both kinds of integers, and anything else is
// passed as an externref. The result is nil, the value itself as [Val.Get] gives it, or []Val if there are several.
//
// The error is a *Trap if the guest trapped or a host function ended it. A panic in a host function arrives here.
func (f *Func) Call(store Storelike, args ...interface{}) (interface{}, error) {
	return f.call(nil, store, args)
}

func (f *Func) call(ctx context.Context, store Storelike, args []any) (any, error) {
	c := store.Context()
	if f.inside != c {
		return nil, newError("function of another store")
	}
	sig := f.signature()
	ex, w, err := c.beginFor(ctx, store)
	if err != nil {
		return nil, err
	}
	if err := c.pack(ex, sig, args); err != nil {
		c.end(ex)
		return nil, err
	}
	if step := ex.Call(f.raw, sig.slots(), sig.brief); step != cabi.Done || len(c.roots) > 0 {
		defer w.halt()
		if err := c.run(ex, step); err != nil {
			return nil, w.explain(err)
		}
	}
	result := c.unpack(ex, sig)
	c.end(ex)
	return result, nil
}

// pack writes arguments to an execution's slots.
func (c *Context) pack(ex *cabi.Exec, sig *signature, args []any) error {
	if err := checkCount(len(args), len(sig.params)); err != nil {
		return err
	}
	if !ex.Reserve(sig.slots()) {
		return newError("out of memory")
	}
	for i, kind := range sig.params {
		if packNumber(ex.Slot(i), kind, args[i]) {
			continue
		}
		v, err := valOf(args[i], kind)
		if err == nil && v.kind != kind {
			err = mismatch(kind, v.kind)
		}
		if err == nil {
			err = c.toSlot(v, ex.Slot(i))
		}
		if err != nil {
			c.dropRoots()
			return err
		}
	}
	return nil
}

// packNumber writes an argument that is just what the parameter wants; false if it is not.
func packNumber(slot *cabi.Slot, kind ValKind, arg any) bool {
	switch a := arg.(type) {
	case int32:
		cabi.Put(slot, a)
		return kind == KindI32
	case int64:
		cabi.Put(slot, a)
		return kind == KindI64
	case float32:
		cabi.Put(slot, a)
		return kind == KindF32
	case float64:
		cabi.Put(slot, a)
		return kind == KindF64
	}
	return false
}

// unpack reads results from an execution's slots.
func (c *Context) unpack(ex *cabi.Exec, sig *signature) any {
	switch len(sig.results) {
	case 0:
		return nil
	case 1:
		switch sig.results[0] {
		case KindI32:
			return cabi.Get[int32](ex.Slot(0))
		case KindI64:
			return cabi.Get[int64](ex.Slot(0))
		}
		return c.fromSlot(sig.results[0], ex.Slot(0)).Get()
	}
	results := make([]Val, len(sig.results))
	for i, kind := range sig.results {
		results[i] = c.fromSlot(kind, ex.Slot(i))
	}
	return results
}

func checkCount(found, expected int) error {
	if found > expected {
		return newError("too many arguments provided")
	}
	if found < expected {
		return newError("expected " + strconv.Itoa(expected) + " arguments, got " + strconv.Itoa(found))
	}
	return nil
}

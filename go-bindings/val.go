package tenon

import (
	"math"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// Val is a value of a guest.
type Val struct {
	kind ValKind
	lo   uint64
	ref  any // *Func of a funcref, the Go value of an externref, the upper half of a v128: most values have none
}

func valV128(lo, hi uint64) Val { return Val{kind: KindV128, lo: lo, ref: hi} }

// hi is the upper half of a number's 128 bits.
func (v *Val) hi() uint64 {
	hi, _ := v.ref.(uint64)
	return hi
}

// ValI32 returns a 32-bit integer.
func ValI32(val int32) Val { return Val{kind: KindI32, lo: uint64(uint32(val))} }

// ValI64 returns a 64-bit integer.
func ValI64(val int64) Val { return Val{kind: KindI64, lo: uint64(val)} }

// ValF32 returns a 32-bit float.
func ValF32(val float32) Val { return Val{kind: KindF32, lo: uint64(math.Float32bits(val))} }

// ValF64 returns a 64-bit float.
func ValF64(val float64) Val { return Val{kind: KindF64, lo: math.Float64bits(val)} }

// ValFuncref returns a function reference; nil gives the null reference.
func ValFuncref(f *Func) Val { return Val{kind: KindFuncref, ref: f} }

// ValExternref returns a reference to any Go value, which guests can store and pass back but not look into. nil gives
// the null reference.
func ValExternref(val interface{}) Val { return Val{kind: KindExternref, ref: val} }

// Kind is the value's kind.
func (v Val) Kind() ValKind { return v.kind }

// I32 is the value if it is an i32; it panics otherwise.
func (v Val) I32() int32 {
	if v.kind != KindI32 {
		v.as(KindI32)
	}
	return int32(v.lo)
}

// I64 is the value if it is an i64; it panics otherwise.
func (v Val) I64() int64 {
	if v.kind != KindI64 {
		v.as(KindI64)
	}
	return int64(v.lo)
}

// F32 is the value if it is an f32; it panics otherwise.
func (v Val) F32() float32 { return math.Float32frombits(uint32(v.as(KindF32).lo)) }

// F64 is the value if it is an f64; it panics otherwise.
func (v Val) F64() float64 { return math.Float64frombits(v.as(KindF64).lo) }

// Funcref is the function if it is a funcref, nil for the null reference; it panics otherwise.
func (v Val) Funcref() *Func {
	f, _ := v.as(KindFuncref).ref.(*Func)
	return f
}

// Externref is the Go value if it is an externref, nil for the null reference; it panics otherwise.
func (v Val) Externref() interface{} { return v.as(KindExternref).ref }

func (v Val) as(kind ValKind) Val {
	if v.kind != kind {
		panic("not a value of type " + kind.String() + " but " + v.kind.String())
	}
	return v
}

// Get is the value as int32, int64, float32, float64, [2]uint64 (v128), *Func or, for an externref, what it refers to.
func (v Val) Get() interface{} {
	switch v.kind {
	case KindI32:
		return v.I32()
	case KindI64:
		return v.I64()
	case KindF32:
		return v.F32()
	case KindF64:
		return v.F64()
	case KindV128:
		return [2]uint64{v.lo, v.hi()}
	case KindFuncref:
		return v.Funcref()
	}
	return v.ref
}

func mismatch(expected, found ValKind) error {
	return newError("argument type mismatch: type mismatch: expected " + expected.String() + ", found " + found.String())
}

// valOf makes a value for a parameter of a kind out of what a Go program passes for it.
func valOf(arg any, kind ValKind) (Val, error) {
	switch a := arg.(type) {
	case int32:
		return ValI32(a), nil
	case int64:
		return ValI64(a), nil
	case float32:
		return ValF32(a), nil
	case float64:
		return ValF64(a), nil
	case int:
		switch kind {
		case KindI32:
			return ValI32(int32(a)), nil
		case KindI64:
			return ValI64(int64(a)), nil
		}
		return Val{}, newError("integer provided for non-integer argument")
	case *Func:
		return ValFuncref(a), nil
	case Val:
		return a, nil
	case nil:
		if kind == KindFuncref {
			return ValFuncref(nil), nil
		}
	}
	return ValExternref(arg), nil
}

// The functions below translate between values and what native code understands. They run between enter and leave.

// toSlot writes a value of the kind that the slot is for.
func (c *Context) toSlot(v Val, slot *cabi.Slot) error {
	switch v.kind {
	case KindFuncref:
		f := v.Funcref()
		if f != nil && f.inside != c {
			return newError("function of another store")
		}
		*slot = cabi.Slot{}
		if f != nil {
			slot[0] = cabi.FuncToRaw(c.ctx, f.raw)
		}
	case KindExternref:
		*slot = cabi.Slot{}
		if v.ref != nil {
			return c.refToSlot(v.ref, slot)
		}
	default:
		*slot = cabi.Slot{v.lo, v.hi()}
	}
	return nil
}

func (c *Context) refToSlot(ref any, slot *cabi.Slot) error {
	id := c.refs.Insert(ref)
	c.roots = append(c.roots, cabi.Root{})
	if !c.ctx.NewRef(c.queue, id, slot, &c.roots[len(c.roots)-1]) {
		c.roots = c.roots[:len(c.roots)-1]
		return newError("no space for an externref")
	}
	return nil
}

// readSlot is fromSlot to a place that is zero.
func (c *Context) readSlot(v *Val, kind ValKind, slot *cabi.Slot) {
	switch {
	case kind == KindI32 || kind == KindF32:
		v.kind, v.lo = kind, uint64(uint32(slot[0]))
	case kind.isNumber():
		v.kind, v.lo = kind, slot[0]
	default:
		*v = c.fromSlot(kind, slot)
	}
}

func (c *Context) fromSlot(kind ValKind, slot *cabi.Slot) Val {
	switch kind {
	case KindI32, KindF32:
		return Val{kind: kind, lo: uint64(uint32(slot[0]))}
	case KindI64, KindF64:
		return Val{kind: kind, lo: slot[0]}
	case KindFuncref:
		return ValFuncref(c.newFunc(cabi.FuncFromRaw(c.ctx, slot[0])))
	case KindExternref:
		return ValExternref(c.refOf(c.refHandle(slot)))
	}
	return valV128(slot[0], slot[1])
}

func (c *Context) refHandle(slot *cabi.Slot) uint64 {
	if uint32(slot[0]) == 0 {
		return 0
	}
	return c.ctx.RefHandle(*slot)
}

func (c *Context) refOf(id uint64) any {
	ref, _ := c.refs.Get(id)
	return ref
}

// toNative is for values that globals and tables hold.
func (c *Context) toNative(v Val) (cabi.Val, error) {
	switch v.kind {
	case KindFuncref:
		n := cabi.Val{Kind: cabi.ValFuncref}
		f := v.Funcref()
		if f == nil {
			return n, nil
		}
		if f.inside != c {
			return n, newError("function of another store")
		}
		n.A, n.B = f.raw.StoreID, f.raw.Ref
		return n, nil
	case KindExternref:
		n := cabi.Val{Kind: cabi.ValExternref}
		if v.ref != nil {
			n.A = c.refs.Insert(v.ref)
		}
		return n, nil
	}
	return cabi.Val{Kind: uint64(v.kind), A: v.lo, B: v.hi()}, nil
}

func (c *Context) fromNative(n cabi.Val) Val {
	switch n.Kind {
	case cabi.ValFuncref:
		return ValFuncref(c.newFunc(cabi.Func{StoreID: n.A, Ref: n.B}))
	case cabi.ValExternref:
		return ValExternref(c.refOf(n.A))
	}
	if n.Kind == uint64(KindV128) {
		return valV128(n.A, n.B)
	}
	return Val{kind: ValKind(n.Kind), lo: n.A}
}

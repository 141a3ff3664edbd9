package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// ValKind is the kind of a value.
type ValKind uint8

// The kinds of values.
const (
	KindI32       ValKind = cabi.TypeI32
	KindI64       ValKind = cabi.TypeI64
	KindF32       ValKind = cabi.TypeF32
	KindF64       ValKind = cabi.TypeF64
	KindV128      ValKind = cabi.TypeV128
	KindExternref ValKind = cabi.TypeExternref
	KindFuncref   ValKind = cabi.TypeFuncref
)

// isNumber reports whether the value is a number of one word.
func (k ValKind) isNumber() bool {
	return k == KindI32 || k == KindI64 || k == KindF32 || k == KindF64
}

// String is the kind's name in the text format.
func (k ValKind) String() string {
	switch k {
	case KindI32:
		return "i32"
	case KindI64:
		return "i64"
	case KindF32:
		return "f32"
	case KindF64:
		return "f64"
	case KindV128:
		return "v128"
	case KindExternref:
		return "externref"
	case KindFuncref:
		return "funcref"
	}
	return "unknown"
}

// ValType is the type of a value.
type ValType struct {
	kind ValKind
}

// NewValType returns the type of values of a kind.
func NewValType(kind ValKind) *ValType { return &ValType{kind} }

// Kind is the kind of such values.
func (t *ValType) Kind() ValKind { return t.kind }

// String is the type in the text format.
func (t *ValType) String() string { return t.kind.String() }

// Close does nothing: types hold no native memory.
func (t *ValType) Close() {}

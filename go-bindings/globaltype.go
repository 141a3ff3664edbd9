package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// GlobalType is the type of a global.
type GlobalType struct {
	content *ValType
	mutable bool
}

// NewGlobalType returns the type of globals that hold such values.
func NewGlobalType(content *ValType, mutable bool) *GlobalType {
	return &GlobalType{content, mutable}
}

// Content is the type of the value.
func (t *GlobalType) Content() *ValType { return t.content }

// Mutable reports whether the value may change.
func (t *GlobalType) Mutable() bool { return t.mutable }

// AsExternType is the type among the types of all externs.
func (t *GlobalType) AsExternType() *ExternType { return &ExternType{global: t} }

// Close does nothing: types hold no native memory.
func (t *GlobalType) Close() {}

func (t *GlobalType) native() *cabi.ExternType {
	return &cabi.ExternType{Kind: cabi.TypeOfGlobal, Content: uint8(t.content.kind), Mutable: t.mutable}
}

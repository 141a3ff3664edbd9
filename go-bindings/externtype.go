package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// AsExternType is any type that something imported or exported can have.
type AsExternType interface {
	AsExternType() *ExternType
}

// ExternType is the type of something imported or exported.
type ExternType struct {
	fn     *FuncType
	global *GlobalType
	table  *TableType
	memory *MemoryType
}

// FuncType is the type if it is a function's, else nil.
func (t *ExternType) FuncType() *FuncType { return t.fn }

// GlobalType is the type if it is a global's, else nil.
func (t *ExternType) GlobalType() *GlobalType { return t.global }

// TableType is the type if it is a table's, else nil.
func (t *ExternType) TableType() *TableType { return t.table }

// MemoryType is the type if it is a memory's, else nil.
func (t *ExternType) MemoryType() *MemoryType { return t.memory }

// AsExternType is t.
func (t *ExternType) AsExternType() *ExternType { return t }

// Close does nothing: types hold no native memory.
func (t *ExternType) Close() {}

func newExternType(n cabi.ExternType) *ExternType {
	content := &ValType{ValKind(n.Content)}
	switch n.Kind {
	case cabi.TypeOfFunc:
		return readSignature(n.Func).funcType().AsExternType()
	case cabi.TypeOfGlobal:
		return NewGlobalType(content, n.Mutable).AsExternType()
	case cabi.TypeOfTable:
		return NewTableType(content, uint32(n.Min), n.HasMax, uint32(n.Max)).AsExternType()
	case cabi.TypeOfMemory:
		t := &MemoryType{min: n.Min, max: n.Max, hasMax: n.HasMax, is64: n.Is64, shared: n.Shared}
		return t.AsExternType()
	}
	return &ExternType{}
}

package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// TableType is the type of a table.
type TableType struct {
	element  *ValType
	min, max uint32
	hasMax   bool
}

// NewTableType returns the type of tables of such elements with these sizes.
func NewTableType(element *ValType, min uint32, has_max bool, max uint32) *TableType {
	return &TableType{element: element, min: min, max: max, hasMax: has_max}
}

// Element is the type of the elements.
func (t *TableType) Element() *ValType { return t.element }

// Minimum is the least size in elements.
func (t *TableType) Minimum() uint32 { return t.min }

// Maximum is the greatest size in elements, if there is one.
func (t *TableType) Maximum() (bool, uint32) {
	if !t.hasMax {
		return false, 0
	}
	return true, t.max
}

// AsExternType is the type among the types of all externs.
func (t *TableType) AsExternType() *ExternType { return &ExternType{table: t} }

// Close does nothing: types hold no native memory.
func (t *TableType) Close() {}

func (t *TableType) native() *cabi.ExternType {
	return &cabi.ExternType{
		Kind: cabi.TypeOfTable, Content: uint8(t.element.kind),
		Min: uint64(t.min), Max: uint64(t.max), HasMax: t.hasMax,
	}
}

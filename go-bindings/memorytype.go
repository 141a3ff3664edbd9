package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// MemoryType is the type of a memory. Sizes are in pages of 64 KiB.
type MemoryType struct {
	min, max     uint64
	hasMax       bool
	is64, shared bool
}

// NewMemoryType returns the type of memories with 32-bit addresses and these sizes.
func NewMemoryType(min uint32, has_max bool, max uint32) *MemoryType {
	return &MemoryType{min: uint64(min), max: uint64(max), hasMax: has_max}
}

// NewMemoryType64 returns the type of memories with 64-bit addresses and these sizes.
func NewMemoryType64(min uint64, has_max bool, max uint64) *MemoryType {
	return &MemoryType{min: min, max: max, hasMax: has_max, is64: true}
}

// Minimum is the least size.
func (t *MemoryType) Minimum() uint64 { return t.min }

// Maximum is the greatest size, if there is one.
func (t *MemoryType) Maximum() (bool, uint64) {
	if !t.hasMax {
		return false, 0
	}
	return true, t.max
}

// Is64 reports whether addresses have 64 bits.
func (t *MemoryType) Is64() bool { return t.is64 }

// IsShared reports whether threads may share such a memory.
func (t *MemoryType) IsShared() bool { return t.shared }

// AsExternType is the type among the types of all externs.
func (t *MemoryType) AsExternType() *ExternType { return &ExternType{memory: t} }

// Close does nothing: types hold no native memory.
func (t *MemoryType) Close() {}

func (t *MemoryType) native() *cabi.ExternType {
	return &cabi.ExternType{
		Kind: cabi.TypeOfMemory, Min: t.min, Max: t.max, HasMax: t.hasMax, Is64: t.is64, Shared: t.shared,
	}
}

package tenon

import (
	"math"
	"unsafe"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// Memory is a linear memory of a store.
type Memory struct {
	inside *Context
	raw    cabi.Object
}

// NewMemory makes a memory.
func NewMemory(store Storelike, ty *MemoryType) (*Memory, error) {
	c := store.Context()
	ctx := c.enter()
	defer c.leave()
	raw, failure := cabi.NewMemory(ctx, ty.native())
	if failure != nil {
		return nil, takeError(failure)
	}
	return &Memory{c, raw}, nil
}

// Type is the memory's type.
func (m *Memory) Type(store Storelike) *MemoryType { return m.AsExtern().Type(store).MemoryType() }

// AsExtern is the memory as something to import.
func (m *Memory) AsExtern() *Extern {
	return &Extern{m.inside, cabi.Extern{Kind: cabi.ExternMemory, Of: m.raw}}
}

// Data is where the memory lies. See UnsafeData.
func (m *Memory) Data(store Storelike) unsafe.Pointer {
	ctx := m.inside.enterFor(store)
	defer m.inside.leave()
	base, _ := cabi.MemoryData(ctx, &m.raw)
	return base
}

// UnsafeData is the memory's content itself, not a copy. The slice is valid until the memory grows or the store is
// freed, and the program has to keep the store until then. It panics from 4 GiB up.
func (m *Memory) UnsafeData(store Storelike) []byte {
	ctx := m.inside.enterFor(store)
	defer m.inside.leave()
	base, size := cabi.MemoryData(ctx, &m.raw)
	if size > math.MaxUint32 {
		panic("memory is too big")
	}
	return unsafe.Slice((*byte)(base), int(size))
}

// DataSize is the size in bytes.
func (m *Memory) DataSize(store Storelike) uintptr {
	ctx := m.inside.enterFor(store)
	defer m.inside.leave()
	return uintptr(cabi.MemoryBytes(ctx, &m.raw))
}

// Size is the size in pages.
func (m *Memory) Size(store Storelike) uint64 {
	ctx := m.inside.enterFor(store)
	defer m.inside.leave()
	return cabi.MemoryPages(ctx, &m.raw)
}

// Grow adds pages and returns the old size in pages.
func (m *Memory) Grow(store Storelike, delta uint64) (uint64, error) {
	ctx := m.inside.enterFor(store)
	defer m.inside.leave()
	previous, failure := cabi.MemoryGrow(ctx, &m.raw, delta)
	return previous, takeError(failure)
}

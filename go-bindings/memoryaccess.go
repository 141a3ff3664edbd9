package tenon

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// BoundsError is an access beyond a memory's end. Sizes are in bytes.
type BoundsError struct {
	Offset uint64 // where the access began
	Length uint64 // how long it was
	Size   uint64 // how large the memory is
}

// Error is the text.
func (e *BoundsError) Error() string {
	return fmt.Sprintf("out of bounds memory access: %d bytes at %#x in a memory of %#x bytes", e.Length, e.Offset, e.Size)
}

// access runs f on a part of the memory itself, while nobody else may enter the store.
func (m *Memory) access(store Storelike, offset, length uint64, f func([]byte)) error {
	ctx := m.inside.enterFor(store)
	defer m.inside.leave()
	base, size := cabi.MemoryData(ctx, &m.raw)
	if length > size || offset > size-length {
		return &BoundsError{offset, length, size}
	}
	if length > 0 {
		f(unsafe.Slice((*byte)(unsafe.Add(base, offset)), int(length)))
	}
	return nil
}

// Read returns a copy of length bytes from offset on. The error is a [*BoundsError].
func (m *Memory) Read(store Storelike, offset, length uint64) ([]byte, error) {
	var out []byte
	err := m.access(store, offset, length, func(b []byte) { out = bytes.Clone(b) })
	return out, err
}

// ReadInto fills b from offset on. The error is a [*BoundsError]; then b is as it was.
func (m *Memory) ReadInto(store Storelike, offset uint64, b []byte) error {
	return m.access(store, offset, uint64(len(b)), func(from []byte) { copy(b, from) })
}

// Write copies b to offset. The error is a [*BoundsError]; then nothing was written.
func (m *Memory) Write(store Storelike, offset uint64, b []byte) error {
	return m.access(store, offset, uint64(len(b)), func(to []byte) { copy(to, b) })
}

// ReadString is Read for a text.
func (m *Memory) ReadString(store Storelike, offset, length uint64) (string, error) {
	var out string
	err := m.access(store, offset, length, func(b []byte) { out = string(b) })
	return out, err
}

// WriteString is Write for a text.
func (m *Memory) WriteString(store Storelike, offset uint64, s string) error {
	return m.access(store, offset, uint64(len(s)), func(to []byte) { copy(to, s) })
}

// ReadUint32 reads a number as guests store it.
func (m *Memory) ReadUint32(store Storelike, offset uint64) (uint32, error) {
	var out uint32
	err := m.access(store, offset, 4, func(b []byte) { out = binary.LittleEndian.Uint32(b) })
	return out, err
}

// WriteUint32 stores a number as guests do.
func (m *Memory) WriteUint32(store Storelike, offset uint64, v uint32) error {
	return m.access(store, offset, 4, func(b []byte) { binary.LittleEndian.PutUint32(b, v) })
}

// ReadUint64 reads a number as guests store it.
func (m *Memory) ReadUint64(store Storelike, offset uint64) (uint64, error) {
	var out uint64
	err := m.access(store, offset, 8, func(b []byte) { out = binary.LittleEndian.Uint64(b) })
	return out, err
}

// WriteUint64 stores a number as guests do.
func (m *Memory) WriteUint64(store Storelike, offset uint64, v uint64) error {
	return m.access(store, offset, 8, func(b []byte) { binary.LittleEndian.PutUint64(b, v) })
}

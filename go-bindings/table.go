package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// Table is a table of references of a store.
type Table struct {
	inside *Context
	raw    cabi.Object
}

// NewTable makes a table whose elements are all init.
func NewTable(store Storelike, ty *TableType, init Val) (*Table, error) {
	c := store.Context()
	ctx := c.enter()
	defer c.leave()
	value, err := c.toNative(init)
	if err != nil {
		return nil, err
	}
	raw, failure := cabi.NewTable(ctx, c.queue, ty.native(), &value)
	if failure != nil {
		return nil, takeError(failure)
	}
	return &Table{c, raw}, nil
}

// Type is the table's type.
func (t *Table) Type(store Storelike) *TableType { return t.AsExtern().Type(store).TableType() }

// AsExtern is the table as something to import.
func (t *Table) AsExtern() *Extern {
	return &Extern{t.inside, cabi.Extern{Kind: cabi.ExternTable, Of: t.raw}}
}

// Size is the number of elements.
func (t *Table) Size(store Storelike) uint32 {
	ctx := t.inside.enterFor(store)
	defer t.inside.leave()
	return uint32(cabi.TableSize(ctx, &t.raw))
}

// Grow adds elements that are all init, and returns the old number.
func (t *Table) Grow(store Storelike, delta uint32, init Val) (uint32, error) {
	c := t.inside
	ctx := c.enterFor(store)
	defer c.leave()
	value, err := c.toNative(init)
	if err != nil {
		return 0, err
	}
	previous, failure := cabi.TableGrow(ctx, c.queue, &t.raw, uint64(delta), &value)
	return uint32(previous), takeError(failure)
}

// Get reads an element.
func (t *Table) Get(store Storelike, idx uint32) (Val, error) {
	c := t.inside
	ctx := c.enterFor(store)
	defer c.leave()
	value, ok := cabi.TableGet(ctx, &t.raw, uint64(idx))
	if !ok {
		return Val{}, newError("index out of bounds")
	}
	return c.fromNative(value), nil
}

// Set writes an element.
func (t *Table) Set(store Storelike, idx uint32, val Val) error {
	c := t.inside
	ctx := c.enterFor(store)
	defer c.leave()
	value, err := c.toNative(val)
	if err != nil {
		return err
	}
	return takeError(cabi.TableSet(ctx, c.queue, &t.raw, uint64(idx), &value))
}

package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// AsExtern is anything that can be imported.
type AsExtern interface {
	AsExtern() *Extern
}

// Extern is something exported, or something to import.
type Extern struct {
	inside *Context
	raw    cabi.Extern
}

// Func is the function if it is one, else nil.
func (e *Extern) Func() *Func {
	if e.raw.Kind != cabi.ExternFunc {
		return nil
	}
	return e.inside.newFunc(e.raw.Func())
}

// Global is the global if it is one, else nil.
func (e *Extern) Global() *Global {
	if e.raw.Kind != cabi.ExternGlobal {
		return nil
	}
	return &Global{e.inside, e.raw.Of}
}

// Memory is the memory if it is one, else nil.
func (e *Extern) Memory() *Memory {
	if e.raw.Kind != cabi.ExternMemory {
		return nil
	}
	return &Memory{e.inside, e.raw.Of}
}

// Table is the table if it is one, else nil.
func (e *Extern) Table() *Table {
	if e.raw.Kind != cabi.ExternTable {
		return nil
	}
	return &Table{e.inside, e.raw.Of}
}

// Type is its type.
func (e *Extern) Type(store Storelike) *ExternType {
	ctx := e.inside.enterFor(store)
	defer e.inside.leave()
	return newExternType(cabi.ReadExternType(ctx, &e.raw))
}

// AsExtern is e.
func (e *Extern) AsExtern() *Extern { return e }

// Close does nothing: the store owns what e names.
func (e *Extern) Close() {}

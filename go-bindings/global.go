package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// Global is a global variable of a store.
type Global struct {
	inside *Context
	raw    cabi.Object
}

// NewGlobal makes a global.
func NewGlobal(store Storelike, ty *GlobalType, val Val) (*Global, error) {
	c := store.Context()
	ctx := c.enter()
	defer c.leave()
	value, err := c.toNative(val)
	if err != nil {
		return nil, err
	}
	raw, failure := cabi.NewGlobal(ctx, c.queue, ty.native(), &value)
	if failure != nil {
		return nil, takeError(failure)
	}
	return &Global{c, raw}, nil
}

// Type is the global's type.
func (g *Global) Type(store Storelike) *GlobalType { return g.AsExtern().Type(store).GlobalType() }

// AsExtern is the global as something to import.
func (g *Global) AsExtern() *Extern {
	return &Extern{g.inside, cabi.Extern{Kind: cabi.ExternGlobal, Of: g.raw}}
}

// Get reads the value.
func (g *Global) Get(store Storelike) Val {
	ctx := g.inside.enterFor(store)
	defer g.inside.leave()
	return g.inside.fromNative(cabi.GlobalGet(ctx, &g.raw))
}

// Set writes the value. It fails if the global is constant or of another type.
func (g *Global) Set(store Storelike, val Val) error {
	c := g.inside
	ctx := c.enterFor(store)
	defer c.leave()
	value, err := c.toNative(val)
	if err != nil {
		return err
	}
	return takeError(cabi.GlobalSet(ctx, c.queue, &g.raw, &value))
}

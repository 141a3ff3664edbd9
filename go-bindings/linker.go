package tenon

import (
	"context"
	"sync"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/life"
)

// Linker finds the imports of modules by name. Several goroutines may use one, each with its own store.
type Linker struct {
	// Engine is the engine that was given to NewLinker.
	Engine *Engine
	own    life.Owner[cabi.Linker]
	mu     sync.RWMutex // defining against finding
	hosts  *hostSet
}

// NewLinker returns an empty linker.
func NewLinker(engine *Engine) *Linker {
	native := engine.own.Use()
	defer engine.own.Done()
	l := &Linker{Engine: engine, hosts: newHostSet()}
	life.Own(l, &l.own, cabi.NewLinker(native), (*cabi.Linker).Delete)
	return l
}

// Close gives up the linker; instances go on working.
func (l *Linker) Close() { l.own.Close() }

// define runs an operation that changes the linker.
func (l *Linker) define(f func(*cabi.Linker) *cabi.Error) error {
	native := l.own.Use()
	defer l.own.Done()
	l.mu.Lock()
	defer l.mu.Unlock()
	return takeError(f(native))
}

// defineIn is define for an operation that needs a store.
func (l *Linker) defineIn(c *Context, f func(*cabi.Linker, *cabi.Context) *cabi.Error) error {
	return l.define(func(native *cabi.Linker) *cabi.Error {
		ctx := c.enter()
		defer c.leave()
		return f(native, ctx)
	})
}

// find runs an operation in a store that reads the linker. The store gets to know the linker's host functions.
func (l *Linker) find(store Storelike, f func(*Context, *cabi.Linker)) {
	native := l.own.Use()
	defer l.own.Done()
	l.mu.RLock()
	defer l.mu.RUnlock()
	c := store.Context()
	c.enter()
	defer c.leave()
	c.link(l.hosts)
	f(c, native)
}

// AllowShadowing lets later definitions replace earlier ones of the same name. Otherwise they fail.
func (l *Linker) AllowShadowing(allow bool) {
	_ = l.define(func(native *cabi.Linker) *cabi.Error {
		native.AllowShadowing(allow)
		return nil
	})
}

// Define names an item. Only stores like the item's can then be linked.
func (l *Linker) Define(module, name string, item AsExtern) error {
	e := item.AsExtern()
	return l.defineIn(e.inside, func(native *cabi.Linker, ctx *cabi.Context) *cabi.Error {
		return native.Define(ctx, module, name, &e.raw)
	})
}

// DefineFunc names a Go function for one store; see [WrapFunc].
func (l *Linker) DefineFunc(store Storelike, module, name string, f interface{}) error {
	return l.Define(module, name, WrapFunc(store, f))
}

// FuncNew names a function of the host for any store; see [NewFunc].
func (l *Linker) FuncNew(module, name string, ty *FuncType, f func(*Caller, []Val) ([]Val, *Trap)) error {
	sig := ty.signature()
	return l.defineHost(module, name, sig, untyped(sig, f))
}

// FuncWrap names a Go function for any store; see [WrapFunc].
func (l *Linker) FuncWrap(module, name string, f interface{}) error {
	sig, fn := wrap(f)
	return l.defineHost(module, name, sig, fn)
}

func (l *Linker) defineHost(module, name string, sig *signature, fn hostFunc) error {
	ty := sig.native()
	defer ty.Delete()
	id := l.hosts.add(fn)
	return l.define(func(native *cabi.Linker) *cabi.Error {
		return native.DefineFunc(module, name, ty, id)
	})
}

// DefineInstance names all exports of an instance.
func (l *Linker) DefineInstance(store Storelike, module string, instance *Instance) error {
	c := store.Context()
	if instance.inside != c {
		return newError("instance of another store")
	}
	return l.defineIn(c, func(native *cabi.Linker, ctx *cabi.Context) *cabi.Error {
		return native.DefineInstance(ctx, module, instance.raw)
	})
}

// DefineWasi names the functions of WASI. Stores need [Store.SetWasi] then.
func (l *Linker) DefineWasi() error { return l.define((*cabi.Linker).DefineWasi) }

// DefineUnknownImportsAsTraps names the functions that a module imports and that have no name yet: calling one fails.
func (l *Linker) DefineUnknownImportsAsTraps(module *Module) error {
	m := module.own.Use()
	defer module.own.Done()
	return l.define(func(native *cabi.Linker) *cabi.Error { return native.DefineUnknownAsTraps(m) })
}

// DefineUnknownImportsAsDefaultValues names what a module imports and what has no name yet: everything is zero.
func (l *Linker) DefineUnknownImportsAsDefaultValues(store Storelike, module *Module) error {
	m := module.own.Use()
	defer module.own.Done()
	return l.defineIn(store.Context(), func(native *cabi.Linker, ctx *cabi.Context) *cabi.Error {
		return native.DefineUnknownAsDefaults(ctx, m)
	})
}

// Get finds what a name means in a store; nil if it means nothing.
func (l *Linker) Get(store Storelike, module, name string) *Extern {
	var found *Extern
	l.find(store, func(c *Context, native *cabi.Linker) {
		if raw, ok := native.Get(c.ctx, module, name); ok {
			found = &Extern{c, raw}
		}
	})
	return found
}

// GetDefault finds the function to run for the name of a module: its `_start`, or one that does nothing.
func (l *Linker) GetDefault(store Storelike, name string) (*Func, error) {
	var found *Func
	var failure *cabi.Error
	l.find(store, func(c *Context, native *cabi.Linker) {
		var raw cabi.Func
		raw, failure = native.GetDefault(c.ctx, name)
		found = c.newFunc(raw)
	})
	if failure != nil {
		return nil, takeError(failure)
	}
	return found, nil
}

// Instantiate makes an instance of a module with imports found by name, and runs its start function. Errors and panics
// are as for [Func.Call].
func (l *Linker) Instantiate(store Storelike, module *Module) (*Instance, error) {
	return l.instantiate(nil, store, module)
}

func (l *Linker) instantiate(ctx context.Context, store Storelike, module *Module) (*Instance, error) {
	c := store.Context()
	return c.instantiate(contextOf(ctx, store), func(ex *cabi.Exec) (cabi.Step, *cabi.Error) {
		native := l.own.Use()
		defer l.own.Done()
		m := module.own.Use()
		defer module.own.Done()
		l.mu.RLock()
		defer l.mu.RUnlock()
		c.link(l.hosts)
		return ex.InstantiateLinker(c.ctx, native, m)
	})
}

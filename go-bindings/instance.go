package tenon

import (
	"context"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// Instance is a module in a store.
type Instance struct {
	inside *Context
	raw    cabi.Instance
}

// NewInstance makes an instance of a module with these imports, in the order of [Module.Imports], and runs its start
// function. Errors and panics are as for [Func.Call].
func NewInstance(store Storelike, module *Module, imports []AsExtern) (*Instance, error) {
	return newInstance(nil, store, module, imports)
}

func newInstance(ctx context.Context, store Storelike, module *Module, imports []AsExtern) (*Instance, error) {
	c := store.Context()
	list := make([]cabi.Extern, len(imports))
	for i, item := range imports {
		e := item.AsExtern()
		if e.inside != c {
			return nil, newError("import of another store")
		}
		list[i] = e.raw
	}
	return c.instantiate(contextOf(ctx, store), func(ex *cabi.Exec) (cabi.Step, *cabi.Error) {
		native := module.own.Use()
		defer module.own.Done()
		return ex.Instantiate(c.ctx, native, list)
	})
}

// instantiate brings what first starts to its end.
func (c *Context) instantiate(ctx context.Context, first func(*cabi.Exec) (cabi.Step, *cabi.Error)) (*Instance, error) {
	ex, w, err := c.beginFor(ctx, c)
	if err != nil {
		return nil, err
	}
	defer w.halt()
	step, failure := c.guarded(ex, first)
	if failure != nil {
		c.end(ex)
		return nil, takeError(failure)
	}
	if err := c.run(ex, step); err != nil {
		return nil, w.explain(err)
	}
	instance := &Instance{c, ex.Instance()}
	logDebug("made an instance")
	c.end(ex)
	return instance, nil
}

// guarded gives the execution back if first panics, as it does for a closed module.
func (c *Context) guarded(ex *cabi.Exec, first func(*cabi.Exec) (cabi.Step, *cabi.Error)) (cabi.Step, *cabi.Error) {
	returned := false
	defer func() {
		if !returned {
			c.end(ex)
		}
	}()
	step, failure := first(ex)
	returned = true
	return step, failure
}

// Exports lists what the instance exports, in the order of [Module.Exports].
func (i *Instance) Exports(store Storelike) []*Extern {
	ctx := i.inside.enterFor(store)
	defer i.inside.leave()
	var list []*Extern
	for n := 0; ; n++ {
		raw, ok := i.raw.ExportAt(ctx, n)
		if !ok {
			return list
		}
		list = append(list, &Extern{i.inside, raw})
	}
}

// GetExport finds an export by its name; nil if there is none.
func (i *Instance) GetExport(store Storelike, name string) *Extern {
	ctx := i.inside.enterFor(store)
	defer i.inside.leave()
	raw, ok := i.raw.Export(ctx, name)
	if !ok {
		return nil
	}
	return &Extern{i.inside, raw}
}

// GetFunc finds an exported function by its name; nil if there is none.
func (i *Instance) GetFunc(store Storelike, name string) *Func {
	if e := i.GetExport(store, name); e != nil {
		return e.Func()
	}
	return nil
}

package tenon

import (
	"context"
	"time"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// CallContext is [Func.Call] that ends when ctx does: a guest that computes or waits is stopped, and the error is a [Trap]
// with the code [Interrupt], for which errors.Is finds ctx's error too.
//
// A host function that the guest called meanwhile cannot be stopped from outside: one that takes long asks
// [Caller.Ctx], and when it returns the guest does not go on. Calls that a host function makes with its [Caller] as
// store end with the outer one.
func (f *Func) CallContext(ctx context.Context, store Storelike, args ...any) (any, error) {
	return f.call(ctx, store, args)
}

// NewInstanceContext is [NewInstance] whose start function ends when ctx does.
func NewInstanceContext(ctx context.Context, store Storelike, module *Module, imports []AsExtern) (*Instance, error) {
	return newInstance(ctx, store, module, imports)
}

// InstantiateContext is [Linker.Instantiate] whose start function ends when ctx does.
func (l *Linker) InstantiateContext(ctx context.Context, store Storelike, module *Module) (*Instance, error) {
	return l.instantiate(ctx, store, module)
}

// Ctx is the context of the call that led here, or context.Background() if there is none.
func (c *Caller) Ctx() context.Context {
	if c.watch == nil {
		return context.Background()
	}
	return c.watch.ctx
}

// retry is how long a guest that was to stop is left alone before it is told again: it may have been between
// instructions of its own, in the library.
const retry = 200 * time.Microsecond

// watch stops one execution when its context ends. It is used by the goroutine that made the call.
type watch struct {
	ctx    context.Context
	stop   func() bool
	over   chan struct{} // closed by halt
	idle   chan struct{} // closed when the execution is not touched any more
	halted bool
	fired  bool
}

// contextOf is the context that governs calls with this store.
func contextOf(ctx context.Context, store Storelike) context.Context {
	if ctx == nil {
		if caller, ok := store.(*Caller); ok && caller.watch != nil {
			return caller.watch.ctx
		}
	}
	return ctx
}

// beginFor is begin for a call with this store, which ends with ctx or with the call that led to it.
func (c *Context) beginFor(ctx context.Context, store Storelike) (*cabi.Exec, *watch, error) {
	return c.beginContext(contextOf(ctx, store))
}

// beginContext is begin for a call that ends with ctx, which may be nil.
func (c *Context) beginContext(ctx context.Context) (*cabi.Exec, *watch, error) {
	if ctx == nil || ctx == context.Background() { // the second is what a Caller without a context has
		ex, err := c.begin()
		return ex, nil, err
	}
	if ctx.Err() != nil {
		return nil, nil, cancelled(ctx)
	}
	ex, err := c.begin()
	if err != nil {
		return nil, nil, err
	}
	w := &watch{ctx: ctx}
	if ctx.Done() != nil {
		w.start(ex.Interrupt())
	}
	if c.watches == nil {
		c.watches = make(map[*cabi.Exec]*watch)
	}
	c.watches[ex] = w
	return ex, w, nil
}

func (w *watch) start(interrupt *cabi.Interrupt) {
	over, idle := make(chan struct{}), make(chan struct{})
	w.over, w.idle = over, idle
	w.stop = context.AfterFunc(w.ctx, func() {
		defer close(idle)
		ticker := time.NewTicker(retry)
		defer ticker.Stop()
		for {
			interrupt.Trigger()
			select {
			case <-over:
				return
			case <-ticker.C:
			}
		}
	})
}

// halt ends the watch; after it nobody touches the execution. It may be called again.
func (w *watch) halt() {
	if w == nil || w.halted || w.stop == nil {
		return
	}
	w.halted = true
	close(w.over)
	if !w.stop() {
		w.fired = true
		<-w.idle
	}
}

// explain marks the end of a guest as the context's doing.
func (w *watch) explain(err error) error {
	if w == nil || err == nil {
		return err
	}
	w.halt()
	trap, ok := err.(*Trap)
	if ok && w.ctx.Err() != nil {
		if code := trap.Code(); code == nil || *code == Interrupt {
			trap.cause = context.Cause(w.ctx)
		}
	}
	return err
}

// cancelled is the error of a call that does not begin.
func cancelled(ctx context.Context) *Trap {
	trap := NewTrap("wasm trap: interrupt")
	code := Interrupt
	trap.code, trap.cause = &code, context.Cause(ctx)
	return trap
}

// interrupted is what a host call is answered with if its context is at its end; nil if it is not.
func (c *Context) interrupted(ex *cabi.Exec) *cabi.Trap {
	if w := c.watches[ex]; w != nil && w.ctx.Err() != nil {
		return cabi.NewTrapCode(uint8(Interrupt))
	}
	return nil
}

// unwatch ends the watch of an execution, if it has one. False if the execution may have an interrupt pending that nobody
// wants any more.
func (c *Context) unwatch(ex *cabi.Exec) bool {
	w := c.watches[ex]
	if w == nil {
		return true
	}
	w.halt()
	delete(c.watches, ex)
	return !w.fired
}

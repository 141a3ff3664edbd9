package tenon

import (
	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/handle"
	"github.com/tenon-wasm/tenon-go/internal/life"
	"github.com/tenon-wasm/tenon-go/internal/turn"
)

// Storelike is a [Store] or, inside a host function, the [Caller]: anything that names a store.
type Storelike interface {
	// Context is the store's inside.
	Context() *Context
	// Data is what was given to NewStoreWithData.
	Data() interface{}
}

// Context is the inside of a store, which all its Storelikes share. It has nothing for users to call.
//
// Native code may work on a store for one goroutine at a time, whose turn it is: taken by enter, given up by leave. Host
// functions run without it, so that they can use the store.
//
// Go values that the native side refers to by number (host functions, externrefs) are kept here and not in process-wide
// tables: then a host function that captures its store does not keep the store alive for ever.
type Context struct {
	turn    turn.Turn
	closed  bool
	running int // executions between begin and end
	ctx     *cabi.Context
	queue   *cabi.Queue
	spare   *cabi.Exec // the first of those that are idle
	idle    []*cabi.Exec
	native  *native
	mark    *mark
	traps   life.Batch[cabi.Trap]

	callers    []Caller // unused ones; see newCaller
	vals       []Val
	hosts      []hostFunc
	linked     []*hostSet
	refs       handle.Table[any]
	roots      []cabi.Root
	watches    map[*cabi.Exec]*watch // of calls that end with a context
	outputs    []*output
	signatures map[uint64]*signature // made when first wanted
	fuelAdded  uint64
	data       any
}

// setUp makes c the inside of a fresh store.
func (c *Context) setUp(engine *cabi.Engine, data any) {
	c.mark = newMark(cabi.NewStore(engine), life.NewOrigin("Store"))
	c.native = c.mark.native
	c.ctx = c.native.store.Context()
	c.queue = c.native.store.Queue()
	c.spare = c.native.store.Exec()
	c.data = data
}

// Context is c: the inside of a store names it too.
func (c *Context) Context() *Context { return c }

// Data is what was given to NewStoreWithData.
func (c *Context) Data() interface{} { return c.data }

// enter takes the store for a native operation and returns the native context. It panics if another goroutine has it
// or if the store is closed.
func (c *Context) enter() *cabi.Context {
	c.acquire()
	if c.closed {
		c.leave()
		panic(life.ErrClosed)
	}
	return c.ctx
}

// acquire is enter for a running call that goes on, which it may do in a closed store.
func (c *Context) acquire() {
	if me := turn.Goroutine(); !c.turn.Quick(me) && !c.turn.Slowly(me) {
		panicBusy()
	}
}

// goOn is acquire after a host function, on the goroutine that serves the execution.
func (c *Context) goOn(ex *cabi.Exec) {
	if me := ex.Server(); !c.turn.Quick(me) && !c.turn.Slowly(me) {
		panicBusy()
	}
}

// leave gives the store up.
func (c *Context) leave() { c.turn.Give() }

func panicBusy() { panic("store is used by two goroutines at once") }

// enterFor is enter for an operation on an object of this store through s.
func (c *Context) enterFor(s Storelike) *cabi.Context {
	if s.Context() != c {
		panic("object is used with a store that it does not belong to")
	}
	return c.enter()
}

// begin enters the store and returns an execution for one call into a guest. end gives both back.
func (c *Context) begin() (*cabi.Exec, error) {
	c.enter()
	if ex := c.takeSpare(); ex != nil {
		return ex, nil
	}
	return c.anotherExec()
}

// takeSpare is begin in a store that is entered, if all is as usual; or else nil.
func (c *Context) takeSpare() *cabi.Exec {
	ex := c.spare
	if ex == nil || c.closed {
		return nil
	}
	c.spare = nil
	c.running++
	return ex
}

// anotherExec is an execution beside those that are running.
func (c *Context) anotherExec() (*cabi.Exec, error) {
	c.running++
	if n := len(c.idle); n > 0 {
		ex := c.idle[n-1]
		c.idle = c.idle[:n-1]
		return ex, nil
	}
	ex, failure := cabi.NewExec(c.ctx)
	if failure != nil {
		c.finish()
		return nil, takeError(failure)
	}
	c.native.more = append(c.native.more, ex)
	return ex, nil
}

func (c *Context) end(ex *cabi.Exec) {
	if c.spare != nil || len(c.watches) != 0 || c.closed || c.outputs != nil || !c.queue.Empty() {
		c.endSlowly(ex)
		return
	}
	c.spare = ex
	c.running--
	c.leave()
}

func (c *Context) endSlowly(ex *cabi.Exec) {
	switch {
	case len(c.watches) != 0 && !c.unwatch(ex):
		c.native.drop(ex)
	case c.spare == nil:
		c.spare = ex
	default:
		c.idle = append(c.idle, ex)
	}
	c.finish()
}

func (c *Context) finish() {
	if !c.queue.Empty() {
		c.drain()
	}
	c.running--
	if c.closed && c.running == 0 {
		c.release()
	}
	outputs := c.outputs
	c.leave()
	for _, o := range outputs {
		o.flush()
	}
}

// abandon ends a call whose host function panicked or left through runtime.Goexit. If another goroutine is inside,
// which is an error of the program, the execution is left to the store's end.
func (c *Context) abandon(ex *cabi.Exec) {
	if me := turn.Goroutine(); !c.turn.Quick(me) && !c.turn.Slowly(me) {
		return
	}
	ex.Abandon()
	c.end(ex)
}

// close frees the store, or lets the last running call do it.
func (c *Context) close() {
	c.acquire()
	if !c.closed {
		c.closed = true
		if c.running == 0 {
			c.release()
		}
	}
	c.leave()
}

func (c *Context) release() {
	m := c.mark
	c.mark, c.native, c.ctx, c.queue, c.spare, c.idle = nil, nil, nil, nil, nil, nil
	m.retire()
	c.traps = life.Batch[cabi.Trap]{}
	c.hosts, c.linked, c.refs = nil, nil, handle.Table[any]{}
}

// drain forgets the externrefs that the guest has dropped.
func (c *Context) drain() {
	var dropped [64]uint64
	for {
		n := c.queue.Drain(dropped[:])
		for _, id := range dropped[:n] {
			c.refs.Remove(id)
		}
		if n < len(dropped) {
			return
		}
	}
}

// dropRoots lets go of the externrefs that were made for a call or its results, once the guest has them.
func (c *Context) dropRoots() {
	if len(c.roots) > 0 {
		cabi.DropRoots(c.roots)
		c.roots = c.roots[:0]
	}
}

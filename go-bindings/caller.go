package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// Caller is who called a host function, and names the store there. It is of no use after the function has returned.
type Caller struct {
	inside *Context
	ex     *cabi.Exec // that waits for the host function
	watch  *watch     // of the call that led here; nil if it has none
}

// caller is who calls a host function now.
func (c *Context) caller(ex *cabi.Exec) *Caller {
	if len(c.watches) > 0 {
		if w := c.watches[ex]; w != nil {
			return &Caller{c, ex, w}
		}
	}
	caller := c.newCaller()
	caller.inside, caller.ex = c, ex
	return caller
}

// Callers and numbers are handed out from slices that are allocated many at a time. None is handed out twice, since a
// host function may keep them: a Caller that is of no use any more must stay so. What refers to values of the program
// is not among them, as it would keep those alive with its neighbours.
const manyCallers, manyVals = 32, 64

func (c *Context) newCaller() *Caller {
	if len(c.callers) == 0 {
		c.callers = make([]Caller, manyCallers)
	}
	caller := &c.callers[0]
	c.callers = c.callers[1:]
	return caller
}

func (c *Context) newVals(kinds []ValKind) []Val {
	n := len(kinds)
	for _, kind := range kinds {
		if !kind.isNumber() {
			return make([]Val, n)
		}
	}
	if n > len(c.vals) {
		if n > manyVals/4 {
			return make([]Val, n)
		}
		c.vals = make([]Val, manyVals)
	}
	vals := c.vals[:n:n]
	c.vals = c.vals[n:]
	return vals
}

// Context is the store's inside. It panics after the host function has returned.
func (c *Caller) Context() *Context {
	if c.inside == nil {
		panic("cannot use caller after host function returns")
	}
	return c.inside
}

// Data is what was given to NewStoreWithData.
func (c *Caller) Data() interface{} { return c.Context().data }

// GetExport finds an export of the calling instance. It is nil if there is none, if the host called the function itself,
// and after the host function has returned.
func (c *Caller) GetExport(name string) *Extern {
	inside := c.inside
	if inside == nil {
		return nil
	}
	ctx := inside.enter()
	defer inside.leave()
	// Whoever has the store and finds the host function not returned knows that its execution is there.
	if c.inside == nil {
		return nil
	}
	instance := c.ex.Caller()
	if instance.StoreID == 0 {
		return nil
	}
	raw, ok := instance.Export(ctx, name)
	if !ok {
		return nil
	}
	return &Extern{inside, raw}
}

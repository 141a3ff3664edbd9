package tenon

import (
	"strconv"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// run brings an execution that has made its first step to its end, serving host calls on the way. On success the store
// is still entered and the caller reads results and calls end. On failure, and if a host function panics, end has been
// called.
func (c *Context) run(ex *cabi.Exec, step cabi.Step) error {
	c.dropRoots()
	if step == cabi.Done {
		return nil
	}
	var ended bool
	if step == cabi.HostCall {
		step, ended = c.serve(ex, step)
	}
	return c.outcome(ex, step, ended)
}

// serve answers host calls until the guest ends. The second result is true if a host function ended it.
//
// The guest waits on a stack of its own meanwhile, so there is no C frame between here and the caller of the guest, and
// a panic of the host function can pass.
func (c *Context) serve(ex *cabi.Exec, step cabi.Step) (cabi.Step, bool) {
	finished := false
	defer func() {
		if !finished {
			c.abandon(ex)
		}
	}()
	var trap *cabi.Trap
	for step == cabi.HostCall {
		if trap = c.host(ex.FuncID())(c, ex); trap == nil && len(c.watches) != 0 {
			trap = c.interrupted(ex)
		}
		step = ex.Resume(trap)
		c.dropRoots()
	}
	finished = true
	return step, trap != nil
}

// host finds the host function of an id.
func (c *Context) host(id uint64) hostFunc {
	hosts := c.hosts
	if owner := id >> 32; owner != 0 {
		hosts = nil
		for _, set := range c.linked {
			if set.id == owner {
				hosts = *set.list.Load()
			}
		}
	}
	if i := id & (1<<32 - 1); i < uint64(len(hosts)) {
		return hosts[i]
	}
	return func(*Context, *cabi.Exec) *cabi.Trap {
		return cabi.NewTrap("host function " + strconv.FormatUint(id, 16) + " is not known to the store")
	}
}

// outcome ends an execution that is not waiting for a host function, unless its results are still to be read.
func (c *Context) outcome(ex *cabi.Exec, step cabi.Step, ended bool) error {
	switch step {
	case cabi.Done:
		return nil
	case cabi.Trapped:
		return c.endTrapped(ex)
	default:
		failure := ex.TakeError()
		c.end(ex)
		switch {
		case failure == nil:
			return newError("the library reported a failure without saying which")
		case ended:
			return trapFromError(failure)
		}
		return takeError(failure)
	}
}

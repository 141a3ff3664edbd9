package tenon

import (
	"runtime"
	"strconv"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/turn"
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
	if step == cabi.HostCall || step == cabi.Paused {
		step, ended = c.serve(ex, step)
	}
	return c.outcome(ex, step, ended)
}

// serve answers host calls, and goes on after pauses, until the guest ends. The second result is true if a host function ended it.
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
	ex.SetServer(turn.Goroutine())
	var trap *cabi.Trap
	for step == cabi.HostCall || step == cabi.Paused {
		if step == cabi.Paused {
			c.pause(ex)
			trap = nil
		} else {
			trap = c.host(ex.FuncID())(c, ex)
		}
		if trap == nil && len(c.watches) != 0 {
			trap = c.interrupted(ex)
		}
		step = ex.Resume(trap)
		c.dropRoots()
	}
	finished = true
	return step, trap != nil
}

// pause lets other goroutines run while the guest waits. Nothing in this package makes guests pause by themselves.
func (c *Context) pause(ex *cabi.Exec) {
	c.leave()
	runtime.Gosched()
	c.goOn(ex)
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

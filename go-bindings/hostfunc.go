package tenon

import (
	"sync"
	"sync/atomic"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// hostFunc serves one host call: it reads parameters from the execution's host slots, leaves the store, calls the user's
// function, acquires the store again, and writes results. It returns the trap that ends the guest, or nil. It must
// not panic while it has the store.
type hostFunc func(c *Context, ex *cabi.Exec) *cabi.Trap

// hostSet holds the host functions of a linker, which may serve several stores. Its id is the upper half of the
// functions' numbers; functions of a single store have 0 there.
type hostSet struct {
	id   uint64
	mu   sync.Mutex
	list atomic.Pointer[[]hostFunc]
}

var lastHostSet atomic.Uint64

func newHostSet() *hostSet {
	s := &hostSet{id: lastHostSet.Add(1)}
	s.list.Store(new([]hostFunc))
	return s
}

// add returns the function's number. Stores may read the list meanwhile: they see the old one.
func (s *hostSet) add(fn hostFunc) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := append(*s.list.Load(), fn)
	s.list.Store(&list)
	return s.id<<32 | uint64(len(list)-1)
}

// link makes the functions of a linker known to the store, which keeps them from then on.
func (c *Context) link(s *hostSet) {
	for _, known := range c.linked {
		if known == s {
			return
		}
	}
	c.linked = append(c.linked, s)
}

// addHost makes a function of this store.
func (c *Context) addHost(sig *signature, fn hostFunc) *Func {
	ty := sig.native()
	defer ty.Delete()
	ctx := c.enter()
	id := uint64(len(c.hosts))
	c.hosts = append(c.hosts, fn)
	f := &Func{inside: c, raw: cabi.NewFunc(ctx, ty, id), sig: sig}
	c.leave()
	return f
}

// NewFunc makes a function of the host, of any type.
//
// f gets the values that the guest passes and returns as many values of the right kinds as ty has results; otherwise the
// call panics. A trap that it returns ends the guest.
func NewFunc(store Storelike, ty *FuncType, f func(*Caller, []Val) ([]Val, *Trap)) *Func {
	sig := ty.signature()
	return store.Context().addHost(sig, untyped(sig, f))
}

func untyped(sig *signature, f func(*Caller, []Val) ([]Val, *Trap)) hostFunc {
	return func(c *Context, ex *cabi.Exec) *cabi.Trap {
		slots := ex.HostSlots()
		params := c.newVals(sig.params)
		for i, kind := range sig.params {
			c.readSlot(&params[i], kind, &slots[i])
		}
		caller := c.caller(ex)
		c.leave()
		results, trap := f(caller, params)
		caller.inside = nil
		if trap != nil {
			ended := trap.handOver("returned an already-returned trap")
			c.goOn(ex)
			return ended
		}
		checkResults(sig, results)
		c.goOn(ex)
		return c.writeResults(results, slots)
	}
}

func checkResults(sig *signature, results []Val) {
	if len(results) != len(sig.results) {
		panic("callback didn't produce the correct number of results")
	}
	for i, kind := range sig.results {
		if results[i].kind != kind {
			panic("callback produced wrong type of result")
		}
	}
}

func (c *Context) writeResults(results []Val, slots []cabi.Slot) *cabi.Trap {
	for i := range results {
		v := &results[i]
		if v.kind.isNumber() {
			slots[i][0] = v.lo
			continue
		}
		if err := c.toSlot(*v, &slots[i]); err != nil {
			return cabi.NewTrap(err.Error())
		}
	}
	return nil
}

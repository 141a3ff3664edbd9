//go:build !race

package tenon

// leave gives the store up.
//
// Stores have release semantics on this CPU, and the compiler keeps the order of stores, so that a plain one will do; an
// atomic one would be an exchange, which costs as much as a third of a call into a guest.
func (c *Context) leave() { c.busy = 0 }

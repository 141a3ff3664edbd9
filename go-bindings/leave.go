//go:build race || !amd64

package tenon

import "sync/atomic"

// leave gives the store up.
func (c *Context) leave() { atomic.StoreUint32(&c.busy, 0) }

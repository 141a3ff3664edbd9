//go:build !linux || !amd64 || race

package turn

import "sync/atomic"

// Turn is free when zero.
type Turn struct{ busy uint32 }

// Goroutine is what Quick and Slowly want to know.
func Goroutine() uintptr { return 0 }

// Quick takes the turn unless somebody has it; then there is no need to try Slowly.
func (t *Turn) Quick(uintptr) bool { return atomic.CompareAndSwapUint32(&t.busy, 0, 1) }

// Slowly fails.
func (t *Turn) Slowly(uintptr) bool { return false }

// Give gives the turn up, which the caller has.
func (t *Turn) Give() { atomic.StoreUint32(&t.busy, 0) }

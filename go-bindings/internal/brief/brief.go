// Package brief calls C functions that are over soon, at half of cgo's price.
//
// Cgo tells the scheduler that a thread leaves for C and comes back, since nobody knows when: so other goroutines run and garbage
// is collected meanwhile. A call through this package tells nobody. Until it returns, the garbage collector waits for it
// whenever it has to stop all goroutines, as it does for a piece of Go code that cannot be interrupted. What is called must
// therefore return within microseconds, wait for nothing that other goroutines do, and never call Go.
//
// The runtime has the means and uses them itself, to read the clock for example; only their name is not part of what it
// promises. On other systems than Linux on amd64, and under the race detector, which wants to know of every
// crossing, There is false. So it is with the build tag tenon_cgo_only.
package brief

//go:build tenon_debug

package life

import "runtime"

// collect runs the garbage collector before every use of a native object, so that a missing KeepAlive or a free that
// comes too early shows in tests.
func collect() { runtime.GC() }

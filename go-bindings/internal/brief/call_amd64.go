//go:build linux && !race && !tenon_cgo_only

package brief

import "unsafe"

// There says whether Call can be used.
const There = true

// Call calls a C function of the type int(void *) on the thread's own stack.
//
//go:noescape
func Call(function uintptr, argument unsafe.Pointer) int32

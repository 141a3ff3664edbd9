//go:build !linux || !amd64 || race || tenon_cgo_only

package brief

import "unsafe"

// There says whether Call can be used.
const There = false

// Call is for other builds.
func Call(uintptr, unsafe.Pointer) int32 { panic("brief calls are not there in this build") }

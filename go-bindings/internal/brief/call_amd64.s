//go:build linux && !race && !tenon_cgo_only

#include "textflag.h"

// func Call(function uintptr, argument unsafe.Pointer) int32
//
// The runtime's own way onto the thread's stack takes the same arguments.
TEXT ·Call(SB), NOSPLIT, $0-20
	JMP runtime·asmcgocall(SB)

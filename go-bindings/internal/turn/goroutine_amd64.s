//go:build linux && !race

#include "textflag.h"

// func Goroutine() uintptr
//
// The address of the runtime's record of the goroutine, which is in thread-local data and never freed.
TEXT ·Goroutine(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET

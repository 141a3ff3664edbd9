//go:build linux && amd64 && !race

package turn

import (
	"sync"
	"syscall"
)

// From the kernel's interface, which the standard library does not name.
const (
	sysMembarrier              = 324
	membarrierPrivateExpedited = 1 << 3
	membarrierRegister         = 1 << 4
)

// canBar says whether barrier works. Sandboxes may refuse the system call; then there are no favourites.
var canBar = sync.OnceValue(func() bool { return membarrier(membarrierRegister) && barrier() })

// barrier has every thread of this program pass a full memory barrier.
func barrier() bool { return membarrier(membarrierPrivateExpedited) }

func membarrier(command uintptr) bool {
	_, _, failure := syscall.Syscall(sysMembarrier, command, 0, 0)
	return failure == 0
}

// Goroutine is a number that no other running goroutine has; never 0. A goroutine that has ended may have had it.
func Goroutine() uintptr

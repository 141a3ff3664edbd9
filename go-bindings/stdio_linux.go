package tenon

import (
	"os"
	"syscall"
)

// duplicate returns a descriptor for the same file that Go does not own and programs that are started do not get.
func duplicate(f *os.File) (int, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd, failure := -1, error(nil)
	err = raw.Control(func(p uintptr) {
		n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, p, syscall.F_DUPFD_CLOEXEC, 0)
		if fd = int(n); errno != 0 {
			failure = os.NewSyscallError("fcntl", errno)
		}
	})
	if err == nil {
		err = failure
	}
	return fd, err
}

//go:build !tenon_static

package cabi

// #cgo LDFLAGS: -L${SRCDIR}/../../../target/release -ltenon -Wl,-rpath,${SRCDIR}/../../../target/release
import "C"

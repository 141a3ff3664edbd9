//go:build tenon_static

package cabi

// #cgo LDFLAGS: ${SRCDIR}/../../../target/release/libtenon.a -lm -ldl -lpthread
import "C"

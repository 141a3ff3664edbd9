package tenon

import "github.com/tenon-wasm/tenon-go/internal/cabi"

// Wat2Wasm translates WebAssembly's text format to the binary one.
func Wat2Wasm(wat string) ([]byte, error) {
	wasm, failure := cabi.Wat2Wasm(wat)
	return wasm, takeError(failure)
}

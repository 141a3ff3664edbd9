// Package tenon runs WebAssembly through the native library libtenon.
//
// It speaks the vocabulary of wasmtime-go: an [Engine] compiles a [Module], a [Store] holds what is instantiated, an
// [Instance] is made with [NewInstance] or by a [Linker], and its exports are reached as [Func], [Memory], [Table] and
// [Global]. Programs written against that package change the import line:
//
//	import wasmtime "github.com/tenon-wasm/tenon-go"
//
// # Errors
//
// A guest that traps gives a [*Trap], everything else an [*Error]; neither is wrapped. A panic in a host function leaves
// the guest and arrives, with its value, in the Go code that called the guest.
//
// # Lifetimes
//
// Nothing has to be closed: native memory is freed some time after the Go object has become unreachable. Close frees it
// at once; it may be called any number of times, and using a closed object panics. Types, values, errors and frames
// are plain Go values.
//
// # Goroutines
//
// Engines, modules and linkers may be used by any number of goroutines. A store, with everything in it, belongs to one
// goroutine at a time; a second one that enters it while the first is inside panics instead of corrupting it. A guest
// that waits in a host function holds no thread.
package tenon

package main

// static void empty(void) {}
import "C"

// The yardstick for calls: a crossing that does nothing.
func emptyCgo(n int) {
	for range n {
		C.empty()
	}
}

//go:build !tenon_debug

package tenon_test

// few is how many of n a test makes.
func few(n int) int { return n }

//go:build tenon_debug

package tenon_test

// few is how many of n a test makes where every use of a native object collects garbage, which takes about a millisecond. What
// the tag finds, it finds at the first of them.
func few(n int) int { return max(2, n/50) }

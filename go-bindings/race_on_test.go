//go:build race

package tenon_test

// The race detector remembers addresses for ever, so resident memory says nothing.
const raceDetector = true

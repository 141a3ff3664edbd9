//go:build !race

package tenon_test

const raceDetector = false

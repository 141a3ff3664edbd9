// Package turn keeps goroutines apart that use one thing, each for a short time, and notices when two do so at once.
//
// Taking the turn by an atomic exchange costs a sixth of a call into a guest. So a goroutine that takes it many times in
// a row becomes the favourite, who takes it by an ordinary store. Whoever comes in between has to take the favour back,
// which needs a memory barrier on every processor that runs a thread of this program: microseconds. A turn whose favour
// was taken back is slower to give it again.
package turn

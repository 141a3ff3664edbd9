// Package handle keeps Go values that native code refers to by number.
package handle

// Table maps numbers to values. The zero Table is empty and ready; numbers start at 1, so that 0 can mean none.
// A Table is not safe for use by several goroutines at once.
//
// Tables belong to the object whose native half holds the numbers, never to the process: then values that refer
// back to that object do not keep it alive.
type Table[T any] struct {
	slots []T
	live  []bool
	free  []uint64
}

// Insert stores v and returns its number.
func (t *Table[T]) Insert(v T) uint64 {
	if n := len(t.free); n > 0 {
		id := t.free[n-1]
		t.free = t.free[:n-1]
		t.slots[id-1], t.live[id-1] = v, true
		return id
	}
	t.slots = append(t.slots, v)
	t.live = append(t.live, true)
	return uint64(len(t.slots))
}

// Get returns the value of a number; false if there is none.
func (t *Table[T]) Get(id uint64) (T, bool) {
	if id-1 >= uint64(len(t.slots)) || !t.live[id-1] {
		var none T
		return none, false
	}
	return t.slots[id-1], true
}

// Remove forgets a number, which may then be used again. Unknown numbers are ignored.
func (t *Table[T]) Remove(id uint64) {
	if _, ok := t.Get(id); !ok {
		return
	}
	var none T
	t.slots[id-1], t.live[id-1] = none, false
	t.free = append(t.free, id)
}

// Len is how many values are stored.
func (t *Table[T]) Len() int { return len(t.slots) - len(t.free) }

//go:build linux && amd64 && !race

package turn

import "sync/atomic"

// Turn is free when zero.
//
// There are two ways to have it: as the favourite, by setting inside and then finding that one is still the favourite; and
// with an exchange, by setting busy while there is no favourite. Whoever wants the second but finds a favourite sets busy,
// strikes the favourite out, has all processors pass a barrier, and looks at inside. Either the favourite's mark is seen
// there, or the favourite, looking again, sees that it is none any more.
type Turn struct {
	busy      uint32
	inside    uint32
	favourite uintptr // a goroutine
	favoured  bool    // how the turn is had now; written by who has it, as the rest is
	last      uintptr // who took it with an exchange
	row       uint32  // how many times
	enough    uint32  // times that make a favourite, after the first loss of favour
}

const (
	enoughAtFirst = 1 << 10
	enoughAtMost  = 1 << 28
)

// Quick takes the turn if the calling goroutine, which is Goroutine(), is the favourite. If not, try Slowly.
//
// The CPU may do the second look before others see the mark; the barrier of who takes the favour back makes up for that.
func (t *Turn) Quick(me uintptr) bool {
	if atomic.LoadUintptr(&t.favourite) != me || t.inside != 0 {
		return false
	}
	t.inside = 1
	if atomic.LoadUintptr(&t.favourite) != me {
		t.inside = 0
		return false
	}
	t.favoured = true
	return true
}

// Slowly takes the turn unless somebody has it. If two try at once both may fail.
func (t *Turn) Slowly(me uintptr) bool {
	if !atomic.CompareAndSwapUint32(&t.busy, 0, 1) {
		return false
	}
	if old := atomic.LoadUintptr(&t.favourite); old != 0 && !t.takeBack(old) {
		atomic.StoreUint32(&t.busy, 0)
		return false
	}
	t.favoured = false
	if t.last != me {
		t.last, t.row = me, 0
	}
	t.row++
	return true
}

// takeBack leaves the turn without a favourite, unless the favourite has it.
func (t *Turn) takeBack(old uintptr) bool {
	atomic.StoreUintptr(&t.favourite, 0)
	if !barrier() || atomic.LoadUint32(&t.inside) != 0 {
		atomic.StoreUintptr(&t.favourite, old)
		return false
	}
	t.enough = min(max(t.enough, enoughAtFirst)*4, enoughAtMost)
	return true
}

// Give gives the turn up, which the caller has.
//
// Stores have release semantics on this CPU, and the compiler keeps the order of stores, so that plain ones will do; an
// atomic one would be an exchange.
func (t *Turn) Give() {
	if t.favoured {
		t.inside = 0
		return
	}
	t.giveSlowly()
}

func (t *Turn) giveSlowly() {
	if t.row >= max(t.enough, enoughAtFirst) {
		t.row = 0
		if canBar() {
			atomic.StoreUintptr(&t.favourite, t.last)
		}
	}
	t.busy = 0
}

package turn

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func (t *Turn) take() bool {
	me := Goroutine()
	return t.Quick(me) || t.Slowly(me)
}

func mustTake(t *testing.T, turn *Turn, n int) {
	for range n {
		if !turn.take() {
			t.Error("a turn that nobody has was not to be had")
			return
		}
		turn.Give()
	}
}

// elsewhere runs f on another goroutine and waits for it.
func elsewhere(f func()) {
	var wait sync.WaitGroup
	wait.Go(f)
	wait.Wait()
}

func TestGoroutinesAfterEachOther(t *testing.T) {
	var turn Turn
	for _, n := range []int{5000, 1, 5000, 2000, 100_000} {
		mustTake(t, &turn, n)
		elsewhere(func() { mustTake(t, &turn, n) })
	}
}

// What a favourite has, and what one has who is about to become the favourite, others do not get.
func TestTakenTurnIsRefused(t *testing.T) {
	for n := range 5000 {
		var turn Turn
		if n%100 != 0 && n < 1000 {
			continue
		}
		mustTake(t, &turn, n)
		turn.take()
		elsewhere(func() {
			if turn.take() {
				t.Errorf("a turn was given twice after %d times", n)
			}
		})
		if turn.take() {
			t.Error("a turn was given twice to one goroutine")
		}
		turn.Give()
		mustTake(t, &turn, 1)
		elsewhere(func() { mustTake(t, &turn, 1) })
	}
}

// Two at once: whoever gets in finds nobody inside, and the numbers written there without any atomic operation add up.
func TestNobodyMeetsAnother(t *testing.T) {
	for round := range 200 {
		var turn Turn
		var inside, entries atomic.Int32
		var counter int32
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() {
				for i := range 20_000 {
					if !turn.take() {
						runtime.Gosched()
						continue
					}
					if i%16 == 0 && inside.Add(1) != 1 {
						t.Error("two goroutines are inside")
					}
					counter++
					if i%16 == 0 {
						inside.Add(-1)
					}
					turn.Give()
					entries.Add(1)
				}
			})
		}
		wait.Wait()
		if entries.Load() != counter {
			t.Fatalf("round %d: %d entries, counted %d", round, entries.Load(), counter)
		}
		mustTake(t, &turn, 3)
	}
}

func BenchmarkTake(b *testing.B) {
	var turn Turn
	for b.Loop() {
		turn.take()
		turn.Give()
	}
}

func BenchmarkTakeBack(b *testing.B) {
	var turn Turn
	mine := Goroutine()
	for b.Loop() {
		turn.favour(mine + 1)
		turn.take()
		turn.Give()
	}
}

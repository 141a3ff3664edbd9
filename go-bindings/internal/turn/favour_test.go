//go:build linux && amd64 && !race

package turn

import "testing"

func (t *Turn) favour(who uintptr) {
	if canBar() {
		t.favourite = who
	}
}

func TestFavourIsGivenAndTakenBack(t *testing.T) {
	if !canBar() {
		t.Skip("no barriers here")
	}
	var turn Turn
	mustTake(t, &turn, enoughAtFirst)
	if turn.favourite != Goroutine() || !turn.Quick(Goroutine()) {
		t.Fatal("no favour after many turns in a row")
	}
	turn.Give()
	elsewhere(func() { mustTake(t, &turn, 1) })
	if turn.favourite != 0 {
		t.Fatal("the favour was not taken back")
	}
	mustTake(t, &turn, enoughAtFirst)
	if turn.favourite != 0 {
		t.Fatal("a favour that was taken back came as quickly again")
	}
	mustTake(t, &turn, 3*enoughAtFirst)
	if turn.favourite != Goroutine() {
		t.Fatal("a favour that was taken back never came again")
	}
}

package tenon

import "testing"

const pausing = `(module
  (import "" "tick" (func $tick))
  (func (export "ticks") (param $n i32) (result i32) (local $done i32)
    (loop (call $tick) (local.set $done (i32.add (local.get $done) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $done) (local.get $n))))
    (local.get $done)))`

// Pauses come before the first host call and between others; the guest goes on after each as if there had been none.
func TestPausedGuestGoesOn(t *testing.T) {
	config := NewConfig()
	config.SetEpochInterruption(true)
	engine := NewEngineWithConfig(config)
	store := NewStore(engine)
	defer store.Close()
	wasm, err := Wat2Wasm(pausing)
	if err != nil {
		t.Fatal(err)
	}
	module, err := NewModule(engine, wasm)
	if err != nil {
		t.Fatal(err)
	}
	others := make(chan struct{})
	tick := WrapFunc(store, func() {
		engine.IncrementEpoch()
		go func() { others <- struct{}{} }()
		<-others
	})
	store.SetEpochDeadline(1)
	instance, err := NewInstance(store, module, []AsExtern{tick})
	if err != nil {
		t.Fatal(err)
	}
	ticks := instance.GetFunc(store, "ticks")
	engine.IncrementEpoch()
	if _, err := ticks.Call(store, 5); err == nil {
		t.Fatal("a guest without time left was not stopped")
	}
	if failure := store.inside.enter().PauseAtEpochs(1); failure != nil {
		t.Fatal(takeError(failure))
	}
	store.inside.leave()
	for _, n := range []int32{1, 2, 100} {
		engine.IncrementEpoch()
		if got, err := ticks.Call(store, n); err != nil || got != n {
			t.Errorf("%d ticks with pauses: got %v, %v", n, got, err)
		}
	}
}

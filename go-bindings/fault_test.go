package tenon_test

import (
	"runtime"
	"strings"
	"testing"
)

// goFault dereferences nil and returns the panic value.
func goFault() (value any) {
	defer func() { value = recover() }()
	var p *int
	*p = 1
	return nil
}

// Faults outside guests stay Go's, before and after guests have faulted, and on whatever thread.
func TestFaultInGoPanicsNormally(t *testing.T) {
	check := func() {
		t.Helper()
		err, ok := goFault().(runtime.Error)
		if !ok || !strings.Contains(err.Error(), "nil pointer dereference") {
			t.Errorf("panic value is %v", err)
		}
	}
	check()
	g := instantiate(t, `(module (import "" "" (func)) (memory 1)
	  (func (export "fault") (drop (i32.load (i32.const -4))))
	  (func (export "zero") (drop (i32.div_s (i32.const 1) (i32.const 0))))
	  (func (export "host") call 0))`, wrap(func() { check() }))
	for range 3 {
		g.trap("fault")
		check()
		g.trap("zero")
		check()
		g.call("host")
	}
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		check()
		close(done)
	}()
	<-done
}

func TestFaultInHostFunctionReachesCaller(t *testing.T) {
	g := instantiate(t, `(module (import "" "" (func)) (func (export "f") call 0))`, wrap(func() {
		var p *int
		*p = 1
	}))
	defer func() {
		if _, ok := recover().(runtime.Error); !ok {
			t.Error("the fault did not arrive")
		}
	}()
	g.fn("f").Call(g.store)
}

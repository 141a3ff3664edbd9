package tenon

import (
	"runtime"
	"slices"
	"sync"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
	"github.com/tenon-wasm/tenon-go/internal/life"
)

// native is what has to be freed with a store. It is apart from Context because the cleanup that frees it must not keep
// the Context alive.
type native struct {
	store *cabi.Store  // nil between two stores
	more  []*cabi.Exec // executions beside the store's first
	made  *life.Origin
}

// mark is what the garbage collector watches in place of a Context: only an open Context refers to it, so that both are
// unreachable together. To register a cleanup and to stop it costs more than the rest of what Go does for a store, so a
// mark goes with its native to another store when its own is closed.
type mark struct {
	native *native
}

// marks are those without a store. The pool forgets some now and then, whose cleanup finds nothing to free.
var marks = sync.Pool{New: func() any {
	m := &mark{new(native)}
	runtime.AddCleanup(m, (*native).leaked, m.native)
	return m
}}

func newMark(store *cabi.Store, made *life.Origin) *mark {
	if store == nil {
		panic("out of memory")
	}
	m := marks.Get().(*mark)
	m.native.store, m.native.made = store, made
	life.Heavy()
	return m
}

// retire frees what the mark stands for. Nobody may use the mark any more.
func (m *mark) retire() {
	m.native.free()
	marks.Put(m)
}

// leaked frees what nobody closed.
func (n *native) leaked() {
	if n.store != nil {
		n.made.Leaked()
		n.free()
	}
}

func (n *native) free() {
	life.Light()
	for _, ex := range n.more {
		ex.Delete()
	}
	n.store.Delete()
	*n = native{}
}

// drop frees an execution before the store.
func (n *native) drop(ex *cabi.Exec) {
	if ex == n.store.Exec() {
		n.store.DropExec()
		return
	}
	if i := slices.Index(n.more, ex); i >= 0 {
		n.more = slices.Delete(n.more, i, i+1)
	}
	ex.Delete()
}

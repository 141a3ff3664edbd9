package tenon

import (
	"context"
	"reflect"
	"sync"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// A shape is a type of Go functions for which there is code that moves numbers between Go and a guest without reflection
// and without allocating. Which shapes there are is decided by addShapes; all others go through reflection.
type shape struct {
	call func(*target) any    // a Go function of this type that calls a guest
	host func(f any) hostFunc // serves guests with a Go function of this type
}

type shapeMap map[reflect.Type]shape

var shapes = sync.OnceValue(func() shapeMap {
	m := make(shapeMap)
	m.addShapes()
	return m
})

func callShape[F any](m shapeMap, call func(*target) F) {
	ty := reflect.TypeFor[F]()
	s := m[ty]
	s.call = func(t *target) any { return call(t) }
	m[ty] = s
}

func hostShape[F any](m shapeMap, host func(f F) hostFunc) {
	ty := reflect.TypeFor[F]()
	s := m[ty]
	s.host = func(f any) hostFunc { return host(f.(F)) }
	m[ty] = s
}

// addShapes adds up to two numbers of any kinds, and three or four of one kind, with any result or none.
func (m shapeMap) addShapes() {
	void0(m)
	result0[int32](m)
	result0[int64](m)
	result0[float32](m)
	result0[float64](m)
	with1[int32](m)
	with1[int64](m)
	with1[float32](m)
	with1[float64](m)
}

func with1[A cabi.Number](m shapeMap) {
	void1[A](m)
	result1[A, int32](m)
	result1[A, int64](m)
	result1[A, float32](m)
	result1[A, float64](m)
	with2[A, int32](m)
	with2[A, int64](m)
	with2[A, float32](m)
	with2[A, float64](m)
	void3[A, A, A](m)
	result3[A, A, A, int32](m)
	result3[A, A, A, A](m)
	void4[A, A, A, A](m)
	result4[A, A, A, A, int32](m)
	result4[A, A, A, A, A](m)
}

func with2[A, B cabi.Number](m shapeMap) {
	void2[A, B](m)
	result2[A, B, int32](m)
	result2[A, B, int64](m)
	result2[A, B, float32](m)
	result2[A, B, float64](m)
}

// mustCall is for typed functions that cannot return an error.
func mustCall(err error) {
	if err != nil {
		panic(err)
	}
}

func invoke0[R cabi.Number](t *target, ctx context.Context) (r R, err error) {
	ex, w, err := t.begin(ctx)
	if err != nil {
		return r, err
	}
	if step := ex.Call(t.raw, t.slots, t.brief); step != cabi.Done {
		if err := t.run(ex, w, step); err != nil {
			return r, err
		}
	}
	r = cabi.Get[R](ex.Slot(0))
	t.c.end(ex)
	return r, nil
}

func result0[R cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func() (R, error) {
		return func() (R, error) { return invoke0[R](t, nil) }
	})
	callShape(m, func(t *target) func() R {
		return func() R {
			r, err := invoke0[R](t, nil)
			mustCall(err)
			return r
		}
	})
	callShape(m, func(t *target) func(context.Context) (R, error) {
		return func(ctx context.Context) (R, error) { return invoke0[R](t, ctx) }
	})
	hostShape(m, func(f func() R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			c.leave()
			r := f()
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
	hostShape(m, func(f func() (R, *Trap)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			c.leave()
			r, trap := f()
			ended := trap.handOver("cannot return trap twice")
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			caller := c.caller(ex)
			c.leave()
			r := f(caller)
			caller.inside = nil
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
}

func void0(m shapeMap) {
	callShape(m, func(t *target) func() error {
		return func() error {
			_, err := invoke0[int32](t, nil)
			return err
		}
	})
	callShape(m, func(t *target) func() {
		return func() {
			_, err := invoke0[int32](t, nil)
			mustCall(err)
		}
	})
	callShape(m, func(t *target) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := invoke0[int32](t, ctx)
			return err
		}
	})
	hostShape(m, func(f func()) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			c.leave()
			f()
			c.goOn(ex)
			return nil
		}
	})
	hostShape(m, func(f func() *Trap) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			c.leave()
			ended := f().handOver("cannot return trap twice")
			c.goOn(ex)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			caller := c.caller(ex)
			c.leave()
			f(caller)
			caller.inside = nil
			c.goOn(ex)
			return nil
		}
	})
}

func invoke1[A, R cabi.Number](t *target, ctx context.Context, p A) (r R, err error) {
	ex, w, err := t.begin(ctx)
	if err != nil {
		return r, err
	}
	cabi.Put(ex.Slot(0), p)
	if step := ex.Call(t.raw, t.slots, t.brief); step != cabi.Done {
		if err := t.run(ex, w, step); err != nil {
			return r, err
		}
	}
	r = cabi.Get[R](ex.Slot(0))
	t.c.end(ex)
	return r, nil
}

func result1[A, R cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func(A) (R, error) {
		return func(p A) (R, error) { return invoke1[A, R](t, nil, p) }
	})
	callShape(m, func(t *target) func(A) R {
		return func(p A) R {
			r, err := invoke1[A, R](t, nil, p)
			mustCall(err)
			return r
		}
	})
	callShape(m, func(t *target) func(context.Context, A) (R, error) {
		return func(ctx context.Context, p A) (R, error) { return invoke1[A, R](t, ctx, p) }
	})
	hostShape(m, func(f func(A) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			c.leave()
			r := f(p)
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
	hostShape(m, func(f func(A) (R, *Trap)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			c.leave()
			r, trap := f(p)
			ended := trap.handOver("cannot return trap twice")
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller, A) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			caller := c.caller(ex)
			c.leave()
			r := f(caller, p)
			caller.inside = nil
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
}

func void1[A cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func(A) error {
		return func(p A) error {
			_, err := invoke1[A, int32](t, nil, p)
			return err
		}
	})
	callShape(m, func(t *target) func(A) {
		return func(p A) {
			_, err := invoke1[A, int32](t, nil, p)
			mustCall(err)
		}
	})
	callShape(m, func(t *target) func(context.Context, A) error {
		return func(ctx context.Context, p A) error {
			_, err := invoke1[A, int32](t, ctx, p)
			return err
		}
	})
	hostShape(m, func(f func(A)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			c.leave()
			f(p)
			c.goOn(ex)
			return nil
		}
	})
	hostShape(m, func(f func(A) *Trap) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			c.leave()
			ended := f(p).handOver("cannot return trap twice")
			c.goOn(ex)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller, A)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			caller := c.caller(ex)
			c.leave()
			f(caller, p)
			caller.inside = nil
			c.goOn(ex)
			return nil
		}
	})
}

func invoke2[A, B, R cabi.Number](t *target, ctx context.Context, p A, q B) (r R, err error) {
	ex, w, err := t.begin(ctx)
	if err != nil {
		return r, err
	}
	cabi.Put(ex.Slot(0), p)
	cabi.Put(ex.Slot(1), q)
	if step := ex.Call(t.raw, t.slots, t.brief); step != cabi.Done {
		if err := t.run(ex, w, step); err != nil {
			return r, err
		}
	}
	r = cabi.Get[R](ex.Slot(0))
	t.c.end(ex)
	return r, nil
}

func result2[A, B, R cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func(A, B) (R, error) {
		return func(p A, q B) (R, error) { return invoke2[A, B, R](t, nil, p, q) }
	})
	callShape(m, func(t *target) func(A, B) R {
		return func(p A, q B) R {
			r, err := invoke2[A, B, R](t, nil, p, q)
			mustCall(err)
			return r
		}
	})
	callShape(m, func(t *target) func(context.Context, A, B) (R, error) {
		return func(ctx context.Context, p A, q B) (R, error) { return invoke2[A, B, R](t, ctx, p, q) }
	})
	hostShape(m, func(f func(A, B) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			c.leave()
			r := f(p, q)
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
	hostShape(m, func(f func(A, B) (R, *Trap)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			c.leave()
			r, trap := f(p, q)
			ended := trap.handOver("cannot return trap twice")
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller, A, B) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			caller := c.caller(ex)
			c.leave()
			r := f(caller, p, q)
			caller.inside = nil
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
}

func void2[A, B cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func(A, B) error {
		return func(p A, q B) error {
			_, err := invoke2[A, B, int32](t, nil, p, q)
			return err
		}
	})
	callShape(m, func(t *target) func(A, B) {
		return func(p A, q B) {
			_, err := invoke2[A, B, int32](t, nil, p, q)
			mustCall(err)
		}
	})
	callShape(m, func(t *target) func(context.Context, A, B) error {
		return func(ctx context.Context, p A, q B) error {
			_, err := invoke2[A, B, int32](t, ctx, p, q)
			return err
		}
	})
	hostShape(m, func(f func(A, B)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			c.leave()
			f(p, q)
			c.goOn(ex)
			return nil
		}
	})
	hostShape(m, func(f func(A, B) *Trap) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			c.leave()
			ended := f(p, q).handOver("cannot return trap twice")
			c.goOn(ex)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller, A, B)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			caller := c.caller(ex)
			c.leave()
			f(caller, p, q)
			caller.inside = nil
			c.goOn(ex)
			return nil
		}
	})
}

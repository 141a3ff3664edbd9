package tenon

import (
	"context"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// Shapes of three and four numbers; see shapes.go.

func invoke3[A, B, C, R cabi.Number](t *target, ctx context.Context, p A, q B, u C) (r R, err error) {
	ex, w, err := t.begin(ctx)
	if err != nil {
		return r, err
	}
	cabi.Put(ex.Slot(0), p)
	cabi.Put(ex.Slot(1), q)
	cabi.Put(ex.Slot(2), u)
	if step := ex.Call(t.raw, t.slots, t.brief); step != cabi.Done {
		if err := t.run(ex, w, step); err != nil {
			return r, err
		}
	}
	r = cabi.Get[R](ex.Slot(0))
	t.c.end(ex)
	return r, nil
}

func result3[A, B, C, R cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func(A, B, C) (R, error) {
		return func(p A, q B, u C) (R, error) { return invoke3[A, B, C, R](t, nil, p, q, u) }
	})
	callShape(m, func(t *target) func(A, B, C) R {
		return func(p A, q B, u C) R {
			r, err := invoke3[A, B, C, R](t, nil, p, q, u)
			mustCall(err)
			return r
		}
	})
	callShape(m, func(t *target) func(context.Context, A, B, C) (R, error) {
		return func(ctx context.Context, p A, q B, u C) (R, error) { return invoke3[A, B, C, R](t, ctx, p, q, u) }
	})
	hostShape(m, func(f func(A, B, C) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			c.leave()
			r := f(p, q, u)
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
	hostShape(m, func(f func(A, B, C) (R, *Trap)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			c.leave()
			r, trap := f(p, q, u)
			ended := trap.handOver("cannot return trap twice")
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller, A, B, C) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			caller := c.caller(ex)
			c.leave()
			r := f(caller, p, q, u)
			caller.inside = nil
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
}

func void3[A, B, C cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func(A, B, C) error {
		return func(p A, q B, u C) error {
			_, err := invoke3[A, B, C, int32](t, nil, p, q, u)
			return err
		}
	})
	callShape(m, func(t *target) func(A, B, C) {
		return func(p A, q B, u C) {
			_, err := invoke3[A, B, C, int32](t, nil, p, q, u)
			mustCall(err)
		}
	})
	callShape(m, func(t *target) func(context.Context, A, B, C) error {
		return func(ctx context.Context, p A, q B, u C) error {
			_, err := invoke3[A, B, C, int32](t, ctx, p, q, u)
			return err
		}
	})
	hostShape(m, func(f func(A, B, C)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			c.leave()
			f(p, q, u)
			c.goOn(ex)
			return nil
		}
	})
	hostShape(m, func(f func(A, B, C) *Trap) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			c.leave()
			ended := f(p, q, u).handOver("cannot return trap twice")
			c.goOn(ex)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller, A, B, C)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			caller := c.caller(ex)
			c.leave()
			f(caller, p, q, u)
			caller.inside = nil
			c.goOn(ex)
			return nil
		}
	})
}

func invoke4[A, B, C, D, R cabi.Number](t *target, ctx context.Context, p A, q B, u C, v D) (r R, err error) {
	ex, w, err := t.begin(ctx)
	if err != nil {
		return r, err
	}
	cabi.Put(ex.Slot(0), p)
	cabi.Put(ex.Slot(1), q)
	cabi.Put(ex.Slot(2), u)
	cabi.Put(ex.Slot(3), v)
	if step := ex.Call(t.raw, t.slots, t.brief); step != cabi.Done {
		if err := t.run(ex, w, step); err != nil {
			return r, err
		}
	}
	r = cabi.Get[R](ex.Slot(0))
	t.c.end(ex)
	return r, nil
}

func result4[A, B, C, D, R cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func(A, B, C, D) (R, error) {
		return func(p A, q B, u C, v D) (R, error) { return invoke4[A, B, C, D, R](t, nil, p, q, u, v) }
	})
	callShape(m, func(t *target) func(A, B, C, D) R {
		return func(p A, q B, u C, v D) R {
			r, err := invoke4[A, B, C, D, R](t, nil, p, q, u, v)
			mustCall(err)
			return r
		}
	})
	callShape(m, func(t *target) func(context.Context, A, B, C, D) (R, error) {
		return func(ctx context.Context, p A, q B, u C, v D) (R, error) {
			return invoke4[A, B, C, D, R](t, ctx, p, q, u, v)
		}
	})
	hostShape(m, func(f func(A, B, C, D) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			v := cabi.Get[D](&s[3])
			c.leave()
			r := f(p, q, u, v)
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
	hostShape(m, func(f func(A, B, C, D) (R, *Trap)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			v := cabi.Get[D](&s[3])
			c.leave()
			r, trap := f(p, q, u, v)
			ended := trap.handOver("cannot return trap twice")
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller, A, B, C, D) R) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			v := cabi.Get[D](&s[3])
			caller := c.caller(ex)
			c.leave()
			r := f(caller, p, q, u, v)
			caller.inside = nil
			c.goOn(ex)
			cabi.Put(&s[0], r)
			return nil
		}
	})
}

func void4[A, B, C, D cabi.Number](m shapeMap) {
	callShape(m, func(t *target) func(A, B, C, D) error {
		return func(p A, q B, u C, v D) error {
			_, err := invoke4[A, B, C, D, int32](t, nil, p, q, u, v)
			return err
		}
	})
	callShape(m, func(t *target) func(A, B, C, D) {
		return func(p A, q B, u C, v D) {
			_, err := invoke4[A, B, C, D, int32](t, nil, p, q, u, v)
			mustCall(err)
		}
	})
	callShape(m, func(t *target) func(context.Context, A, B, C, D) error {
		return func(ctx context.Context, p A, q B, u C, v D) error {
			_, err := invoke4[A, B, C, D, int32](t, ctx, p, q, u, v)
			return err
		}
	})
	hostShape(m, func(f func(A, B, C, D)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			v := cabi.Get[D](&s[3])
			c.leave()
			f(p, q, u, v)
			c.goOn(ex)
			return nil
		}
	})
	hostShape(m, func(f func(A, B, C, D) *Trap) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			v := cabi.Get[D](&s[3])
			c.leave()
			ended := f(p, q, u, v).handOver("cannot return trap twice")
			c.goOn(ex)
			return ended
		}
	})
	hostShape(m, func(f func(*Caller, A, B, C, D)) hostFunc {
		return func(c *Context, ex *cabi.Exec) *cabi.Trap {
			s := ex.HostSlots()
			p := cabi.Get[A](&s[0])
			q := cabi.Get[B](&s[1])
			u := cabi.Get[C](&s[2])
			v := cabi.Get[D](&s[3])
			caller := c.caller(ex)
			c.leave()
			f(caller, p, q, u, v)
			caller.inside = nil
			c.goOn(ex)
			return nil
		}
	})
}

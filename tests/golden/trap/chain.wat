;; call outer 3
(module $chain
  (func $inner (param i32) (result i32)
    (i32.div_u (i32.const 7) (local.get 0)))
  (func $middle (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $middle (i32.sub (local.get 0) (i32.const 1)))))
      (else (call $inner (local.get 0)))))
  (func (export "outer") (param i32) (result i32)
    (call $middle (local.get 0))))

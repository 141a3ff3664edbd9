(module $traps
  (import "" "refuse" (func $refuse))
  (func $deep (export "deep") (call $deep))
  (func $inner (unreachable))
  (func $outer (export "outer") (call $inner))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "host") (call $refuse)))

(module
  (func (export "func") (param i32 f64 externref) (result i64) (i64.const 0))
  (global (export "global") f64 (f64.const 0))
  (global (export "variable") (mut funcref) (ref.null func))
  (table (export "table") 10 20 funcref)
  (memory (export "memory") 1))

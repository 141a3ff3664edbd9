(module
  (memory (export "memory") 1 4)
  (data (i32.const 0) "a guest lives here")
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))

(module
  (memory (export "memory") 2 3)
  (data (i32.const 0x1000) "text")
  (func (export "load") (param i32) (result i32) (i32.load8_s (local.get 0)))
  (func (export "size") (param i32) (result i32) (memory.size)))

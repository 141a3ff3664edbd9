;; call never
(module $starter
  (table 1 funcref)
  (func $boom (drop (table.get 0 (i32.const 1))))
  (func $start (call $boom))
  (func (export "never"))
  (start $start))

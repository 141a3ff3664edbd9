;; call go 1
(module
  (type $t (func (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) $good $other)
  (func $good (type $t) (i32.const 5))
  (func $other (param f32))
  (func $go (export "go") (param i32) (result i32)
    (call_indirect (type $t) (local.get 0))))
;; ---
;; Trap: wasm trap: indirect call type mismatch
;;   0: <unknown>!go (function 2) at 0x3, 0x45

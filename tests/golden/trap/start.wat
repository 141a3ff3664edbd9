;; call never
(module $starter
  (table 1 funcref)
  (func $boom (drop (table.get 0 (i32.const 1))))
  (func $start (call $boom))
  (func (export "never"))
  (start $start))
;; ---
;; Trap: wasm trap: undefined element: out of bounds table access
;;   0: starter!boom (function 0) at 0x3, 0x2f
;;   1: starter!start (function 1) at 0x1, 0x35

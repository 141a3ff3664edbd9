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
;; ---
;; Trap: wasm trap: integer divide by zero
;;   0: chain!inner (function 0) at 0x5, 0x2a
;;   1: chain!middle (function 1) at 0x12, 0x3f
;;   2: chain!middle (function 1) at 0xc, 0x39
;;   3: chain!middle (function 1) at 0xc, 0x39
;;   4: chain!middle (function 1) at 0xc, 0x39
;;   5: chain!<unknown> (function 2) at 0x3, 0x47

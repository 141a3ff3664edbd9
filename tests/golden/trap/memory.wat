;; call read 65533
(module $reader
  (memory 1)
  (func $word (param i32) (result i32)
    (i32.load offset=2 (local.get 0)))
  (func (export "read") (param i32) (result i32)
    (i32.add (call $word (local.get 0)) (i32.const 1))))
;; ---
;; Trap: memory fault at wasm address 0x10000 in linear memory of size 0x10000: wasm trap: out of bounds memory access
;;   0: reader!word (function 0) at 0x3, 0x2b
;;   1: reader!<unknown> (function 1) at 0x3, 0x33

;; set fuel
;; call spin 400
(module $meter
  (func $spin (export "spin") (param i32)
    (loop $l
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $l (local.get 0)))))
;; ---
;; Trap: wasm trap: all fuel consumed by WebAssembly
;;   0: meter!spin (function 0) at 0x1, 0x22
;; fuel left: 0

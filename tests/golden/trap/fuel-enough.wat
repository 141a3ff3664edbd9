;; set fuel
;; call spin 10
(module $meter
  (func $spin (export "spin") (param i32)
    (loop $l
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $l (local.get 0)))))
;; ---
;; []
;; fuel left: 939

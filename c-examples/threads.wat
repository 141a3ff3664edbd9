(module
  (import "host" "progress" (func $progress (param i32)))
  (func (export "sum") (param $n i32) (result i32)
    (local $total i32)
    (loop $next
      (local.set $total (i32.add (local.get $total) (local.get $n)))
      (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 1000)))
        (then (call $progress (local.get $n))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $total)))

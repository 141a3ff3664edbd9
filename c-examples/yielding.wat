(module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (func (export "sum") (param $n i32) (result i32)
    (local $total i32)
    (loop $next
      (local.set $total (i32.add (local.get $total) (call $ask (local.get $n))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $total))
  (func (export "spin") (loop $for_ever (br $for_ever))))

;; Garbage collection: a list that grows at one end and is dropped at the other, and boxed numbers that live for an instant.
(module
  (import "bench" "start" (func $start))
  (import "bench" "end" (func $end))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (type $box (struct (field $value i64)))
  (type $node (struct (field $box (ref $box)) (field $next (mut (ref null $node)))))
  (global $head (mut (ref null $node)) (ref.null $node))
  (global $tail (mut (ref null $node)) (ref.null $node))

  (func $push (param $x i64) (local $n (ref $node))
    (local.set $n (struct.new $node (struct.new $box (local.get $x)) (ref.null $node)))
    (if (ref.is_null (global.get $tail))
      (then (global.set $head (local.get $n)))
      (else (struct.set $node $next (global.get $tail) (local.get $n))))
    (global.set $tail (local.get $n)))

  (func $pop (result i64) (local $n (ref $node))
    (local.set $n (ref.as_non_null (global.get $head)))
    (global.set $head (struct.get $node $next (local.get $n)))
    (struct.get $box $value (struct.get $node $box (local.get $n))))

  (func (export "_start") (local $i i64) (local $sum i64)
    (call $start)
    (loop $fill
      (call $push (local.get $i))
      (br_if $fill (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.const 1000))))
    (loop $turn
      (call $push (local.get $i))
      (local.set $sum (i64.add (local.get $sum) (call $pop)))
      (br_if $turn (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.const 1001000))))
    (call $end)
    (if (i64.ne (local.get $sum) (i64.const 499999500000)) (then (call $exit (i32.const 1))))))

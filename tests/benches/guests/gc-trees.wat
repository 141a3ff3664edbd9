;; Garbage collection: binary trees that are built, walked and dropped.
(module
  (import "bench" "start" (func $start))
  (import "bench" "end" (func $end))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (type $tree (struct (field $left (ref null $tree)) (field $right (ref null $tree))))

  (func $build (param $depth i32) (result (ref $tree))
    (if (result (ref $tree)) (i32.eqz (local.get $depth))
      (then (struct.new $tree (ref.null $tree) (ref.null $tree)))
      (else (struct.new $tree
        (call $build (i32.sub (local.get $depth) (i32.const 1)))
        (call $build (i32.sub (local.get $depth) (i32.const 1)))))))

  (func $count (param $t (ref null $tree)) (result i32)
    (if (result i32) (ref.is_null (local.get $t))
      (then (i32.const 0))
      (else (i32.add (i32.const 1) (i32.add
        (call $count (struct.get $tree $left (local.get $t)))
        (call $count (struct.get $tree $right (local.get $t))))))))

  (func (export "_start") (local $i i32) (local $sum i32) (local $kept (ref null $tree))
    (call $start)
    (local.set $kept (call $build (i32.const 14)))
    (local.set $i (i32.const 150))
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $count (call $build (i32.const 12)))))
      (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (call $end)
    (if (i32.ne (local.get $sum) (i32.const 1228650)) (then (call $exit (i32.const 1))))
    (if (i32.ne (call $count (local.get $kept)) (i32.const 32767)) (then (call $exit (i32.const 2))))))

;; Garbage collection: strings as arrays of bytes that are joined, and arrays of references.
(module
  (import "bench" "start" (func $start))
  (import "bench" "end" (func $end))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (type $string (array (mut i8)))
  (type $vector (array (mut (ref null $string))))

  (func $join (param $a (ref $string)) (param $b (ref $string)) (result (ref $string)) (local $r (ref $string))
    (local.set $r (array.new_default $string (i32.add (array.len (local.get $a)) (array.len (local.get $b)))))
    (array.copy $string $string (local.get $r) (i32.const 0) (local.get $a) (i32.const 0) (array.len (local.get $a)))
    (array.copy $string $string (local.get $r) (array.len (local.get $a)) (local.get $b) (i32.const 0) (array.len (local.get $b)))
    (local.get $r))

  (func $sum (param $v (ref $vector)) (result i32) (local $i i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (array.len (ref.as_non_null (array.get $vector (local.get $v) (local.get $i))))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $v)))))
    (local.get $sum))

  (func (export "_start") (local $i i32) (local $round i32) (local $total i32) (local $v (ref $vector)) (local $s (ref $string))
    (local.set $v (array.new_default $vector (i32.const 256)))
    (call $start)
    (loop $rounds
      (local.set $v (array.new_default $vector (i32.const 256)))
      (local.set $i (i32.const 0))
      (local.set $s (array.new_fixed $string 3 (i32.const 97) (i32.const 98) (i32.const 99)))
      (loop $l
        (array.set $vector (local.get $v) (local.get $i) (local.get $s))
        (local.set $s (call $join (array.new_fixed $string 2 (i32.const 65) (local.get $i)) (local.get $s)))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 256))))
      (local.set $total (i32.add (local.get $total) (call $sum (local.get $v))))
      (br_if $rounds (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 800))))
    (call $end)
    (if (i32.ne (local.get $total) (i32.const 52838400)) (then (call $exit (i32.const 1))))))

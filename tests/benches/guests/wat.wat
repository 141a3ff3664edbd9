;; Idioms that compilers for C do not write: globals in loops, tables that change, br_table, select, bulk memory.
(module
  (import "bench" "start" (func $start))
  (import "bench" "end" (func $end))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (table $t 4 funcref)
  (elem (i32.const 0) $one $two $three $four)
  (type $unary (func (param i32) (result i32)))
  (global $sum (mut i32) (i32.const 0))
  (global $step i32 (i32.const 3))
  (func $one (type $unary) (i32.add (local.get 0) (global.get $step)))
  (func $two (type $unary) (i32.rotl (local.get 0) (i32.const 5)))
  (func $three (type $unary) (i32.xor (local.get 0) (i32.const 0x5bd1e995)))
  (func $four (type $unary) (select (i32.const 1) (local.get 0) (i32.eqz (local.get 0))))

  (func $globals (param $n i32)
    (loop $l
      (global.set $sum (i32.add (i32.mul (global.get $sum) (i32.const 31)) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  (func $tables (param $n i32) (result i32) (local $x i32)
    (loop $l
      (local.set $x (call_indirect $t (type $unary) (local.get $x) (i32.and (local.get $n) (i32.const 3))))
      (if (i32.eqz (i32.and (local.get $n) (i32.const 255)))
        (then (table.set $t (i32.const 1) (table.get $t (i32.and (i32.shr_u (local.get $n) (i32.const 8)) (i32.const 3))))
          (table.set $t (i32.const 0) (ref.func $three))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))

  (func $switches (param $n i32) (result i32) (local $x i32)
    (loop $l
      (block $d (block $c (block $b (block $a
        (br_table $a $b $c $d (i32.and (i32.add (local.get $x) (local.get $n)) (i32.const 3))))
        (local.set $x (i32.add (local.get $x) (i32.const 7))) (br $d))
        (local.set $x (i32.clz (local.get $x))) (br $d))
        (local.set $x (i32.mul (local.get $x) (i32.const 5))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))

  (func $bulk (param $n i32)
    (loop $l
      (memory.fill (i32.const 4096) (local.get $n) (i32.const 8192))
      (memory.copy (i32.const 65536) (i32.const 4096) (i32.const 16000))
      (memory.copy (i32.add (i32.const 70000) (i32.and (local.get $n) (i32.const 15))) (i32.const 65536) (i32.const 24))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  ;; Eight hexadecimal digits of $x to $at.
  (func $hex (param $at i32) (param $x i32) (local $i i32) (local $d i32)
    (local.set $i (i32.const 8))
    (loop $l
      (local.set $d (i32.and (local.get $x) (i32.const 15)))
      (i32.store8 (i32.add (local.get $at) (local.tee $i (i32.sub (local.get $i) (i32.const 1))))
        (i32.add (local.get $d) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $d) (i32.const 10)))))
      (local.set $x (i32.shr_u (local.get $x) (i32.const 4)))
      (br_if $l (local.get $i))))

  (func (export "_start") (local $a i32) (local $b i32)
    (call $start)
    (call $globals (i32.const 30000000))
    (local.set $a (call $tables (i32.const 8000000)))
    (local.set $b (call $switches (i32.const 8000000)))
    (call $bulk (i32.const 20000))
    (call $end)
    (call $hex (i32.const 100) (global.get $sum))
    (call $hex (i32.const 108) (local.get $a))
    (call $hex (i32.const 116) (local.get $b))
    (call $hex (i32.const 124) (i32.load (i32.const 70000)))
    (i32.store8 (i32.const 132) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 100))
    (i32.store (i32.const 4) (i32.const 33))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))

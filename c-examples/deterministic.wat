;; Puts the time, a random word and a line of input behind each other, writes them, and tries to write them again.
(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; One buffer for reading at 0, one for writing at 8.
  (data (i32.const 0) "\50\00\00\00\64\00\00\00\40\00\00\00\00\00\00\00")
  (func $must (param i32) (if (local.get 0) (then unreachable)))
  (func (export "run") (result i32)
    (call $must (call $clock (i32.const 0) (i64.const 0) (i32.const 64)))
    (call $must (call $random (i32.const 72) (i32.const 8)))
    (call $must (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
    (i32.store (i32.const 12) (i32.add (i32.const 16) (i32.load (i32.const 16))))
    (call $must (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
    (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))

(module
  (import "host" "ratio" (global $ratio f32))
  (import "host" "total" (global $total (mut i64)))
  (global $own (export "own") (mut i32) (i32.const 5))
  (export "total" (global $total))
  (func (export "add")
    (global.set $total (i64.add (global.get $total) (i64.trunc_f32_s
      (f32.mul (global.get $ratio) (f32.convert_i32_s (global.get $own))))))
    (global.set $own (i32.const 9))))

(module
  (func (export "collatz") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (local.set 0
        (if (result i32) (i32.and (local.get 0) (i32.const 1))
          (then (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1)))
          (else (i32.shr_u (local.get 0) (i32.const 1)))))
      (br_if 0 (i32.gt_u (local.get 0) (i32.const 1))))
    (local.get 1)))

;;; What a trap needs lives in no register: the loop has all, and only the code goes to the call.
(module (memory 1)
  (func (param i32 i32) (result i32) (local i32)
    (loop $l
      (if (i32.gt_u (local.get 0) (local.get 1)) (then (unreachable)))
      (local.set 2 (i32.add (local.get 2) (i32.load (local.get 0))))
      (br_if $l (local.tee 0 (i32.load offset=4 (local.get 0)))))
    (local.get 2)))

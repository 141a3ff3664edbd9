(module (global $g (mut i32) (i32.const 0)) (global $c i32 (i32.const 40))
  (func (global.set $g (i32.add (global.get $g) (global.get $c)))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   addl $0x28, 0x40(%rdi)
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

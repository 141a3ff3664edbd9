(module
  (func (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.lt_s (local.get 0) (local.get 1)))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   cmpl %edx, %ecx
;;   movq %rdx, %rax
;;   cmovll %ecx, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

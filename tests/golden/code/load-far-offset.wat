;;; An offset that the guard does not cover is checked.
(module (memory 1)
  (func (param i32) (result i32) (i32.load offset=0x4000000 (local.get 0))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   movl %edx, %r10d
;;   uninit  %r9
;;   xorq %r9, %r9
;;   movq 0x40(%rdi), %r11
;;   leaq 0x4000000(%r11, %r10), %r8
;;   cmpq (%rip), %r10
;;   cmovaq %r9, %r8
;;   movl (%r8), %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

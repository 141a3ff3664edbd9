(module
  (import "m" "f" (func $f (param i32)))
  (func (call $f (i32.const 7))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   movq %rdi, 0x18(%rsi)
;;   movq 0x40(%rdi), %r8
;;   movq 0x48(%rdi), %rdi
;;   movl $0x7, %edx
;;   call    *%r8
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

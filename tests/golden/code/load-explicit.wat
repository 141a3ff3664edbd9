;; set explicit
(module (memory 1)
  (func (param i32) (result i32) (i32.load offset=16 (local.get 0))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   movq 0x48(%rdi), %rcx
;;   movq 8(%rcx), %rax
;;   movq (%rcx), %rcx
;;   movl %edx, %esi
;;   leaq 0x14(%rsi), %rdi
;;   uninit  %rdx
;;   xorq %rdx, %rdx
;;   leaq 0x10(%rcx, %rsi), %r11
;;   cmpq %rax, %rdi
;;   cmovaq %rdx, %r11
;;   movl (%r11), %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

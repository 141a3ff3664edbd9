(module (memory 1)
  (func (param i32 i32) (result i32)
    (i32.store offset=16 (local.get 0) (local.get 1))
    (i32.load8_u offset=1000 (local.get 0))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   movq 0x40(%rdi), %rsi
;;   movl %edx, %edi
;;   movl %ecx, 0x10(%rsi, %rdi)
;;   movzbq 0x3e8(%rsi, %rdi), %rax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

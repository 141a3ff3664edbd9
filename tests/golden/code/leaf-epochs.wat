;; set epochs
;; set no-inlining
(module
  (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (param i32) (result i32) (call $leaf (call $leaf (local.get 0)))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   jmp     label1
;; block1:
;;   leal 1(%rdx), %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; defined function 1
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x20, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;;   subq $0x10, %rsp
;;   movq %r12, (%rsp)
;;   movq %r13, 8(%rsp)
;; block0:
;;   movq %rdi, %r13
;;   movl 0x10(%rsi), %edi
;;   movq %rsi, %r12
;;   testl %edi, %edi
;;   jnz     label2; j label1
;; block1:
;;   jmp     label3
;; block3:
;;   movq %r12, %rsi
;;   movq %r13, %rdi
;;   call    User(userextname1)
;;   movq %rax, %rdx
;;   movq %r12, %rsi
;;   movq %r13, %rdi
;;   call    User(userextname1)
;;   movq (%rsp), %r12
;;   movq 8(%rsp), %r13
;;   addq $0x10, %rsp
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block2:
;;   call    User(userextname0)
;;   jmp     label3

(module (table 10 10 funcref) (type $t (func (result i32)))
  (func (param i32) (result i32) (call_indirect (type $t) (local.get 0))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x20, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;;   subq $0x10, %rsp
;;   movq %rbx, (%rsp)
;;   movq %r12, 8(%rsp)
;; block0:
;;   movq %rsi, %rbx
;;   movl %edx, %ecx
;;   cmpq $0xa, %rcx
;;   jnb     label7; j label1
;; block1:
;;   movq 0x40(%rdi), %rax
;;   movq (%rax), %rax
;;   leaq (%rax, %rcx, 8), %rdx
;;   cmpq $0xa, %rcx
;;   cmovaeq %rax, %rdx
;;   movq (%rdx), %rdx
;;   movq %rdx, %rax
;;   andq $0xfffffffffffffffe, %rax
;;   testq %rdx, %rdx
;;   jz      label3; j label2
;; block2:
;;   movq %rdi, %r12
;;   jmp     label4
;; block4:
;;   movl 0x10(%rax), %ecx
;;   movq %r12, %rdi
;;   movq 0x10(%rdi), %rdx
;;   movl (%rdx), %edx
;;   cmpl %edx, %ecx
;;   jnz     label6; j label5
;; block5:
;;   movq (%rax), %rcx
;;   movq 8(%rax), %rdi
;;   movq %r12, %rax
;;   movq %rbx, %rsi
;;   movq %rax, 0x20(%rsi)
;;   call    *%rcx
;;   movq (%rsp), %rbx
;;   movq 8(%rsp), %r12
;;   addq $0x10, %rsp
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block3:
;;   movq 8(%rdi), %rax
;;   movq %rdi, %r12
;;   movq 0x60(%rax), %rax
;;   uninit  %rdx
;;   xorl %edx, %edx
;;   movq %rbx, %rsi
;;   call    *%rax
;;   jmp     label4
;; block6:
;;   movq %rbx, %rsi
;;   movq %r12, %rdi
;;   movq 8(%rdi), %rax
;;   movq (%rax), %rax
;;   movl $0x5, %edx
;;   call    *%rax
;;   ud2
;; block7:
;;   movq %rbx, %rsi
;;   movq %rdi, %r12
;;   movq 8(%rdi), %rax
;;   movq (%rax), %rax
;;   movl $0x3, %edx
;;   call    *%rax
;;   ud2

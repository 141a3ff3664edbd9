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
;;   movq %rsi, %rbx
;;   movq %rdi, %r12
;;   jmp     label4
;; block4:
;;   movl 0x10(%rax), %ecx
;;   movq 0x10(%r12), %rdx
;;   movl (%rdx), %edx
;;   cmpl %edx, %ecx
;;   jnz     label6; j label5
;; block5:
;;   movq (%rax), %rcx
;;   movq 8(%rax), %rdi
;;   movq %r12, 0x18(%rbx)
;;   movq %rbx, %rsi
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
;;   movq 0x58(%rax), %rax
;;   uninit  %rdx
;;   xorl %edx, %edx
;;   movq %rsi, %rbx
;;   call    *%rax
;;   jmp     label4
;; block6:
;;   movl $0x5, %edi
;;   call    User(userextname0)
;;   ud2
;; block7:
;;   movl $0x3, %edi
;;   call    User(userextname0)
;;   ud2

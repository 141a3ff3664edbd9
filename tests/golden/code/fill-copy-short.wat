(module (memory 1)
  (func (param i32 i32) (memory.copy (local.get 0) (local.get 1) (i32.const 24)))
  (func (param i32) (memory.fill (local.get 0) (i32.const 0) (i32.const 16))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   movq %rcx, %rsi
;;   movq 0x48(%rdi), %rax
;;   movq 8(%rax), %rcx
;;   movl %edx, %eax
;;   leaq 0x18(%rax), %rdx
;;   cmpq %rcx, %rdx
;;   jnbe    label4; j label1
;; block1:
;;   movq %rsi, %rdx
;;   movl %edx, %edx
;;   leaq 0x18(%rdx), %rsi
;;   cmpq %rcx, %rsi
;;   jnbe    label3; j label2
;; block2:
;;   movq 0x40(%rdi), %rcx
;;   vmovdqu (%rcx, %rdx), %xmm0
;;   movq 0x10(%rcx, %rdx), %rdx
;;   vmovdqu %xmm0, (%rcx, %rax)
;;   movq %rdx, 0x10(%rcx, %rax)
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block3:
;;   movl $0x1, %edi
;;   call    User(userextname0)
;;   ud2
;; block4:
;;   movl $0x1, %edi
;;   call    User(userextname0)
;;   ud2
;; defined function 1
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   movq 0x48(%rdi), %r10
;;   movq 8(%r10), %r11
;;   movl %edx, %r10d
;;   leaq 0x10(%r10), %rax
;;   cmpq %r11, %rax
;;   jnbe    label2; j label1
;; block1:
;;   uninit  %xmm0
;;   vpxor %xmm0, %xmm0, %xmm0
;;   movq 0x40(%rdi), %rax
;;   vmovdqu %xmm0, (%rax, %r10)
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block2:
;;   movl $0x1, %edi
;;   call    User(userextname0)
;;   ud2

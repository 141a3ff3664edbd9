(module (type $p (struct (field (mut i32)) (field i32)))
  (func (param i32) (result (ref $p)) (struct.new $p (local.get 0) (i32.const 1)))
  (func (param (ref $p)) (result i32) (struct.get $p 0 (local.get 0))))
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
;;   movq %rdx, %r12
;;   movq 0x28(%rdi), %rcx
;;   movl (%rcx), %eax
;;   movl 4(%rcx), %edx
;;   leal 0x10(%rax), %r8d
;;   cmpl %edx, %r8d
;;   jnbe    label2; j label1
;; block1:
;;   leal 0x10(%rax), %edx
;;   movl %edx, (%rcx)
;;   movq %rdi, %rbx
;;   jmp     label3
;; block3:
;;   movq 0x10(%rbx), %rcx
;;   movl (%rcx), %edx
;;   movq 0x30(%rbx), %rcx
;;   movl %eax, %esi
;;   movl %edx, (%rcx, %rsi)
;;   movq %r12, %rdx
;;   movl %edx, 4(%rcx, %rsi)
;;   movl $0x1, 8(%rcx, %rsi)
;;   movq (%rsp), %rbx
;;   movq 8(%rsp), %r12
;;   addq $0x10, %rsp
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block2:
;;   movq 8(%rdi), %rax
;;   movq %rdi, %rbx
;;   movq 0xa0(%rax), %rax
;;   movl $0x10, %edx
;;   call    *%rax
;;   jmp     label3
;; defined function 1
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   movq 0x30(%rdi), %rsi
;;   movl %edx, %edi
;;   movl 4(%rsi, %rdi), %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

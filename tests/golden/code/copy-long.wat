(module (memory 1)
  (func (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   movq %rcx, %r9
;;   movq 0x48(%rdi), %rax
;;   movq 8(%rax), %rcx
;;   movl %edx, %eax
;;   movl %r8d, %edx
;;   leaq (%rax, %rdx), %r8
;;   cmpq %rcx, %r8
;;   jnbe    label4; j label1
;; block1:
;;   movq %r9, %r8
;;   movl %r8d, %r8d
;;   leaq (%r8, %rdx), %r9
;;   cmpq %rcx, %r9
;;   jnbe    label3; j label2
;; block2:
;;   movq 0x40(%rdi), %rcx
;;   leaq (%rcx, %rax), %rdi
;;   leaq (%rcx, %r8), %rsi
;;   load_ext_name %Memmove+0, %rax
;;   call    *%rax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block3:
;;   movq 8(%rdi), %rax
;;   movq (%rax), %rax
;;   movl $0x1, %edx
;;   call    *%rax
;;   ud2
;; block4:
;;   movq 8(%rdi), %rax
;;   movq (%rax), %rax
;;   movl $0x1, %edx
;;   call    *%rax
;;   ud2

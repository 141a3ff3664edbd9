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
;;   leaq (%rax, %rdx), %rsi
;;   cmpq %rcx, %rsi
;;   jnbe    label4; j label1
;; block1:
;;   movq %r9, %rsi
;;   movl %esi, %esi
;;   leaq (%rsi, %rdx), %r8
;;   cmpq %rcx, %r8
;;   jnbe    label3; j label2
;; block2:
;;   movq 0x40(%rdi), %rcx
;;   leaq (%rcx, %rax), %rdi
;;   leaq (%rcx, %rsi), %rsi
;;   load_ext_name %Memmove+0, %rax
;;   call    *%rax
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

(module (type $p (sub (struct (field i32)))) (type $q (sub final $p (struct (field i32) (field i32))))
  (func (param anyref) (result i32) (struct.get $q 1 (ref.cast (ref $q) (local.get 0)))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   testl %edx, %edx
;;   jnz     label2; j label1
;; block2:
;;   testl $0x7, %edx
;;   jnz     label3; j label4
;; block4:
;;   movq 0x30(%rdi), %rax
;;   movl %edx, %ecx
;;   movl (%rax, %rcx), %edx
;;   movq 0x10(%rdi), %rsi
;;   movl 4(%rsi), %esi
;;   cmpl %esi, %edx
;;   jz      label6; j label5
;; block6:
;;   movl 8(%rax, %rcx), %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block1:
;;   jmp     label7
;; block3:
;;   jmp     label7
;; block5:
;;   jmp     label7
;; block7:
;;   movl $0x10, %edi
;;   call    User(userextname0)
;;   ud2

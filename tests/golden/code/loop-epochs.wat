;; set epochs
(module (memory 1)
  (func (param i32 i32)
    (loop $l
      (i32.store8 (local.get 0) (i32.const 0))
      (local.set 0 (i32.add (local.get 0) (local.get 1)))
      (br_if $l (i32.lt_u (local.get 0) (i32.const 8193))))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   movl 0x10(%rsi), %eax
;;   testl %eax, %eax
;;   jnz     label2; j label1
;; block1:
;;   jmp     label3
;; block3:
;;   movq 0x40(%rdi), %rax
;;   jmp     label4
;; block4:
;;   movl 0x10(%rsi), %edi
;;   testl %edi, %edi
;;   jnz     label6; j label5
;; block5:
;;   jmp     label7
;; block7:
;;   uninit  %rdi
;;   xorl %edi, %edi
;;   movl %edx, %r8d
;;   movb %dil, (%rax, %r8)
;;   leal (%rdx, %rcx), %edx
;;   cmpl $0x2001, %edx
;;   jb      label8; j label9
;; block8:
;;   jmp     label4
;; block9:
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block2:
;;   call    User(userextname0)
;;   jmp     label3
;; block6:
;;   call    User(userextname0)
;;   jmp     label7

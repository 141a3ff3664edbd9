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
;;   jmp     label1
;; block1:
;;   movq 0x40(%rdi), %rax
;;   jmp     label2
;; block2:
;;   movl 0x10(%rsi), %edi
;;   testl %edi, %edi
;;   jnz     label4; j label3
;; block3:
;;   jmp     label5
;; block5:
;;   uninit  %rdi
;;   xorl %edi, %edi
;;   movl %edx, %r8d
;;   movb %dil, (%rax, %r8)
;;   leal (%rdx, %rcx), %edx
;;   cmpl $0x2001, %edx
;;   jb      label6; j label7
;; block6:
;;   jmp     label2
;; block7:
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block4:
;;   call    User(userextname0)
;;   jmp     label5

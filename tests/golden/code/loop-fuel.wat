;; set fuel
(module
  (func (param i32)
    (loop $l
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   movq 8(%rsi), %r8
;;   testq %r8, %r8
;;   jnl     label2; j label1
;; block1:
;;   jmp     label3
;; block3:
;;   leaq 1(%r8), %rax
;;   jmp     label4
;; block4:
;;   testq %rax, %rax
;;   jnl     label6; j label5
;; block5:
;;   jmp     label7
;; block7:
;;   subl $0x1, %edx
;;   leaq 5(%rax), %rax
;;   testl %edx, %edx
;;   jnz     label8; j label9
;; block8:
;;   jmp     label4
;; block9:
;;   movq %rax, 8(%rsi)
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block2:
;;   movq 8(%rdi), %rax
;;   movq 0x68(%rax), %rax
;;   call    *%rax
;;   movq 8(%rsi), %r8
;;   jmp     label3
;; block6:
;;   movq 8(%rdi), %rcx
;;   movq 0x68(%rcx), %rcx
;;   movq %rax, 8(%rsi)
;;   call    *%rcx
;;   movq 8(%rsi), %rax
;;   jmp     label7

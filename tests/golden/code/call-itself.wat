;;; A recursion takes itself in once.
(module
  (func $f (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (i32.const 1))
      (else (call $f (i32.sub (local.get 0) (i32.const 1)))))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   cmpl $0x2, %edx
;;   jb      label7; j label1
;; block1:
;;   jmp     label2
;; block2:
;;   movq %rdx, %rax
;;   subl $0x1, %eax
;;   cmpl $0x2, %eax
;;   jb      label4; j label3
;; block3:
;;   subl $0x2, %edx
;;   call    User(userextname0)
;;   jmp     label5
;; block4:
;;   movl $0x1, %eax
;;   jmp     label5
;; block5:
;;   jmp     label6
;; block6:
;;   jmp     label8
;; block7:
;;   movl $0x1, %eax
;;   jmp     label8
;; block8:
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

;;; What a trap needs lives in no register: the loop has all, and only the code goes to the call.
(module (memory 1)
  (func (param i32 i32) (result i32) (local i32)
    (loop $l
      (if (i32.gt_u (local.get 0) (local.get 1)) (then (unreachable)))
      (local.set 2 (i32.add (local.get 2) (i32.load (local.get 0))))
      (br_if $l (local.tee 0 (i32.load offset=4 (local.get 0)))))
    (local.get 2)))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x10, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;; block0:
;;   uninit  %rax
;;   xorl %eax, %eax
;;   movq 0x40(%rdi), %rsi
;;   jmp     label1
;; block1:
;;   cmpl %ecx, %edx
;;   jnbe    label5; j label2
;; block2:
;;   movl %edx, %edx
;;   movl (%rsi, %rdx), %edi
;;   movl 4(%rsi, %rdx), %edx
;;   leal (%rax, %rdi), %eax
;;   testl %edx, %edx
;;   jnz     label3; j label4
;; block3:
;;   jmp     label1
;; block4:
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block5:
;;   movl $0x9, %edi
;;   call    User(userextname0)
;;   ud2

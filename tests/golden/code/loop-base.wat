;;; The base of the memory is loaded before the loop.
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
;; block0:
;;   movq 0x40(%rdi), %r9
;;   jmp     label1
;; block1:
;;   uninit  %r10
;;   xorl %r10d, %r10d
;;   movl %edx, %r11d
;;   movb %r10b, (%r9, %r11)
;;   leal (%rdx, %rcx), %edx
;;   cmpl $0x2001, %edx
;;   jb      label2; j label3
;; block2:
;;   jmp     label1
;; block3:
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

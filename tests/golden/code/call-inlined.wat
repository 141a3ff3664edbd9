(module
  (func $f (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (func (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   imull $0x3, %edx, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; defined function 1
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   jmp     label1
;; block1:
;;   jmp     label2
;; block2:
;;   imull $0x3, %edx, %esi
;;   leal 1(%rsi), %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

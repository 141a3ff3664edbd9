(module
  (func (param i32) (result i32)
    (block $a (block $b (block $c (br_table $a $b $c (local.get 0)))
      (return (i32.const 10))) (return (i32.const 20)))
    (i32.const 30)))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   testl %edx, %edx
;;   jz      label5; j label1
;; block1:
;;   cmpl $0x1, %edx
;;   jz      label4; j label2
;; block2:
;;   jmp     label3
;; block3:
;;   movl $0xa, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block4:
;;   movl $0x14, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block5:
;;   movl $0x1e, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

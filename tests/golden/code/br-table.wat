(module
  (func (param i32) (result i32)
    (block $a (block $b (block $c (block $d (br_table $a $b $c $d $a $b (local.get 0)))
      (return (i32.const 5))) (return (i32.const 10))) (return (i32.const 20)))
    (i32.const 30)))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   movl $0x5, %r8d
;;   movl %edx, %r9d
;;   cmpl %r8d, %r9d
;;   cmovbl %r9d, %r8d
;;   br_table %r8, %rcx, %rax
;; block1:
;;   jmp     label8
;; block2:
;;   jmp     label7
;; block3:
;;   jmp     label8
;; block4:
;;   jmp     label7
;; block5:
;;   movl $0x5, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block6:
;;   movl $0xa, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block7:
;;   movl $0x1e, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block8:
;;   movl $0x14, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

;;; The mask of a shift is what the instruction does anyway.
(module
  (func (param i32 i32) (result i32) (i32.shl (local.get 0) (i32.and (local.get 1) (i32.const 31))))
  (func (param i64 i64) (result i64) (i64.rotr (local.get 0) (i64.const 7))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   andl $0x1f, %ecx
;;   shlxl %ecx, %edx, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; defined function 1
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   rorxq $0x7, %rdx, %rax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

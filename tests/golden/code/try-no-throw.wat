;;; Nothing is done for a handler until something is thrown.
(module (import "m" "f" (func $f)) (tag $e (param i32))
  (func (result i32)
    (block $h (result i32)
      (try_table (catch $e $h) (call $f))
      (i32.const 0))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq (%rsi), %r10
;;   addq $0x50, %r10
;;   cmpq %rsp, %r10
;;   jnbe #trap=stk_ovf
;;   subq $0x40, %rsp
;;   movq %rbx, 0x10(%rsp)
;;   movq %r12, 0x18(%rsp)
;;   movq %r13, 0x20(%rsp)
;;   movq %r14, 0x28(%rsp)
;;   movq %r15, 0x30(%rsp)
;; block0:
;;   movq %rdi, 0x18(%rsi)
;;   movq 0x40(%rdi), %rax
;;   movq %rdi, %rcx
;;   movq 0x48(%rcx), %rdi
;;   movq %rcx, <offset:1>+(%rsp)
;;   call    *%rax; jmp MachLabel(1); catch [context stack0, tag2: MachLabel(3)]
;; block1:
;;   jmp     label2
;; block2:
;;   uninit  %rax
;;   xorl %eax, %eax
;;   jmp     label4
;; block4:
;;   movq 0x10(%rsp), %rbx
;;   movq 0x18(%rsp), %r12
;;   movq 0x20(%rsp), %r13
;;   movq 0x28(%rsp), %r14
;;   movq 0x30(%rsp), %r15
;;   addq $0x40, %rsp
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;; block3:
;;   movl (%rdx), %eax
;;   jmp     label4

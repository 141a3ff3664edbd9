(module (memory 1)
  (func (param i32) (result v128)
    (i32x4.add (v128.load32_splat (local.get 0)) (v128.load offset=16 (local.get 0)))))
;; ---
;; defined function 0
;;   pushq %rbp
;;   movq %rsp, %rbp
;; block0:
;;   movq 0x40(%rdi), %r9
;;   movl %edx, %r10d
;;   movl (%r9, %r10), %r11d
;;   vmovdqu 0x10(%r9, %r10), %xmm0
;;   vmovd %r11d, %xmm1
;;   vpbroadcastd %xmm1, %xmm1
;;   vpaddd %xmm0, %xmm1, %xmm0
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq

;; Asks the host for two numbers, which takes a while, and gives their sum.
(module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (func (export "run") (param i32) (result i32)
    (i32.add (call $ask (local.get 0)) (call $ask (i32.const 30)))))

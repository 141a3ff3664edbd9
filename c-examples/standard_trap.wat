(module
  (import "host" "refuse" (func $refuse (result i32)))
  (func (export "ask") (drop (call $refuse)))
  (func (export "fail") (unreachable)))

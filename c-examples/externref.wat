(module
  (table (export "table") 4 externref)
  (global (export "global") (mut externref) (ref.null extern))
  (func (export "echo") (param externref) (result externref) (local.get 0))
  (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (export "keep") (param externref) (global.set 0 (local.get 0))))

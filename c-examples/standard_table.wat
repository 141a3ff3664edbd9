(module
  (type $unary (func (param i32) (result i32)))
  (table $table (export "table") 2 5 funcref)
  (func (export "pick") (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 0) (local.get 1)))
  (func $twice (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (elem (table $table) (i32.const 1) func $twice))

;; A list of points: structs that refer to each other, and an exception that carries one.
(module
  (type $point (struct (field $x (mut i32)) (field $next (mut eqref))))
  (type $bytes (array (mut i8)))
  (tag $oops (export "oops") (param i32))
  (func (export "point") (param i32 eqref) (result (ref $point))
    (struct.new $point (local.get 0) (local.get 1)))
  (func (export "x") (param (ref null $point)) (result i32) (struct.get $point $x (local.get 0)))
  (func (export "bytes") (param i32) (result anyref) (array.new $bytes (i32.const 300) (local.get 0)))
  (func (export "throw") (param i32) (throw $oops (local.get 0))))

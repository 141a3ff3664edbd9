(module
  (func (export "run") (loop $for_ever (br $for_ever))))

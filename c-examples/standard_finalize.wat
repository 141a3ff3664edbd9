(module (func (export "nothing")))

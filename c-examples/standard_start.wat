(module
  (func $fail (unreachable))
  (func $main (call $fail))
  (start $main))

//! WASI preview 1 as host functions.

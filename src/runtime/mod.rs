//! The safe Rust API; joins compiler and virtual machine.

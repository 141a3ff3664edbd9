//! The operating system: mappings, protection, signals, files, clocks. The single place to port.

pub mod fs;

//! The operating system: mappings, protection, signals, files, clocks. The single place to port.

pub(crate) mod altstack;
pub mod fs;
pub(crate) mod mem;
pub(crate) mod profile;
pub(crate) mod signal;
pub(crate) mod thread;

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
compile_error!("tenon runs on x86-64 Linux only so far: signal contexts (src/sys/signal.rs) and the stack switch (src/vm/asm.rs) must be ported first");

//! What a backtrace looks like once somebody asks for it.

use std::sync::Arc;

/// One guest frame of a backtrace, innermost first in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameInfo {
    /// Index in the function index space of its module.
    pub func_index: u32,
    /// Raw name from the name section; shared with the module.
    pub func_name: Option<Arc<str>>,
    /// Name of the module from the name section.
    pub module_name: Option<Arc<str>>,
    /// Bytes from the start of the function's body, local declarations included; `None` if unknown.
    pub func_offset: Option<usize>,
    /// Bytes from the start of the module; `None` if unknown.
    pub module_offset: Option<usize>,
    /// Where the machine code of its module starts, which tells modules apart; 0 if unknown.
    pub code: usize,
}

/// A recorded stack whose symbols are looked up only when somebody reads it.
pub trait Trace: Send + Sync {
    /// The frames, innermost first. Looked up on the first call and kept.
    fn frames(&self) -> &[FrameInfo];
}

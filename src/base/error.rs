//! The one error type, one word wide.
//!
//! An error is a chain of texts, outermost first ("argument type mismatch" caused by "type mismatch:
//! expected i32, found i64"), a kind with a stable number, and what a trap adds: its code, the raw number if
//! it came from a host, and a trace. The C ABI decides from [`ErrorKind`] whether a caller sees a
//! `wasm_trap_t` or a `wasmtime_error_t`.

use super::{FrameInfo, Trace, TrapCode};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// `Result` with [`Error`].
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// What went wrong, as a stable number: values are only ever appended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum ErrorKind {
    /// The bytes or the text are not a module at all.
    Malformed = 1,
    /// A module that breaks a validation rule.
    Invalid = 2,
    /// Needs a proposal that is switched off, or that this library does not have.
    Unsupported = 3,
    /// Imports missing, too many, or of another type.
    Link = 4,
    /// The guest was stopped; see [`Error::trap_code`].
    Trap = 5,
    /// The guest asked to end with a status; see [`Error::exit_status`].
    Exit = 6,
    /// A host function failed with a message of its own.
    Host = 7,
    /// An argument or value of the wrong type or count.
    Type = 8,
    /// A configured or built-in limit was reached.
    Limit = 9,
    /// A compiled artifact that is damaged, truncated or made for something else.
    Artifact = 10,
    /// The operating system refused.
    Io = 11,
    /// The caller broke a rule of the interface: wrong store, use while busy, bad enumeration value.
    Usage = 12,
    /// A bug in this library, reported instead of a crash.
    Internal = 13,
    /// A guest's exception that nobody caught; it travels in [`Error::payload`].
    Exception = 14,
}

/// What failed, where, what was expected and what was found.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// Outermost context first, root cause last; never empty.
    chain: Vec<String>,
    /// Raw trap number; may be a component-model code made by a host.
    code: Option<u8>,
    exit: Option<i32>,
    offset: Option<usize>,
    trace: Option<Arc<dyn Trace>>,
    payload: Option<Box<dyn Any + Send + Sync>>,
}

impl Error {
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            chain: vec![message.into()],
            code: None,
            exit: None,
            offset: None,
            trace: None,
            payload: None,
        }))
    }

    /// A trap of the engine, `wasm trap: ...` being its text.
    #[cold]
    pub fn trap(code: TrapCode) -> Error {
        let mut e = Error::new(ErrorKind::Trap, format!("wasm trap: {}", code.text()));
        e.0.code = Some(code.as_u8());
        e
    }

    /// A trap from a published code number; `None` if there is no such code.
    pub fn trap_from_number(code: u8) -> Option<Error> {
        let text = TrapCode::text_of(code)?;
        let mut e = Error::new(ErrorKind::Trap, format!("wasm trap: {text}"));
        e.0.code = Some(code);
        Some(e)
    }

    /// The guest's wish to end with `status`.
    #[cold]
    pub fn exit(status: i32) -> Error {
        let mut e = Error::new(ErrorKind::Exit, format!("Exited with i32 exit status {status}"));
        e.0.exit = Some(status);
        e
    }

    /// A host function's own failure.
    #[cold]
    pub fn host(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Host, message)
    }

    /// A broken rule of the interface.
    #[cold]
    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Usage, message)
    }

    /// An exception on its way through the host; `exception` is what guests may catch again.
    #[cold]
    pub fn exception(exception: Box<dyn Any + Send + Sync>) -> Error {
        Error::new(ErrorKind::Exception, "thrown Wasm exception").with_payload(exception)
    }

    /// A bug in this library.
    #[cold]
    pub fn internal(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Internal, message)
    }

    /// Puts `context` in front of the chain: the old text becomes the cause.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Error {
        self.0.chain.insert(0, context.into());
        self
    }

    /// Notes the byte offset in the input that the error is about.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Error {
        self.0.offset = Some(offset);
        self
    }

    /// Attaches the recorded stack, unless there is one already: the innermost knows best.
    #[must_use]
    pub fn with_trace(mut self, trace: Arc<dyn Trace>) -> Error {
        self.0.trace.get_or_insert(trace);
        self
    }

    /// Carries a host's own value (a Go handle, a boxed error) to whoever receives the error.
    #[must_use]
    pub fn with_payload(mut self, payload: Box<dyn Any + Send + Sync>) -> Error {
        self.0.payload = Some(payload);
        self
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Texts, outermost first; the last is the root cause.
    pub fn chain(&self) -> &[String] {
        &self.0.chain
    }

    /// The engine's trap code, if this is a trap with one of the engine's codes.
    pub fn trap_code(&self) -> Option<TrapCode> {
        self.0.code.and_then(TrapCode::from_u8)
    }

    /// The trap's number, including those only a host can make.
    pub fn trap_number(&self) -> Option<u8> {
        self.0.code
    }

    pub fn exit_status(&self) -> Option<i32> {
        self.0.exit
    }

    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// Whether a stack was recorded.
    pub fn has_trace(&self) -> bool {
        self.0.trace.is_some()
    }

    pub fn trace(&self) -> Option<&Arc<dyn Trace>> {
        self.0.trace.as_ref()
    }

    /// The recorded guest frames, innermost first; empty without a trace.
    pub fn frames(&self) -> &[FrameInfo] {
        self.0.trace.as_deref().map_or(&[], |t| t.frames())
    }

    pub fn payload(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.0.payload.as_deref()
    }

    pub fn take_payload(&mut self) -> Option<Box<dyn Any + Send + Sync>> {
        self.0.payload.take()
    }
}

/// The chain in one line, `outer: inner`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, text) in self.0.chain.iter().enumerate() {
            if i > 0 {
                f.write_str(": ")?;
            }
            f.write_str(text)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_one_word() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn context_goes_in_front() {
        let e = Error::new(ErrorKind::Type, "type mismatch").context("argument 0");
        assert_eq!(e.to_string(), "argument 0: type mismatch");
        assert_eq!(e.chain().len(), 2);
    }
}

//! How a command fails: a message and an exit status.

use std::fmt;
use std::io::{self, Write};
use tenon::base::{Error, ErrorKind};

/// A module that cannot be read, compiled or linked, a directory that cannot be opened.
pub(crate) const FAILED: u8 = 1;
/// A command line that makes no sense; `clap` uses the same number.
pub(crate) const USAGE: u8 = 2;
/// The guest was stopped: 128 and the number of SIGABRT, what a shell reports of a native program that aborted.
pub(crate) const STOPPED: u8 = 134;

/// What to say, and the status to leave with.
#[derive(Debug)]
pub(crate) struct Failure {
    status: u8,
    message: String,
}

/// `Result` with [`Failure`].
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl fmt::Display) -> Failure {
        Failure { status: FAILED, message: message.to_string() }
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Failure {
        Failure { status: USAGE, message: message.to_string() }
    }

    /// The guest was stopped by `error`; its trace follows the message.
    pub(crate) fn stopped(message: impl fmt::Display, error: &Error) -> Failure {
        let mut message = message.to_string();
        for (i, frame) in error.frames().iter().enumerate() {
            message.push_str(&format!("\n  {i:>2}: {}", Frame(frame)));
        }
        Failure { status: STOPPED, message }
    }

    /// Adds a line of advice.
    pub(crate) fn hint(mut self, hint: impl fmt::Display) -> Failure {
        self.message.push_str(&format!("\nhint: {hint}"));
        self
    }

    /// Prints the message and gives the status.
    pub(crate) fn report(self) -> u8 {
        // Whoever closed the error stream does not want to know.
        let _ = writeln!(io::stderr(), "error: {}", self.message);
        self.status
    }
}

/// A frame of a trace as one line.
struct Frame<'a>(&'a tenon::base::FrameInfo);

impl fmt::Display for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frame = self.0;
        if let Some(at) = frame.module_offset {
            write!(f, "{at:#8x} ")?;
        }
        write!(f, "{}!", frame.module_name.as_deref().unwrap_or("<module>"))?;
        match frame.func_name.as_deref() {
            Some(name) => f.write_str(name),
            None => write!(f, "<function {}>", frame.func_index),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        match error.kind() {
            ErrorKind::Trap | ErrorKind::Host | ErrorKind::Exception => Failure::stopped(&error, &error),
            _ => Failure::new(error),
        }
    }
}

/// Runs `write` on standard output. A reader that went away is no failure: `tenon inspect x.wasm | head` is fine.
pub(crate) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!("failed to write to stdout: {e}"))),
        _ => Ok(()),
    }
}

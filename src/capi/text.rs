//! The text of errors and traps, in the layout that clients of libwasmtime compare with.

use crate::base::{Error, FrameInfo};
use std::fmt::Write;

/// The whole message: backtrace if there is one, then the causes.
pub(super) fn message(error: &Error) -> String {
    let frames = error.frames();
    if frames.is_empty() {
        let (first, causes) = match error.chain() {
            [] => ("", &[][..]),
            [first, causes @ ..] => (first.as_str(), causes),
        };
        let mut out = first.to_string();
        add_causes(&mut out, causes);
        return out;
    }
    let mut out = String::from("error while executing at wasm backtrace:");
    for (i, frame) in frames.iter().enumerate() {
        add_frame(&mut out, i, frame);
    }
    add_causes(&mut out, error.chain());
    out
}

/// `Caused by:` and the causes, numbered if there are several; nothing if there are none.
fn add_causes(out: &mut String, causes: &[String]) {
    if causes.is_empty() {
        return;
    }
    out.push_str("\n\nCaused by:\n");
    for (i, cause) in causes.iter().enumerate() {
        let (head, indent) = match causes.len() {
            1 => ("    ".to_string(), "    "),
            _ => (format!("{i:>5}: "), "       "),
        };
        out.push_str(&head);
        out.push_str(&cause.replace('\n', &format!("\n{indent}")));
        out.push('\n');
    }
}

/// One line of the backtrace: number, offset in the module, names.
fn add_frame(out: &mut String, number: usize, frame: &FrameInfo) {
    let _ = write!(out, "\n{number:>5}: ");
    if let Some(offset) = frame.module_offset {
        let _ = write!(out, "{:>8} - ", format!("{offset:#x}"));
    }
    let _ = write!(out, "{}!", frame.module_name.as_deref().unwrap_or("<unknown>"));
    let _ = match &frame.func_name {
        Some(name) => write!(out, "{:#}", rustc_demangle::demangle(name)),
        None => write!(out, "<wasm function {}>", frame.func_index),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ErrorKind, Trace, TrapCode};
    use std::sync::Arc;

    struct Fixed(Vec<FrameInfo>);
    impl Trace for Fixed {
        fn frames(&self) -> &[FrameInfo] {
            &self.0
        }
    }

    fn frame(index: u32, name: Option<&str>, offset: usize) -> FrameInfo {
        FrameInfo {
            func_index: index,
            func_name: name.map(Arc::from),
            module_name: None,
            func_offset: Some(1),
            module_offset: Some(offset),
            code: 0,
        }
    }

    #[test]
    fn backtraces_look_like_the_peers() {
        let trace = Fixed(vec![frame(2, Some("bar"), 0x26), frame(1, Some("foo"), 0x21), frame(0, None, 0x1c)]);
        let error = Error::trap(TrapCode::Unreachable).with_trace(Arc::new(trace));
        assert_eq!(
            message(&error),
            "error while executing at wasm backtrace:\n    0:     0x26 - <unknown>!bar\n    1:     \
             0x21 - <unknown>!foo\n    2:     0x1c - <unknown>!<wasm function 0>\n\nCaused by:\n    wasm \
             trap: wasm `unreachable` instruction executed\n"
        );
    }

    #[test]
    fn plain_errors_are_their_text() {
        assert_eq!(message(&Error::host("x")), "x");
        let two = Error::new(ErrorKind::Type, "type mismatch: expected i32, found i64")
            .context("argument type mismatch");
        let text = "argument type mismatch\n\nCaused by:\n    type mismatch: expected i32, found i64\n";
        assert_eq!(message(&two), text);
    }

    #[test]
    fn several_causes_are_numbered() {
        let three = Error::host("c").context("b").context("a");
        assert_eq!(message(&three), "a\n\nCaused by:\n    0: b\n    1: c\n");
    }
}

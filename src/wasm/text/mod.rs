//! The text format, with the spellings that older tools wrote.

mod legacy;

use crate::base::{Error, ErrorKind, Result};
use std::path::Path;
use wast::parser::{ParseBuffer, parse as parse_buffer};

/// Text to binary. Errors name line and column of `text` as it was given.
pub fn parse(text: &[u8]) -> Result<Vec<u8>> {
    parse_named(None, text)
}

/// [`parse`] of a file's contents, whose errors name the file.
pub fn parse_file(path: &Path, text: &[u8]) -> Result<Vec<u8>> {
    parse_named(Some(path), text)
}

fn parse_named(path: Option<&Path>, text: &[u8]) -> Result<Vec<u8>> {
    let text = utf8(text)?;
    // Old spellings are errors in today's format, so a text that is accepted has none.
    let error = match encode(text) {
        Ok(bytes) => return Ok(bytes),
        Err(e) => e,
    };
    let edits = legacy::edits(text);
    if edits.is_empty() {
        return Err(located(&error, error.span().offset(), path, text));
    }
    encode(&edits.apply(text)).map_err(|e| located(&e, edits.original_offset(e.span().offset()), path, text))
}

/// [`parse`] for the specification's spellings only.
pub fn parse_strict(text: &[u8]) -> Result<Vec<u8>> {
    let text = utf8(text)?;
    encode(text).map_err(|e| located(&e, e.span().offset(), None, text))
}

/// Binary as it is, text translated.
pub fn parse_any(bytes: &[u8]) -> Result<Vec<u8>> {
    if bytes.starts_with(b"\0asm") { Ok(bytes.to_vec()) } else { parse(bytes) }
}

fn utf8(text: &[u8]) -> Result<&str> {
    core::str::from_utf8(text).map_err(|e| {
        Error::new(ErrorKind::Malformed, format!("input was not valid utf-8: {e}")).at(e.valid_up_to())
    })
}

fn encode(text: &str) -> core::result::Result<Vec<u8>, wast::Error> {
    let buffer = ParseBuffer::new(text)?;
    parse_buffer::<wast::Wat<'_>>(&buffer)?.encode()
}

/// The parser's message with line, column and excerpt of the user's text.
#[cold]
fn located(e: &wast::Error, offset: usize, path: Option<&Path>, text: &str) -> Error {
    let mut shown = wast::Error::new(wast::token::Span::from_offset(offset), e.message());
    shown.set_text(text);
    if let Some(path) = path {
        shown.set_path(path);
    }
    Error::new(ErrorKind::Malformed, shown.to_string()).at(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(old: &str, new: &str) {
        assert_eq!(parse(old.as_bytes()).unwrap(), parse(new.as_bytes()).unwrap(), "{old}");
    }

    #[test]
    fn old_names_are_understood() {
        same(
            "(module (func (param i32) get_local 0 tee_local 0 set_local 0))",
            "(module (func (param i32) local.get 0 local.tee 0 local.set 0))",
        );
        same(
            "(module (global (mut i32) (i32.const 1)) (func (set_global 0 (get_global 0))))",
            "(module (global (mut i32) (i32.const 1)) (func (global.set 0 (global.get 0))))",
        );
        same("(module (table 1 anyfunc))", "(module (table 1 funcref))");
        same(
            "(module (memory 1) (func (drop (grow_memory (current_memory)))))",
            "(module (memory 1) (func (drop (memory.grow (memory.size)))))",
        );
    }

    #[test]
    fn old_conversions_are_understood() {
        for (old, new, from) in [
            ("i32.trunc_s/f32", "i32.trunc_f32_s", "f32"),
            ("i32.trunc_u:sat/f64", "i32.trunc_sat_f64_u", "f64"),
            ("i32.wrap/i64", "i32.wrap_i64", "i64"),
            ("i64.extend_u/i32", "i64.extend_i32_u", "i32"),
            ("f32.convert_s/i64", "f32.convert_i64_s", "i64"),
            ("f32.demote/f64", "f32.demote_f64", "f64"),
            ("f64.promote/f32", "f64.promote_f32", "f32"),
            ("f64.reinterpret/i64", "f64.reinterpret_i64", "i64"),
        ] {
            let text = |op: &str| format!("(module (func (param {from}) (drop ({op} (local.get 0)))))");
            same(&text(old), &text(new));
        }
    }

    #[test]
    fn folded_if_without_then_is_understood() {
        same(
            "(module (func (if (i32.const 1) (nop))))",
            "(module (func (if (i32.const 1) (then (nop)))))",
        );
        same(
            "(module (func (result i32) (if (result i32) (i32.const 1) (i32.const 2)(i32.const 3))))",
            "(module (func (result i32) (if (result i32) (i32.const 1) (then (i32.const 2)) (else (i32.const 3)))))",
        );
        same(
            "(module (func (if $l (i32.const 1) (if (i32.const 2) (br $l) (nop)) (br 0))))",
            "(module (func (if $l (i32.const 1) (then (if (i32.const 2) (then (br $l)) (else (nop)))) (else (br 0)))))",
        );
    }

    #[test]
    fn strings_and_comments_are_left_alone() {
        same(
            r#"(module (; get_local (; i32.wrap/i64 ;) ;) (func (export "get_local anyfunc") (param i32) get_local 0 drop)) ;; (if (x) (y))"#,
            r#"(module (func (export "get_local anyfunc") (param i32) local.get 0 drop))"#,
        );
    }

    #[test]
    fn errors_point_into_the_users_text() {
        let text = "(module\n  (func (param i32)\n    (if (get_local 0) (nop) (nop)) (bad_op)))";
        let e = parse(text.as_bytes()).unwrap_err();
        assert_eq!(e.offset(), text.find("bad_op"));
        assert!(e.to_string().contains(":3:37"), "{e}");
        let e = parse(b"(module (func (call $missing)))").unwrap_err();
        assert!(e.to_string().contains("missing") && e.to_string().contains(":1:21"), "{e}");
        assert_eq!(parse(&[0xff, 0xfe]).unwrap_err().kind(), ErrorKind::Malformed);
    }

    #[test]
    fn binary_is_for_parse_any_only() {
        let binary = parse(b"(module)").unwrap();
        assert!(parse(&binary).is_err());
        assert!(parse_strict(b"(module (func get_local 0))").is_err());
        assert_eq!(parse_any(&binary).unwrap(), binary);
    }
}

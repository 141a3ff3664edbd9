//! The text format, with the spellings that older tools wrote.

use super::legacy::modernise;
use crate::base::{Error, ErrorKind, Result};
use wast::Wat;
use wast::parser::{self, ParseBuffer};
use wast::token::Span;

/// Text to binary. Errors show line, column and the line itself of `text` as it was given.
pub fn parse(text: &[u8]) -> Result<Vec<u8>> {
    let text = utf8(text)?;
    let first = match wat::parse_str(text) {
        Ok(binary) => return Ok(binary),
        Err(e) => e,
    };
    match modernise(text) {
        None => Err(Error::new(ErrorKind::Malformed, first.to_string())),
        Some(new) => encode(&new.text).map_err(|e| {
            let offset = new.original(e.span().offset());
            let mut moved = wast::Error::new(Span::from_offset(offset), e.message());
            moved.set_text(text);
            Error::new(ErrorKind::Malformed, moved.to_string()).at(offset)
        }),
    }
}

/// [`parse`] for the specification's spellings only.
pub fn parse_strict(text: &[u8]) -> Result<Vec<u8>> {
    wat::parse_str(utf8(text)?).map_err(|e| Error::new(ErrorKind::Malformed, e.to_string()))
}

fn utf8(text: &[u8]) -> Result<&str> {
    core::str::from_utf8(text).map_err(|e| {
        Error::new(ErrorKind::Malformed, format!("input was not valid utf-8: {e}")).at(e.valid_up_to())
    })
}

/// Text or binary to binary: what begins like a binary module is returned as it is.
pub fn parse_any(bytes: &[u8]) -> Result<Vec<u8>> {
    if bytes.starts_with(b"\0asm") { Ok(bytes.to_vec()) } else { parse(bytes) }
}

fn encode(text: &str) -> Result<Vec<u8>, wast::Error> {
    let buffer = ParseBuffer::new(text)?;
    parser::parse::<Wat<'_>>(&buffer)?.encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_spellings_give_the_same_module() {
        let old = "(module (func (param i32) (result i32) (if (result i32) (get_local 0) (i32.const 1) (i32.const 2))))";
        let new = "(module (func (param i32) (result i32)
            (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2)))))";
        assert_eq!(parse(old.as_bytes()).unwrap(), parse(new.as_bytes()).unwrap());
    }

    #[test]
    fn errors_behind_an_insertion_point_into_the_users_text() {
        let text = "(module (func (if (i32.const 1) (nop)) oops))";
        let error = parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.offset(), text.find("oops"));
        assert!(error.to_string().contains(&format!(":1:{}", text.find("oops").unwrap() + 1)), "{error}");
    }
}

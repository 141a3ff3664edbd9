//! The text format, with the spellings that older tools wrote.

use crate::base::{Error, ErrorKind, Result};

/// Text to binary. Errors name line and column of `text` as it was given.
pub fn parse(text: &[u8]) -> Result<Vec<u8>> {
    let text = core::str::from_utf8(text)
        .map_err(|e| Error::new(ErrorKind::Malformed, format!("input is not UTF-8 text: {e}")).at(e.valid_up_to()))?;
    wat::parse_str(text).map_err(|e| Error::new(ErrorKind::Malformed, e.to_string()))
}

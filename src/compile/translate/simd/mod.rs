//! Vectors.

use super::*;
use wasmparser::Operator as Op;

pub(super) fn operator(_t: &mut Translator<'_, '_>, op: &Op<'_>) -> Result<()> {
    Err(super::dispatch::unsupported(op))
}

//! Which operator an instruction belongs to, a few bits per instruction: each function has a run of steps, and each step
//! says how far along the text and how far along the module the next operator begins.
//!
//! A step is a LEB128 number, distance in the text times four plus a kind, and for two of the kinds a second one, the
//! zigzagged distance from the last value of that kind. Runs are read from their start, as only traces ask; whatever their bytes
//! hold, reading ends at the run's end.

use crate::base::{Error, Result};

/// What holds from a step on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Position {
    /// No operator is known.
    None,
    /// Module offset.
    At(u32),
    /// A row of `Section::Inlined`.
    Inlined(u32),
}

const NOTHING: u64 = 0;
const AT: u64 = 1;
const INLINED: u64 = 2;

/// Writes a run.
pub(super) struct Run<'a> {
    out: &'a mut Vec<u8>,
    text: u32,
    at: u32,
    row: u32,
}

impl<'a> Run<'a> {
    /// A run of the function that begins at `text` and whose body begins at `body`, appended to `out`.
    pub(super) fn new(out: &'a mut Vec<u8>, text: u32, body: u32) -> Run<'a> {
        Run { out, text, at: body, row: 0 }
    }

    /// `position` holds from `text` on; texts ascend.
    pub(super) fn push(&mut self, text: u32, position: Position) -> Result<()> {
        let distance = text.checked_sub(self.text).ok_or_else(|| Error::internal("positions are out of order"))?;
        self.text = text;
        let head = u64::from(distance) << 2;
        match position {
            Position::None => put(self.out, head | NOTHING),
            Position::At(at) => {
                put(self.out, head | AT);
                put(self.out, zigzag(i64::from(at) - i64::from(self.at)));
                self.at = at;
            }
            Position::Inlined(row) => {
                put(self.out, head | INLINED);
                put(self.out, zigzag(i64::from(row) - i64::from(self.row)));
                self.row = row;
            }
        }
        Ok(())
    }
}

/// What holds at `key` by the run in `bytes` of the function that begins at `text` and whose body begins at `body`.
pub(super) fn find(mut bytes: &[u8], text: u32, body: u32, key: u32) -> Position {
    let (mut text, mut at, mut row) = (u64::from(text), i64::from(body), 0);
    let mut found = Position::None;
    while let Some(head) = take(&mut bytes) {
        text = text.saturating_add(head >> 2);
        if text > u64::from(key) {
            break;
        }
        let step = match head & 3 {
            NOTHING => Some(Position::None),
            AT => advance(&mut at, &mut bytes).map(Position::At),
            INLINED => advance(&mut row, &mut bytes).map(Position::Inlined),
            _ => None,
        };
        let Some(step) = step else { break };
        found = step;
    }
    found
}

fn advance(value: &mut i64, bytes: &mut &[u8]) -> Option<u32> {
    let n = take(bytes)?;
    *value = value.wrapping_add((n >> 1) as i64 ^ -((n & 1) as i64));
    u32::try_from(*value).ok()
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(n);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_back_from_any_distance() {
        let steps = [
            (7, Position::At(0)),
            (8, Position::At(u32::MAX)),
            (500, Position::Inlined(70_000)),
            (501, Position::None),
            (u32::MAX, Position::Inlined(3)),
        ];
        let mut bytes = Vec::new();
        let mut run = Run::new(&mut bytes, 7, 90);
        for (text, position) in steps {
            run.push(text, position).unwrap();
        }
        assert_eq!(run.push(9, Position::None).unwrap_err().kind(), crate::base::ErrorKind::Internal);
        for (text, position) in steps {
            assert_eq!(find(&bytes, 7, 90, text), position, "{text}");
        }
        assert_eq!(find(&bytes, 7, 90, 6), Position::None);
        assert_eq!(find(&bytes, 7, 90, 499), Position::At(u32::MAX));
    }

    #[test]
    fn a_number_without_end_ends_the_run() {
        assert_eq!(find(&[0x80; 40], 0, 0, 1000), Position::None);
        assert_eq!(find(&[1, 0x80], 0, 0, 1000), Position::None);
    }
}

//! Where a function's code begins, so that its small loops lie well.
//!
//! A processor fetches decoded instructions by lines of 64 bytes. A loop of 30 bytes that straddles two lines needs two
//! fetches per round instead of one. Cranelift does not align loops, but the linker is free to choose among four
//! starts per function, and takes the one at which the fewest small inner loops straddle more lines than they must.

use cranelift_codegen::CompiledCode;

/// Bytes of a line of decoded instructions.
const LINE: u32 = 64;
/// Starts are multiples of this.
pub(super) const STEP: u32 = 16;
/// Loops beyond this size lose little by one line more.
const SMALL: u32 = 4 * LINE;

/// A small loop without loops inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct InnerLoop {
    start: u32,
    end: u32,
    /// Loops around it.
    depth: u32,
}

/// The small inner loops of a function, from the edges between its blocks.
pub(super) fn inner_loops(code: &CompiledCode) -> Vec<InnerLoop> {
    let starts = &code.bb_starts;
    let size = code.buffer.data().len() as u32;
    let end_of = |block: u32| starts.get(starts.partition_point(|&s| s <= block)).copied().unwrap_or(size);
    let spans: Vec<(u32, u32)> =
        code.bb_edges.iter().filter(|(from, to)| to <= from).map(|&(from, to)| (to, end_of(from))).collect();
    let holds = |outer: &(u32, u32), inner: &(u32, u32)| outer != inner && outer.0 <= inner.0 && inner.1 <= outer.1;
    let small = spans.iter().filter(|s| s.1 - s.0 <= SMALL && !spans.iter().any(|other| holds(s, other)));
    small.map(|s| InnerLoop { start: s.0, end: s.1, depth: spans.iter().filter(|o| holds(o, s)).count() as u32 }).collect()
}

/// How far behind `at`, a multiple of [`STEP`], the function is to begin.
pub(super) fn padding(loops: &[InnerLoop], at: u32) -> u32 {
    if loops.is_empty() {
        return 0;
    }
    let choices = (0..LINE / STEP).map(|i| i * STEP);
    choices.min_by_key(|pad| loops.iter().map(|l| cost(l, at + pad)).sum::<u64>()).unwrap_or(0)
}

/// Lines that the loop needs at this start beyond the fewest possible, weighted by how often it is likely to run and
/// by what a line more is to its length.
fn cost(l: &InnerLoop, start: u32) -> u64 {
    let size = l.end - l.start;
    let first = (start + l.start) / LINE;
    let last = (start + l.end - 1) / LINE;
    let extra = last + 1 - first - size.div_ceil(LINE);
    u64::from(extra) * u64::from(SMALL / size.max(8)) * (8 << (3 * l.depth.min(4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_straddles_two_lines_moves_its_function() {
        let inner = InnerLoop { start: 0x30, end: 0x4a, depth: 1 };
        assert_eq!(padding(&[], 0), 0);
        assert_eq!(padding(&[InnerLoop { start: 0, end: 26, depth: 0 }], 0), 0);
        assert_eq!(padding(&[inner], 0), 16);
        assert_eq!(padding(&[inner], 16), 0);
        // Where only one of two can lie well, the deeper one does.
        let other = InnerLoop { start: 0, end: 0x34, depth: 0 };
        assert_eq!(padding(&[other, inner], 0), 16);
        assert_eq!(padding(&[InnerLoop { depth: 1, ..other }, InnerLoop { depth: 0, ..inner }], 0), 0);
    }
}

//! Where a function's code begins, so that its small loops lie well.
//!
//! A processor fetches decoded instructions, and predicts branches, by lines of 64 bytes. A loop of 30 bytes that straddles two lines needs
//! two fetches per round instead of one. And of a line's branches the predictor finds two at a time: behind a third one, counted
//! from the start of the line, a round takes a cycle more, which is half of the time of a loop of five instructions. Cranelift does not
//! align loops, but the linker is free to choose where a function starts, and takes the start at which its small inner loops lose least.

use cranelift_codegen::CompiledCode;

/// Bytes of a line of decoded instructions.
const LINE: u32 = 64;
/// Where functions start that have no say: at multiples of this.
pub(super) const STEP: u32 = 16;
/// Starts that are tried, in this order if they are equally good; the rarer ones only if the code needs no more alignment.
const STARTS: [u32; 16] = [0, 16, 32, 48, 8, 24, 40, 56, 4, 12, 20, 28, 36, 44, 52, 60];
/// Loops beyond this size lose little by one line more.
const SMALL: u32 = 4 * LINE;
/// Branches of a line that are found at once.
const AT_ONCE: usize = 2;
/// Bytes of a jump, which a conditional jump may precede.
const JUMP: u32 = 5;

/// A small loop without loops inside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct InnerLoop {
    start: u32,
    end: u32,
    /// Loops around it.
    depth: u32,
    /// Ascending ends of the branches in it and in the line's length before it.
    branches: Vec<u32>,
}

/// The small inner loops of a function, from the edges between its blocks.
pub(super) fn inner_loops(code: &CompiledCode) -> Vec<InnerLoop> {
    let spans: Vec<(u32, u32)> = code.bb_edges.iter().filter(|(from, to)| to <= from).map(|&(from, to)| (to, end_of(code, from))).collect();
    if spans.is_empty() {
        return Vec::new();
    }
    let holds = |outer: &(u32, u32), inner: &(u32, u32)| outer != inner && outer.0 <= inner.0 && inner.1 <= outer.1;
    let small = spans.iter().filter(|s| s.1 - s.0 <= SMALL && !spans.iter().any(|other| holds(s, other)));
    let branches = branches(code);
    let near = |s: &(u32, u32)| {
        let first = branches.partition_point(|&end| end + LINE <= s.0);
        branches[first..branches.partition_point(|&end| end <= s.1)].to_vec()
    };
    let depth = |s| spans.iter().filter(|o| holds(o, s)).count() as u32;
    small.map(|s| InnerLoop { start: s.0, end: s.1, depth: depth(s), branches: near(s) }).collect()
}

/// Where a block ends that starts at `block`.
fn end_of(code: &CompiledCode, block: u32) -> u32 {
    let starts = &code.bb_starts;
    starts.get(starts.partition_point(|&s| s <= block)).copied().unwrap_or(code.buffer.data().len() as u32)
}

/// Ascending ends of a function's branches, calls and returns among them.
fn branches(code: &CompiledCode) -> Vec<u32> {
    let mut ends: Vec<u32> = code.buffer.call_sites().map(|site| site.ret_addr).collect();
    for &block in &code.bb_starts {
        let end = end_of(code, block);
        let first = code.bb_edges.partition_point(|e| e.0 < block);
        let targets = code.bb_edges[first..].iter().take_while(|e| e.0 == block).map(|e| e.1);
        let (mut next, mut others) = (0, 0);
        for to in targets {
            *(if to == end { &mut next } else { &mut others }) += 1;
        }
        match (next, others) {
            (1, 0) => {}
            // A jump one way, and before it a conditional one the other.
            (0, 2) => ends.extend([end - JUMP, end]),
            _ => ends.push(end),
        }
    }
    ends.sort_unstable();
    ends
}

/// How far behind `at`, a multiple of [`STEP`], the function is to begin. `align` is what the code needs.
pub(super) fn padding(loops: &[InnerLoop], at: u32, align: u32) -> u32 {
    if loops.is_empty() {
        return 0;
    }
    let choices = STARTS.into_iter().filter(|s| s % align == 0);
    choices.min_by_key(|pad| loops.iter().map(|l| l.cost(at + pad)).sum::<u64>()).unwrap_or(0)
}

impl InnerLoop {
    /// What a round loses if the function begins at `start`, in lines beyond the fewest possible and branches that are not found at once,
    /// weighted by how often the loop is likely to run and by what one of them is to its length.
    fn cost(&self, start: u32) -> u64 {
        let size = self.end - self.start;
        let line = |at: u32| (start + at) / LINE;
        let lines = line(self.end - 1) + 1 - line(self.start) - size.div_ceil(LINE);
        let late = (0..self.branches.len()).filter(|&i| {
            let end = self.branches[i];
            end > self.start && i >= AT_ONCE && line(self.branches[i - AT_ONCE] - 1) == line(end - 1)
        });
        (u64::from(lines) + late.count() as u64) * u64::from(SMALL / size.max(8)) * (8 << (3 * self.depth.min(4)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(start: u32, end: u32, depth: u32, branches: &[u32]) -> InnerLoop {
        InnerLoop { start, end, depth, branches: branches.to_vec() }
    }

    #[test]
    fn a_loop_that_straddles_two_lines_moves_its_function() {
        let deep = inner(0x30, 0x4a, 1, &[0x4a]);
        assert_eq!(padding(&[], 0, 16), 0);
        assert_eq!(padding(&[inner(0, 26, 0, &[26])], 0, 16), 0);
        assert_eq!(padding(&[deep.clone()], 0, 16), 16);
        assert_eq!(padding(&[deep.clone()], 16, 16), 0);
        // Where only one of two can lie well, the deeper one does.
        let other = inner(0, 0x34, 0, &[0x34]);
        assert_eq!(padding(&[other.clone(), deep.clone()], 0, 16), 16);
        assert_eq!(padding(&[inner(0, 0x34, 1, &[0x34]), inner(0x30, 0x4a, 0, &[0x4a])], 0, 16), 0);
    }

    #[test]
    fn a_loop_moves_away_from_branches_in_front_of_it() {
        // Two branches in front of the loop and its own in one line.
        let crowded = inner(64 + 30, 64 + 56, 1, &[64 + 10, 64 + 22, 64 + 56]);
        assert_eq!(padding(&[crowded.clone()], 0, 16), 48);
        assert_eq!(padding(&[crowded.clone()], 48, 16), 0);
        // Finer steps are for code that may start anywhere.
        let wide = inner(64 + 14, 64 + 64, 1, &[64 + 4, 64 + 8, 64 + 64]);
        assert_eq!(padding(&[wide.clone()], 0, 16), 0);
        assert_eq!(padding(&[wide], 0, 4), 56);
    }
}

//! `br_table`.
//!
//! Compilers to wasm write one for every `switch`, also where those to machine code would compare: the wasm is shorter. An indirect jump is
//! found later than a conditional one, is foretold worse, and has an index to clamp and a table to read before it. So a table with few runs
//! of equal targets becomes comparisons again.

use super::support::BlockArgs;
use super::*;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockCall, JumpTableData};
use smallvec::SmallVec;
use wasmparser::BrTable;

/// Neighbouring entries with one target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run {
    depth: u32,
    /// The first index behind it.
    end: u32,
}

/// Runs up to which a table becomes comparisons.
const FEW: usize = 3;

impl Translator<'_, '_> {
    pub(super) fn br_table(&mut self, table: &BrTable<'_>) -> Result<()> {
        let index = self.pop();
        let depths = table.targets().collect::<Result<Vec<u32>, _>>().map_err(crate::wasm::invalid)?;
        match few_runs(&depths, table.default()) {
            Some(runs) => self.compare_runs(index, &runs, table.default()),
            None => self.jump_by_table(index, &depths, table.default()),
        }
        self.reachable = false;
        Ok(())
    }

    fn jump_by_table(&mut self, index: Value, depths: &[u32], default: u32) {
        let calls: Vec<BlockCall> = depths.iter().map(|&depth| self.block_call(depth)).collect();
        let default = self.block_call(default);
        let table = self.b.create_jump_table(JumpTableData::new(default, &calls));
        self.b.ins().br_table(index, table);
    }

    fn block_call(&mut self, depth: u32) -> BlockCall {
        let (block, n) = self.target(depth);
        let args: BlockArgs = self.top_args(n);
        BlockCall::new(block, args, &mut self.b.func.dfg.value_lists)
    }

    fn compare_runs(&mut self, index: Value, runs: &[Run], default: u32) {
        let mut start = 0;
        for run in runs {
            // Lower indices have left already.
            let here = if run.end - start == 1 {
                self.b.ins().icmp_imm_u(IntCC::Equal, index, i64::from(start))
            } else {
                self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, index, i64::from(run.end))
            };
            start = run.end;
            let (block, n) = self.target(run.depth);
            let (args, next) = (self.top_args(n), self.b.create_block());
            self.b.ins().brif(here, block, &args, next, &[]);
            self.b.seal_block(next);
            self.b.switch_to_block(next);
        }
        self.br(default);
    }
}

/// The runs of a table without those at its end that go where higher indices go; `None` if they are many.
fn few_runs(depths: &[u32], default: u32) -> Option<SmallVec<[Run; FEW]>> {
    let used = depths.iter().rposition(|&d| d != default).map_or(0, |last| last + 1);
    let (mut runs, mut end) = (SmallVec::new(), 0);
    for run in depths[..used].chunk_by(|a, b| a == b) {
        end += run.len() as u32;
        if runs.len() == FEW {
            return None;
        }
        runs.push(Run { depth: run[0], end });
    }
    Some(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_with_few_runs_are_told_from_others() {
        let runs = |depths: &[u32], default| few_runs(depths, default).map(|r| r.iter().map(|r| (r.depth, r.end)).collect::<Vec<_>>());
        assert_eq!(runs(&[], 0), Some(vec![]));
        assert_eq!(runs(&[4, 4, 4], 4), Some(vec![]));
        assert_eq!(runs(&[0, 1, 2], 3), Some(vec![(0, 1), (1, 2), (2, 3)]));
        assert_eq!(runs(&[0, 0, 5, 5, 1, 5, 5], 5), Some(vec![(0, 2), (5, 4), (1, 5)]));
        assert_eq!(runs(&[0, 1, 0, 1], 1), Some(vec![(0, 1), (1, 2), (0, 3)]));
        assert_eq!(runs(&[0, 1, 2, 3], 4), None);
        assert_eq!(runs(&[7; 60_000], 1), Some(vec![(7, 60_000)]));
    }
}

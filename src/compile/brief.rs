//! Which functions are brief: each call of them is over soon, whatever its arguments.
//!
//! A host may then call them where it must not stay long. The Go packages do so: they spare such calls what keeps
//! Go's scheduler going while a thread is in C, a third of the price of a call.

use smallvec::SmallVec;

/// Operators that a call of a brief function runs at most, those of its callees included. With a cache miss at each, that
/// takes a tenth of a millisecond.
const MOST: u32 = 1000;

/// What a call of one function runs at most, callees left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Effort {
    operators: u32,
    /// Functions of the module, by position among the defined ones, as often as they are called.
    calls: SmallVec<[u32; 4]>,
}

impl Effort {
    pub(super) fn count_operator(&mut self) {
        self.operators = self.operators.saturating_add(1);
    }

    pub(super) fn count_call(&mut self, defined: u32) {
        // What calls more than that is not brief.
        if self.calls.len() <= MOST as usize {
            self.calls.push(defined);
        }
    }
}

/// Tells which functions are brief. `None` stands for a function with loops, or one that calls something unknown.
pub(super) fn brief(efforts: &[Option<&Effort>]) -> Vec<bool> {
    let mut callers: Vec<SmallVec<[u32; 2]>> = vec![SmallVec::new(); efforts.len()];
    for (caller, effort) in (0..).zip(efforts) {
        for &callee in effort.iter().flat_map(|e| &e.calls) {
            callers[callee as usize].push(caller);
        }
    }
    // Callees come before callers, so that functions that call themselves never come.
    let mut open: Vec<usize> = efforts.iter().map(|e| e.map_or(usize::MAX, |e| e.calls.len())).collect();
    let mut ready: Vec<u32> = (0..).zip(&open).filter(|(_, open)| **open == 0).map(|(f, _)| f).collect();
    let mut sums: Vec<Option<u32>> = vec![None; efforts.len()];
    while let Some(f) = ready.pop() {
        sums[f as usize] = efforts[f as usize].and_then(|e| sum(e, &sums));
        for &caller in &callers[f as usize] {
            open[caller as usize] -= 1;
            if open[caller as usize] == 0 {
                ready.push(caller);
            }
        }
    }
    sums.iter().map(Option::is_some).collect()
}

/// Operators with those of the callees, if they are few.
fn sum(effort: &Effort, sums: &[Option<u32>]) -> Option<u32> {
    let add = |sum: u32, callee: &u32| sum.checked_add(sums[*callee as usize]?);
    effort.calls.iter().try_fold(effort.operators, add).filter(|sum| *sum <= MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effort(operators: u32, calls: &[u32]) -> Option<Effort> {
        Some(Effort { operators, calls: SmallVec::from_slice(calls) })
    }

    fn brief_ones(efforts: &[Option<Effort>]) -> Vec<bool> {
        brief(&efforts.iter().map(Option::as_ref).collect::<Vec<_>>())
    }

    #[test]
    fn callees_count_as_often_as_they_are_called() {
        let half = MOST / 2;
        let few = [effort(half, &[]), effort(MOST - half, &[0]), effort(MOST - half + 1, &[0]), effort(1, &[0, 0])];
        assert_eq!(brief_ones(&few), [true, true, false, false]);
    }

    #[test]
    fn who_may_come_back_to_itself_is_not_brief() {
        let funcs = [effort(1, &[1]), effort(1, &[2]), effort(1, &[0]), effort(1, &[3]), effort(1, &[5]), effort(1, &[]), effort(1, &[1])];
        assert_eq!(brief_ones(&funcs), [false, false, false, false, true, true, false]);
    }

    #[test]
    fn who_calls_what_is_not_brief_is_not_either() {
        assert_eq!(brief_ones(&[None, effort(1, &[0]), effort(MOST + 1, &[]), effort(1, &[2])]), [false; 4]);
    }
}

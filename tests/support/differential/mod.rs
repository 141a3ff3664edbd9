//! Differential execution: the same module and calls on Tenon in several setups and on an independent engine must show
//! the same results, traps, globals, memories, tables and fuel.

mod biased;
mod coverage;
mod objects;
mod observe;
mod oracle;
mod rng;
mod smith;
mod subject;

use crate::campaign::findings;
use crate::setup::Setup;
use observe::{Call, End, Observed};
use oracle::Oracle;
pub use rng::Rng;
use std::collections::BTreeSet;
use subject::Subject;
use tenon::layout::MemoryMode;
use tenon::wasm::{Features, Proposal};

/// Where modules come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// wasm-smith, with the proposals that the oracle knows.
    Smith,
    /// wasm-smith with garbage collection and exceptions; Tenon's setups are held against each other.
    SmithGc,
    /// The generator that knows what Tenon optimises.
    Biased,
    /// The generator of objects that live across allocations, calls and exceptions.
    Objects,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Source::Smith => "smith",
            Source::SmithGc => "smith-gc",
            Source::Biased => "biased",
            Source::Objects => "objects",
        }
    }
}

/// How much was done, so that nobody takes idling for success.
#[derive(Default, Debug)]
pub struct Count {
    pub modules: u64,
    /// Modules that the oracle ran, too.
    pub with_oracle: u64,
    /// Calls in all setups of Tenon.
    pub executions: u64,
    /// Calls of the plain setup by how they ended.
    pub returned: u64,
    pub trapped: u64,
    /// Operators of all modules, and traps by their numbers.
    pub operators: BTreeSet<&'static str>,
    pub traps: BTreeSet<u8>,
}

impl Count {
    /// Operators that were compiled, and how many are on.
    pub fn operators(&self) -> (usize, usize) {
        if std::env::var_os("TENON_FUZZ_MISSING").is_some() {
            eprintln!("operators that were not met: {:?}", coverage::missing(&self.operators));
        }
        (self.operators.len(), coverage::enabled())
    }
}

/// Kinds of traps that a guest can bring about without fuel, epochs and threads.
pub const TRAPS: usize = 11;

impl Source {
    /// Whether modules have objects, which the oracle does not know.
    fn has_objects(self) -> bool {
        matches!(self, Source::SmithGc | Source::Objects)
    }
}

/// A module from any of the generators.
pub fn any_module(rng: &mut Rng) -> Vec<u8> {
    let smith = match rng.below(4) {
        0 => None,
        1 => Some(objects::module(rng)),
        which => smith::module(rng, which == 2),
    };
    smith.unwrap_or_else(|| biased::module(rng))
}

pub struct Hunt {
    subjects: Vec<Subject>,
    oracle: Oracle,
    pub count: Count,
}

impl Hunt {
    pub fn new() -> Hunt {
        Hunt { subjects: setups().into_iter().map(Subject::new).collect(), oracle: Oracle::new(), count: Count::default() }
    }

    /// Makes the module of this seed and compares; what differs comes as a message that says how to repeat it.
    pub fn case(&mut self, source: Source, seed: u64) -> Result<(), String> {
        let mut rng = Rng::new(seed);
        let wasm = match source {
            Source::Smith => smith::module(&mut rng, true),
            Source::SmithGc => smith::module(&mut rng, false),
            Source::Biased => Some(biased::module(&mut rng)),
            Source::Objects => Some(objects::module(&mut rng)),
        };
        let Some(wasm) = wasm else { return Ok(()) };
        // In case that it takes the process down.
        std::fs::write(findings().join(format!("running-{}.wasm", source.name())), &wasm).expect("target/ can be written");
        let compared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.compare(source, &wasm, &mut rng)));
        let compared = compared.unwrap_or_else(|_| Err("a panic".into()));
        compared.map_err(|difference| report(source, seed, &wasm, &difference))
    }

    fn compare(&mut self, source: Source, wasm: &[u8], rng: &mut Rng) -> Result<(), String> {
        let plain = &self.subjects[0];
        let plan = plain.plan(wasm, rng, 3).map_err(|e| format!("the module was refused: {e}"))?;
        let calls = &plan.calls;
        let first = plain.observe(wasm, calls);
        coverage::note(wasm, &mut self.count.operators);
        self.count(&first, calls);
        let mut fuelled: Option<Observed> = None;
        for subject in &self.subjects[1..] {
            // A collection at each allocation says something about objects only, and shared stores have none.
            if if source.has_objects() { subject.setup.shared_store } else { subject.setup.config.gc_stress } {
                continue;
            }
            let seen = subject.observe(wasm, calls);
            self.count.executions += calls.len() as u64;
            let name = subject.setup.name;
            if let Some(difference) = first.difference(&seen) {
                return Err(format!("plain against {name}: {difference}\n{calls:x?}"));
            }
            if let Some(difference) = fuelled.as_ref().and_then(|f| f.difference(&seen)) {
                return Err(format!("fuel against {name}: {difference}\n{calls:x?}"));
            }
            if subject.setup.config.tunables.fuel {
                fuelled = Some(seen);
            }
        }
        if source.has_objects() {
            return Ok(());
        }
        let Some(seen) = self.oracle.observe(wasm, &plan) else {
            return Ok(());
        };
        self.count.with_oracle += 1;
        first.difference(&seen).map_or(Ok(()), |d| Err(format!("plain against the oracle: {d}\n{calls:x?}")))
    }

    fn count(&mut self, seen: &Observed, calls: &[Call]) {
        self.count.modules += 1;
        self.count.executions += calls.len() as u64;
        self.count.traps.extend(seen.ends.iter().filter_map(|e| if let End::Trap(code) = e { Some(*code) } else { None }));
        self.count.returned += seen.ends.iter().skip(1).filter(|e| matches!(e, End::Values(_))).count() as u64;
        self.count.trapped += seen.ends.iter().skip(1).filter(|e| matches!(e, End::Trap(_))).count() as u64;
    }
}

/// The setups that change machine code, the plain one first, and two that change several things at once.
fn setups() -> Vec<Setup> {
    let features = Features::default().with(Proposal::WideArithmetic, true).with(Proposal::CustomPageSizes, true);
    let plain = Setup::plain(features);
    let mut bare = Setup { name: "bare", ..plain.clone() };
    bare.config.tunables.opt_level = 0;
    bare.config.tunables.inlining = false;
    bare.config.tunables.fuel = true;
    bare.config.tunables.memory_mode = MemoryMode::Explicit;
    let mut all = Setup { name: "all", ..plain.clone() };
    all.config.tunables.epochs = true;
    all.config.tunables.fuel = true;
    all.config.tunables.memory_mode = MemoryMode::Explicit;
    std::iter::once(plain).chain(Setup::matrix(features)).chain([bare, all]).collect()
}

/// Keeps the module and says where and how to see it again.
fn report(source: Source, seed: u64, wasm: &[u8], difference: &str) -> String {
    let path = findings().join(format!("{}-{seed}.wasm", source.name()));
    let kept = std::fs::write(&path, wasm).map_or_else(|e| e.to_string(), |()| path.display().to_string());
    format!(
        "{difference}\nmodule: {kept}\nrepeat: TENON_FUZZ_SOURCE={} TENON_FUZZ_SEED={seed} TENON_FUZZ_RUNS=1 cargo test --test fuzz",
        source.name()
    )
}

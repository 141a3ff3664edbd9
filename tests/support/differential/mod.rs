//! Differential execution: the same module and calls on Tenon in several setups and on an independent engine must show
//! the same results, traps, globals, memories, tables and fuel.

mod biased;
mod coverage;
mod objects;
mod observe;
mod oracle;
mod peer;
mod rng;
mod smith;
mod subject;

use crate::campaign::findings;
use crate::setup::Setup;
use observe::{Call, End, Observed, Plan};
use oracle::Oracle;
use peer::Peer;
pub use coverage::operators_of;
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
    /// Modules that libwasmtime ran, too; 0 if it is not there.
    pub with_peer: u64,
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
    peer: Option<Peer>,
    pub count: Count,
}

impl Hunt {
    pub fn new() -> Hunt {
        let subjects = setups().into_iter().map(Subject::new).collect();
        Hunt { subjects, oracle: Oracle::new(), peer: Peer::new(), count: Count::default() }
    }

    /// Makes the module of this seed and compares; what differs comes as a message that says how to repeat it.
    pub fn case(&mut self, source: Source, seed: u64) -> Result<(), String> {
        self.choose(source, Rng::new(seed), &format!("{}-{seed}", source.name())).map_err(|difference| {
            let name = source.name();
            format!("{difference}\nrepeat: TENON_FUZZ_SOURCE={name} TENON_FUZZ_SEED={seed} TENON_FUZZ_RUNS=1 cargo test --test fuzz")
        })
    }

    /// Makes the module that is chosen and compares; one that shows a difference is kept by this name.
    pub fn choose(&mut self, source: Source, mut rng: Rng, name: &str) -> Result<(), String> {
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
        compared.map_err(|difference| format!("{difference}\nmodule: {}", keep(name, &wasm)))
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
        self.ask_others(source, wasm, &plan, &first).map_err(|difference| format!("{difference}\n{calls:x?}"))
    }

    /// Holds what Tenon did against what other engines do.
    fn ask_others(&mut self, source: Source, wasm: &[u8], plan: &Plan, first: &Observed) -> Result<(), String> {
        let interpreted = if source.has_objects() { None } else { self.oracle.observe(wasm, plan) };
        if let Some(seen) = interpreted {
            self.count.with_oracle += 1;
            first.difference(&seen).map_or(Ok(()), |d| Err(format!("plain against the oracle: {d}")))?;
        }
        if let Some(seen) = self.peer.as_mut().and_then(|peer| peer.observe(wasm, plan)) {
            self.count.with_peer += 1;
            first.difference(&seen).map_or(Ok(()), |d| Err(format!("plain against libwasmtime: {d}")))?;
        }
        Ok(())
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

/// Keeps a module and says where.
fn keep(name: &str, wasm: &[u8]) -> String {
    let path = findings().join(format!("{name}.wasm"));
    std::fs::write(&path, wasm).map_or_else(|e| e.to_string(), |()| path.display().to_string())
}

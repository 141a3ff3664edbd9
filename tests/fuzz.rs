//! The machines that hunt for faults in the engine, a sample of each that is the same each time. The settings are those of
//! `support/campaign.rs`; `TENON_FUZZ_SOURCE=name` picks one machine, as does the name of its test.

#[path = "support/artifact.rs"]
mod artifact;
#[path = "support/campaign.rs"]
mod campaign;
#[path = "support/differential/mod.rs"]
mod differential;
#[path = "support/edits.rs"]
mod edits;
#[path = "support/operators/mod.rs"]
mod operators;
#[path = "support/parsers/mod.rs"]
mod parsers;
#[path = "support/reuse/mod.rs"]
mod reuse;
#[path = "support/setup.rs"]
mod setup;
#[path = "support/threads/mod.rs"]
mod threads;

use campaign::Campaign;
use differential::{Count, Hunt, Rng, Source};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether the machine of this name may run.
fn picked(name: &str) -> bool {
    std::env::var("TENON_FUZZ_SOURCE").map_or(true, |picked| picked.is_empty() || picked == name)
}

/// Runs the cases of one machine; a panic is a finding, too. `None` if another machine was picked.
fn run(name: &str, sample: u64, mut case: impl FnMut(u64) -> Result<(), String>) -> Option<Campaign> {
    let mut campaign = picked(name).then(|| Campaign::new(name, sample))?;
    while let Some(seed) = campaign.next_seed() {
        let done = catch_unwind(AssertUnwindSafe(|| case(seed)));
        if let Err(fault) = done.unwrap_or_else(|_| Err(format!("a panic; repeat: TENON_FUZZ_SEED={seed} TENON_FUZZ_RUNS=1"))) {
            campaign.finding(fault);
        }
        // At least; in the end the machine says what it has done.
        campaign.executions += 1;
    }
    Some(campaign)
}

/// Runs the cases of one source and fails if any differs.
fn hunt(source: Source, runs: u64) -> Option<Count> {
    if !picked(source.name()) {
        return None;
    }
    let mut campaign = Campaign::new(source.name(), runs);
    let mut hunt = Hunt::new();
    while let Some(seed) = campaign.next_seed() {
        if let Err(difference) = hunt.case(source, seed) {
            campaign.finding(difference);
        }
        campaign.executions = hunt.count.executions;
    }
    campaign.covered("modules that the oracle ran", hunt.count.with_oracle as usize, hunt.count.modules as usize);
    campaign.covered("modules that libwasmtime ran", hunt.count.with_peer as usize, hunt.count.modules as usize);
    let (operators, enabled) = hunt.count.operators();
    campaign.covered("operators", operators, enabled);
    campaign.covered("kinds of traps", hunt.count.traps.len(), differential::TRAPS);
    campaign.covered("calls that returned", hunt.count.returned as usize, (hunt.count.returned + hunt.count.trapped) as usize);
    campaign.close();
    let named = std::env::var_os("TENON_FUZZ_LIBWASMTIME").is_some_and(|name| !name.is_empty());
    assert!(!named || hunt.count.with_peer * 2 >= hunt.count.modules, "libwasmtime refuses most modules: {:?}", hunt.count);
    Some(hunt.count)
}

#[test]
fn smith_modules_run_the_same_everywhere() {
    let Some(count) = hunt(Source::Smith, 60) else {
        return;
    };
    assert!(count.with_oracle * 2 >= count.modules, "the oracle refuses most modules: {count:?}");
}

#[test]
fn smith_modules_with_objects_run_the_same_in_every_setup() {
    hunt(Source::SmithGc, 40);
}

#[test]
fn biased_modules_run_the_same_everywhere() {
    let Some(count) = hunt(Source::Biased, 100) else {
        return;
    };
    assert_eq!(count.with_oracle, count.modules, "the oracle must know all that the generator makes");
    assert!(count.returned > count.trapped, "too many modules only trap: {count:?}");
}

#[test]
fn objects_survive_collections_at_every_allocation() {
    let Some(count) = hunt(Source::Objects, 10) else {
        return;
    };
    assert!(count.returned > count.trapped, "too many modules only trap: {count:?}");
}

/// Sets of operands for each operator.
const OPERANDS: usize = 6;

#[test]
fn operators_do_what_the_model_does() {
    let mut machine = operators::Machine::new();
    let all = machine.operators();
    let mut ran = std::collections::BTreeSet::new();
    let campaign = run("operators", all as u64, |seed| {
        ran.insert(seed as usize % all);
        machine.case(seed, OPERANDS)
    });
    let Some(mut campaign) = campaign else { return };
    campaign.executions = machine.executions();
    campaign.covered("operators", ran.len(), all);
    campaign.covered("calls that trapped", machine.traps() as usize, machine.executions() as usize);
    campaign.close();
}

/// Operators of numbers and memory that the tables leave out: they have no value of their own, or their tests are elsewhere.
const NOT_IN_THE_TABLES: &[(&str, &[&str])] = &[
    ("every form of every operator has constants", &["I32Const", "I64Const", "F32Const", "F64Const", "V128Const"]),
    ("need other threads, see `threads`", &["MemoryAtomicNotify", "MemoryAtomicWait32", "MemoryAtomicWait64", "AtomicFence"]),
    ("sizes are what the machines of `reuse` look at", &["MemorySize", "MemoryGrow"]),
    (
        "control, locals and globals, which the generators of `differential` make",
        &[
            "Unreachable", "Nop", "Block", "Loop", "If", "Else", "End", "Br", "BrIf", "BrTable", "Return", "Call", "CallIndirect", "Drop",
            "Select", "LocalGet", "LocalSet", "LocalTee", "GlobalGet", "GlobalSet",
        ],
    ),
];

#[test]
fn the_tables_of_operators_are_complete() {
    let proposals = ["mvp", "sign_extension", "saturating_float_to_int", "simd", "relaxed_simd", "threads", "wide_arithmetic"];
    let known = differential::operators_of(&proposals);
    let (names, left_out) = (operators::names(), NOT_IN_THE_TABLES.iter().flat_map(|(_, ops)| *ops).copied());
    let listed: Vec<&str> = names.iter().copied().chain(left_out).collect();
    let missing: Vec<_> = known.iter().filter(|op| !listed.contains(op)).collect();
    let strange: Vec<_> = listed.iter().filter(|op| !known.contains(op)).collect();
    let twice: Vec<_> = listed.iter().enumerate().filter(|(i, op)| listed[..*i].contains(op)).collect();
    assert!(missing.is_empty() && strange.is_empty() && twice.is_empty(), "missing: {missing:?}, unknown: {strange:?}, twice: {twice:?}");
}

#[test]
fn artifacts_that_were_changed_are_refused() {
    /// Mutations of a case.
    const COPIES: u64 = 100;
    let (compiler, image) = artifact::sample();
    let (original, fingerprint) = (image.as_bytes(), compiler.fingerprint());
    let (mut done, mut accepted) = (0, 0);
    let campaign = run("artifacts", 50, |seed| {
        for number in seed * COPIES..(seed + 1) * COPIES {
            artifact::check_mutation(number, original, fingerprint)?;
            accepted += usize::from(artifact::check_sealed(number, original, fingerprint, number % 8 == 0)?);
            done += 2;
        }
        Ok(())
    });
    let Some(mut campaign) = campaign else { return };
    campaign.executions = done;
    campaign.covered("sealed mutations that load", accepted, done as usize / 2);
    campaign.close();
}

/// Ends the campaign of a parser.
fn close(campaign: Option<Campaign>, machine: &parsers::Parsers) {
    let Some(mut campaign) = campaign else { return };
    campaign.executions = machine.executions;
    campaign.covered("inputs that are valid", machine.valid as usize, machine.executions as usize);
    campaign.close();
}

#[test]
fn binaries_that_were_changed_are_refused_or_valid_to_the_reference() {
    let mut machine = parsers::Parsers::new();
    let campaign = run("binary", 40, |seed| machine.mutated_binaries(seed, 25));
    close(campaign, &machine);
}

#[test]
fn texts_that_were_changed_are_refused_or_valid_to_the_reference() {
    let mut machine = parsers::Parsers::new();
    let campaign = run("text", 40, |seed| machine.mutated_texts(seed, 25));
    close(campaign, &machine);
}

#[test]
fn reused_places_show_nothing_of_earlier_tenants() {
    let mut machine = reuse::Machine::new();
    let campaign = run("reuse", 40, |seed| machine.case(seed));
    let Some(mut campaign) = campaign else { return };
    campaign.executions = machine.tenants;
    campaign.covered("tenants that grew", machine.grew as usize, machine.tenants as usize);
    campaign.covered("tenants that trapped", machine.trapped as usize, machine.tenants as usize);
    campaign.close();
}

#[test]
fn threads_come_to_the_same_in_every_order() {
    let mut machine = threads::Machine::new();
    let campaign = run("threads", 12, |seed| machine.case(seed));
    let Some(mut campaign) = campaign else { return };
    campaign.executions = machine.calls;
    campaign.covered("calls in a store that threads share", machine.in_one_store as usize, machine.calls as usize);
    campaign.close();
}

#[test]
fn bytes_choose_as_seeds_do() {
    let mut rng = Rng::from_bytes(&[3, 1, 2]);
    assert_eq!((rng.below(10), rng.bytes(2)), (3, vec![1, 2]), "bytes are taken in their order, as many as are needed");
    let (compiler, image) = artifact::sample();
    assert_eq!(edits::edited(image.as_bytes(), &[]), image.as_bytes());
    let mut hunt = Hunt::new();
    let mut rng = Rng::new(1);
    for len in 0..10 {
        let bytes = rng.bytes(len * 50);
        edits::check_bytes(bytes.clone(), compiler.fingerprint()).expect("bytes are refused");
        edits::check_bytes(edits::edited(image.as_bytes(), &bytes), compiler.fingerprint()).expect("edits are refused or do nothing");
        hunt.choose(Source::Biased, Rng::from_bytes(&bytes), "bytes").expect("the module runs the same everywhere");
    }
    assert_eq!(hunt.count.modules, 10);
}

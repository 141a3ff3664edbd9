//! Differential execution, a sample of it that is the same each time. `TENON_FUZZ_RUNS=n` makes n modules of each
//! source, `TENON_FUZZ_SECONDS=n` stops each after that time, `TENON_FUZZ_SEED=n` starts with that one,
//! `TENON_FUZZ_SOURCE=name` picks one source. If a guest takes the process down, `target/findings/running-*` says which
//! module it was.

#[path = "support/differential/mod.rs"]
mod differential;
#[path = "support/setup.rs"]
mod setup;

use differential::{Count, Hunt, Source, findings};
use std::io::Write;
use std::time::{Duration, Instant};

/// Differences shown; the modules of all are kept.
const SHOWN: usize = 20;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|e| panic!("{name}={text}: {e}")))
}

/// Runs the cases of one source and fails if any differs.
fn hunt(source: Source, runs: u64) -> Option<Count> {
    let picked = std::env::var("TENON_FUZZ_SOURCE").unwrap_or_default();
    if !picked.is_empty() && picked != source.name() {
        return None;
    }
    let (first, runs) = (number("TENON_FUZZ_SEED", 1), number("TENON_FUZZ_RUNS", runs));
    let end = Instant::now() + Duration::from_secs(number("TENON_FUZZ_SECONDS", 3600));
    let mut hunt = Hunt::new();
    let running = findings().join(format!("running-{}", source.name()));
    let mut differences = Vec::new();
    for seed in (first..first + runs).take_while(|_| Instant::now() < end) {
        std::fs::write(&running, seed.to_string()).expect("target/ can be written");
        if let Err(difference) = hunt.case(source, seed) {
            eprintln!("{}: {difference}\n", source.name());
            differences.push(seed);
            if differences.len() >= SHOWN {
                break;
            }
        }
    }
    let _ = std::fs::remove_file(running);
    // Not through `print!`, which the test harness keeps to itself when all is well.
    let _ = writeln!(std::io::stderr(), "fuzz {}: {:?}", source.name(), hunt.count);
    assert!(differences.is_empty(), "{}: seeds with differences: {differences:?}", source.name());
    assert_ne!(hunt.count.modules, 0, "{}: nothing was compared", source.name());
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

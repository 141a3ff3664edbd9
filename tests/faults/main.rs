//! A host that fails: system calls that answer with errors, limits, full disks, signals at any moment, forks. Each time
//! there is an error or a trap that says what failed, and the process goes on.
//!
//! Whatever may take a process down runs in one of its own: this program again, with `TENON_FAULTS_CASE` set.

mod child;
mod forks;
mod inject;
mod limits;
mod place;
mod scenarios;
mod storms;
mod vanish;
mod wasi_guest;

#[path = "../support/campaign.rs"]
#[allow(dead_code)] // the directory of findings is for machines that keep inputs
mod campaign;

use campaign::Campaign;
use std::collections::BTreeSet;

/// Seeds that make each scenario's calls fail one by one, and with all that follow.
const SWEEPS: u64 = 2 * scenarios::SCENARIOS.len() as u64;

/// How the case of a seed is written.
fn case_of(seed: u64) -> String {
    let which = (seed - 1) % scenarios::SCENARIOS.len() as u64;
    let how = match seed - 1 {
        n if n < SWEEPS / 2 => "each",
        n if n < SWEEPS => "onwards",
        n if n % 40 == 39 => "storm",
        n if n % 2 == 0 => "chance",
        _ => "fresh",
    };
    format!("{how} {which} {seed}")
}

#[test]
fn every_call_of_the_system_may_fail() {
    if child::is_child() {
        return;
    }
    let mut campaign = Campaign::new("faults", SWEEPS + 13);
    let mut reached = BTreeSet::new();
    while let Some(seed) = campaign.next_seed() {
        let case = case_of(seed);
        match child::run(&case) {
            Ok(report) => {
                campaign.executions += report.failed;
                reached.extend(report.names);
            }
            Err(what) => campaign.finding(format!("TENON_FAULTS_CASE=\"{case}\": {what}")),
        }
    }
    campaign.covered("system calls made to fail", reached.len(), inject::CALLS.len());
    let missed: Vec<_> = inject::CALLS.iter().map(|c| c.name).filter(|n| !reached.contains(*n)).collect();
    println!("never reached: {missed:?}");
    campaign.close();
}

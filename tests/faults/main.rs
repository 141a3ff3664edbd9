//! A host that fails: system calls that answer with errors, limits, full disks, signals at any moment, forks. Each time
//! there is an error or a trap that says what failed, and the process goes on.
//!
//! Whatever may take a process down runs in one of its own: this program again, with `TENON_FAULTS_CASE` set.

mod causes;
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
#[path = "../support/seccomp.rs"]
mod seccomp;

use campaign::Campaign;
use std::collections::{BTreeMap, BTreeSet};

const SCENARIOS: u64 = scenarios::SCENARIOS.len() as u64;
/// Seeds of a campaign that make each scenario's calls fail one by one, and with all that follow.
const SWEEPS: u64 = 2 * SCENARIOS;

/// How the case of a seed is written.
fn case_of(seed: u64) -> String {
    let which = (seed - 1) % SCENARIOS;
    let how = match seed - 1 {
        n if n < SCENARIOS => "each",
        n if n < SWEEPS => "onwards",
        n if n % 40 == 39 => "storm",
        n if n % 2 == 0 => "chance",
        _ => "fresh",
    };
    format!("{how} {which} {seed}")
}

/// What came of all cases.
#[derive(Default)]
struct Reached {
    names: BTreeSet<String>,
    /// By scenario: how many of its calls failed alone, of how many.
    alone: BTreeMap<u64, (u64, u64)>,
}

impl Reached {
    fn add(&mut self, seed: u64, report: child::Report) {
        self.names.extend(report.names);
        let of = self.alone.entry((seed - 1) % SCENARIOS).or_default();
        *of = (of.0.max(report.alone), of.1.max(report.calls));
    }

    fn missed(&self) -> Vec<&'static str> {
        inject::CALLS.iter().map(|c| c.name).filter(|n| !self.names.contains(*n)).collect()
    }

    fn tell(&self, campaign: &mut Campaign) {
        campaign.covered("kinds of calls", self.names.len(), inject::CALLS.len());
        let (alone, calls) = self.alone.values().fold((0, 0), |sum, of| (sum.0 + of.0.min(of.1), sum.1 + of.1));
        campaign.covered("calls that failed alone", alone as usize, calls as usize);
    }
}

/// Each call of each scenario fails with each of its errors, alone and with all that follow. A campaign goes on by chance.
#[test]
fn every_call_of_the_system_may_fail() {
    if child::is_child() {
        return;
    }
    let mut campaign = Campaign::new("faults", SWEEPS);
    let mut reached = Reached::default();
    let mut last = 0;
    while let Some(seed) = campaign.next_seed() {
        let case = case_of(seed);
        last = seed;
        match child::run(&case) {
            Ok(report) => {
                campaign.executions += report.failed;
                reached.add(seed, report);
            }
            Err(what) => campaign.finding(format!("TENON_FAULTS_CASE=\"{case}\": {what}")),
        }
    }
    reached.tell(&mut campaign);
    if last >= SCENARIOS && campaign::setting("TENON_FUZZ_SEED").unwrap_or(1) == 1 {
        let missed = reached.missed();
        assert!(missed.is_empty(), "no scenario makes these calls: {missed:?}");
    }
    campaign.close();
}

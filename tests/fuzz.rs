//! Differential execution, a sample of it that is the same each time. The settings are those of `support/campaign.rs`;
//! `TENON_FUZZ_SOURCE=name` picks one source.

#[path = "support/campaign.rs"]
mod campaign;
#[path = "support/differential/mod.rs"]
mod differential;
#[path = "support/setup.rs"]
mod setup;

use campaign::Campaign;
use differential::{Count, Hunt, Source};

/// Runs the cases of one source and fails if any differs.
fn hunt(source: Source, runs: u64) -> Option<Count> {
    let picked = std::env::var("TENON_FUZZ_SOURCE").unwrap_or_default();
    if !picked.is_empty() && picked != source.name() {
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
    eprintln!("{}: {:?}", source.name(), hunt.count);
    campaign.close();
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

//! Paths and descriptors against a model, a sample of it in every run. The settings are those of `support/campaign.rs`;
//! a case is an episode on one tree. `TENON_FUZZ_DIR` says where the trees grow.

#[path = "support/campaign.rs"]
mod campaign;
#[path = "support/paths/mod.rs"]
mod paths;
#[path = "support/seccomp.rs"]
mod seccomp;

use campaign::Campaign;
use paths::run::{EPISODE, Tally};
use paths::{causes, race, run};
use std::process::Command;

/// In the environment of a test that has to live without `openat2`.
const OLD_KERNEL: &str = "TENON_FUZZ_OLD_KERNEL";

/// Operations that show whether what is made up is worth comparing.
const TELLING: u64 = 10_000;

/// Operations of a guest while another one moves what it goes through.
const PASSAGES: usize = 5_000;

#[test]
fn paths_and_descriptors_agree_with_the_model() {
    let old = std::env::var_os(OLD_KERNEL).is_some();
    if old {
        forget_openat2();
        run::WALKED_BY_HAND.store(true, std::sync::atomic::Ordering::Relaxed);
    }
    causes::replay_all();
    let mut campaign = Campaign::new(if old { "paths-old-kernel" } else { "paths" }, 34);
    let mut tally = Tally::default();
    while let Some(seed) = campaign.next_seed() {
        if let Err(divergence) = run::case(seed, &mut tally) {
            campaign.finding(divergence);
        }
        campaign.executions = tally.total();
    }
    let (both, kinds) = tally.both_ways();
    campaign.covered("operations that succeeded and failed", both, kinds);
    let telling = campaign.executions >= TELLING;
    println!("how often each operation came to which error (0: none):\n{tally}");
    campaign.close();
    if telling {
        tally.assert_balanced();
    }
}

#[test]
fn they_agree_on_kernels_without_openat2() {
    let me = std::env::current_exe().expect("this program");
    let test = ["--exact", "paths_and_descriptors_agree_with_the_model"];
    let out = Command::new(me).args(test).env(OLD_KERNEL, "1").output().expect("a second process");
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
}

#[test]
fn two_guests_on_one_tree_stay_inside() {
    let mut campaign = Campaign::new("paths-race", 7);
    let mut well = 0;
    while let Some(seed) = campaign.next_seed() {
        well += race::any_operations(seed, EPISODE);
        campaign.executions += 2 * EPISODE as u64;
    }
    let done = campaign.executions;
    campaign.covered("operations that succeeded", well, done as usize);
    campaign.close();
    assert!(well as u64 * 10 > done, "hardly anything succeeded: {well} of {done}");
}

#[test]
fn a_link_that_appears_under_way_leads_nowhere() {
    let mut campaign = Campaign::new("paths-link", 5);
    let (mut inside, mut refused) = (0, 0);
    while let Some(seed) = campaign.next_seed() {
        let (found, closed) = race::through_a_moving_link(seed, PASSAGES);
        (inside, refused) = (inside + found, refused + closed);
        campaign.executions += PASSAGES as u64;
    }
    campaign.covered("ways that led inside", inside, inside + refused);
    campaign.close();
    assert!(inside > 0 && refused > 0, "the link was always or never there: {inside} {refused}");
}

/// Lets the kernel deny this thread that it knows `openat2`, as old ones do.
fn forget_openat2() {
    seccomp::deny(&[libc::SYS_openat2], libc::ENOSYS);
    // SAFETY: no pointer of the call is read before the number is looked at.
    let answer = unsafe { libc::syscall(libc::SYS_openat2, 0, 0, 0, 0) };
    assert!(answer == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ENOSYS), "openat2 is still there");
}

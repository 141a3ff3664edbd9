//! The processes in which things fail, and what they report.

use crate::inject::{self, CALLS, Plan, Seen};
use crate::place::Place;
use crate::scenarios::{SCENARIOS, Scenario};
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use tenon::base::{Result, TrapCode};

const CASE: &str = "TENON_FAULTS_CASE";
/// Seconds until a process counts as hanging, counted anew for each run of a scenario.
const PATIENCE: u32 = 60;
/// The first errors of each kind are shown on request.
const SHOW: &str = "TENON_FAULTS_SHOW";

pub fn is_child() -> bool {
    std::env::var_os(CASE).is_some()
}

/// What a process says at its end.
pub struct Report {
    pub failed: u64,
    /// Calls of a run in which nothing fails, and how many of them failed alone.
    pub calls: u64,
    pub alone: u64,
    pub names: Vec<String>,
}

/// Runs this program again for one case; what it says, or what went wrong.
pub fn run(case: &str) -> std::result::Result<Report, String> {
    let me = std::env::current_exe().expect("this program");
    let out = Command::new(me)
        .args(["--exact", "child::a_process_in_which_things_fail", "--nocapture"])
        .env(CASE, case)
        .stdin(Stdio::null())
        .output()
        .expect("a second process");
    let text = String::from_utf8_lossy(&out.stdout);
    let errors = String::from_utf8_lossy(&out.stderr);
    if std::env::var_os(SHOW).is_some() {
        eprintln!("{case}\n{text}{errors}");
    }
    let last = text.lines().find_map(|l| l.split_once("report: ")).map(|(_, rest)| rest);
    match last.filter(|_| out.status.success()) {
        Some(line) => {
            let mut words = line.split(' ').map(str::to_owned);
            let mut number = || words.next().and_then(|n| n.parse().ok()).expect("a number");
            let (failed, calls, alone) = (number(), number(), number());
            Ok(Report { failed, calls, alone, names: words.filter(|w| !w.is_empty()).collect() })
        }
        None => {
            let tail: Vec<&str> = errors.lines().rev().take(30).collect();
            Err(format!("{}\n{}", out.status, tail.into_iter().rev().collect::<Vec<_>>().join("\n")))
        }
    }
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts panics, also those that somebody catches, and ends the process if it hangs.
pub fn prepare() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        before(info);
    }));
    be_patient();
}

fn be_patient() {
    // SAFETY: a plain system call; the signal ends the process.
    unsafe { libc::alarm(PATIENCE) };
}

pub fn assert_no_panic(when: &str) {
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "a panic: {when}");
}

/// Runs of one scenario, and what came of them.
struct Runs {
    scenario: &'static Scenario,
    place: Place,
    failed: u64,
    /// Calls that failed alone: rows of [`CALLS`] and which of them.
    alone: BTreeSet<(usize, u64)>,
    names: BTreeSet<&'static str>,
    shown: BTreeSet<String>,
}

impl Runs {
    fn run(&mut self, plan: Plan) -> Seen {
        be_patient();
        let (done, seen) = inject::under(plan, || (self.scenario.run)(&self.place));
        let what = format!("{} under {plan:?}", self.scenario.name);
        assert_no_panic(&what);
        self.judge(done, &seen, plan, &what);
        for (row, n) in seen.failed.iter().enumerate().filter(|(_, n)| **n > 0) {
            self.failed += u64::from(*n);
            self.names.insert(CALLS[row].name);
            if let Plan::Nth { nth, onwards: false, .. } = plan {
                self.alone.insert((row, nth));
            }
        }
        seen
    }

    fn judge(&mut self, done: Result<()>, seen: &Seen, plan: Plan, what: &str) {
        let Err(error) = done else { return };
        let text = error.chain().join(": ");
        assert!(seen.failed.iter().any(|n| *n > 0), "{what}: nothing failed, but: {text}");
        assert!(!plan.is_harmless(), "{what}: {text}");
        // What a guest allocates and cannot get is a trap.
        let no_room = error.trap_code() == Some(TrapCode::AllocationTooLarge);
        let says_it = no_room || text.contains("failed to ") || text.contains("failed with") || text.contains(" ran out");
        assert!(says_it && !text.contains("panic") && !text.contains("internal"), "{what}: an error that says nothing: {text}");
        let name = match plan {
            Plan::Nth { row, .. } => CALLS[row].name,
            _ => "any",
        };
        if self.shown.insert(format!("{name}: {text}")) && std::env::var_os(SHOW).is_some() {
            eprintln!("  {name}: {text}");
        }
    }

    fn must_work(&mut self) -> Seen {
        let seen = self.run(Plan::Nothing);
        assert_eq!(seen.failed.iter().sum::<u32>(), 0);
        seen
    }

    /// Signals break off whatever they can, which changes nothing.
    fn broken_off(&mut self) {
        self.run(Plan::BrokenOff);
        self.must_work();
    }

    /// Each call of each kind fails once.
    fn each(&mut self, variant: usize, onwards: bool) {
        let calls = self.must_work().calls;
        for (row, call) in CALLS.iter().enumerate().filter(|(row, _)| calls[*row] > 0) {
            let errors = if onwards { &call.errors[..1] } else { call.errors };
            for error in errors.iter().cycle().skip(variant).take(errors.len()) {
                // For ever is for ever: a call that is made again until it works never ends.
                if onwards && *error == libc::EINTR {
                    continue;
                }
                self.nth(row, *error, onwards);
            }
            self.must_work();
        }
    }

    fn nth(&mut self, row: usize, error: i32, onwards: bool) {
        for nth in 1.. {
            let seen = self.run(Plan::Nth { row, nth, error, onwards });
            if seen.failed[row] == 0 || nth > 200 {
                break;
            }
        }
    }

    fn chance(&mut self, seed: u64) {
        for i in 0..40 {
            let among = [3, 10, 30, 100][i as usize % 4];
            self.run(Plan::Chance { seed: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + i * 2, among });
        }
        self.must_work();
    }

    /// The very first calls of a process, some of which are made only once.
    fn fresh(&mut self, seed: u64) {
        let among = [2, 5, 20][seed as usize % 3];
        self.run(Plan::Chance { seed: seed.wrapping_mul(0xd129_0ddb_53c4_3e49), among });
        self.must_work();
    }
}

#[test]
fn a_process_in_which_things_fail() {
    let Ok(case) = std::env::var(CASE) else { return };
    prepare();
    let mut words = case.split(' ');
    let how = words.next().unwrap_or_default();
    let mut number = || words.next().and_then(|w| w.parse::<u64>().ok()).expect("a number");
    if let Some(other) = crate::limits::OTHERS.iter().find(|o| o.0 == how) {
        other.1();
        assert_no_panic(how);
        return println!("report: 1 0 0");
    }
    let scenario = &SCENARIOS[number() as usize];
    let seed = number();
    inject::install();
    let mut runs = Runs { scenario, place: Place::new(), failed: 0, alone: BTreeSet::new(), names: BTreeSet::new(), shown: BTreeSet::new() };
    match how {
        "broken-off" => runs.broken_off(),
        "each" => runs.each(seed as usize, false),
        "onwards" => runs.each(seed as usize, true),
        "chance" => runs.chance(seed),
        "fresh" => runs.fresh(seed),
        _ => panic!("no such case: {case}"),
    }
    let names: Vec<_> = runs.names.iter().copied().collect();
    let calls: u32 = runs.must_work().calls.iter().sum();
    println!("report: {} {calls} {} {}", runs.failed, runs.alone.len(), names.join(" "));
}

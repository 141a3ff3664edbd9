//! What every machine that hunts for faults has in common: how long it hunts, what it counts and how it reports.
//!
//! Without settings a machine runs its sample, the same each time. `TENON_FUZZ_SECONDS=n` lets it hunt for that time,
//! `TENON_FUZZ_RUNS=n` says how many cases, `TENON_FUZZ_SEED=n` with which case it starts. `TENON_FUZZ_REPORT=file`
//! takes a line of JSON about each campaign. While a case runs, `target/findings/running-NAME` holds its seed and the
//! executions before it, so that a case that takes the process down is known, too.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Findings shown before a campaign gives up; one cause often shows many times.
const SHOWN: usize = 20;

/// The number in this variable of the environment.
pub fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|e| panic!("{name}={text}: {e}")))
}

/// This repository: the package's own directory, or one above if the package is `tests/fuzz`.
pub fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = own.ancestors().find(|dir| dir.join("src/lib.rs").exists() && dir.join("tests/support").exists());
    found.expect("the sources are still where they were built").into()
}

/// The directory for inputs that showed a fault, and for the number of the case that runs.
pub fn findings() -> PathBuf {
    let dir = root().join("target/findings");
    std::fs::create_dir_all(&dir).expect("target/ can be written");
    dir
}

/// One machine's hunt.
pub struct Campaign {
    machine: String,
    running: PathBuf,
    running_file: File,
    next: u64,
    end_seed: u64,
    end: Option<Instant>,
    started: Instant,
    /// Whatever the machine counts: calls, operations, artifacts.
    pub executions: u64,
    findings: Vec<String>,
    coverage: BTreeMap<&'static str, (u64, u64)>,
}

impl Campaign {
    /// A campaign with a sample of so many cases.
    pub fn new(machine: &str, sample: u64) -> Campaign {
        let seconds = setting("TENON_FUZZ_SECONDS");
        let runs = setting("TENON_FUZZ_RUNS").unwrap_or(if seconds.is_some() { u64::MAX } else { sample });
        let first = setting("TENON_FUZZ_SEED").unwrap_or(1);
        let started = Instant::now();
        let running = findings().join(format!("running-{machine}"));
        Campaign {
            machine: machine.into(),
            running_file: File::create(&running).expect("target/ can be written"),
            running,
            next: first,
            end_seed: first.saturating_add(runs),
            end: seconds.map(|s| started + Duration::from_secs(s)),
            started,
            executions: 0,
            findings: Vec::new(),
            coverage: BTreeMap::new(),
        }
    }

    /// The seed of the next case, as long as there is time and not too much was found.
    pub fn next_seed(&mut self) -> Option<u64> {
        let late = self.end.is_some_and(|end| Instant::now() >= end);
        if late || self.next >= self.end_seed || self.findings.len() >= SHOWN {
            return None;
        }
        // In place and always as long: a file that is cut off first is empty for longer than a short case takes.
        let running = format!("{:<20} {:<20}\n", self.next, self.executions);
        self.running_file.write_all_at(running.as_bytes(), 0).expect("target/ can be written");
        self.next += 1;
        Some(self.next - 1)
    }

    /// A fault, in words that say how to see it again.
    pub fn finding(&mut self, text: String) {
        eprintln!("{}: {text}\n", self.machine);
        self.findings.push(text);
    }

    /// How many of the things of a kind were reached; printed and reported at the end.
    pub fn covered(&mut self, what: &'static str, reached: usize, of: usize) {
        self.coverage.insert(what, (reached as u64, of as u64));
    }

    /// Reports, and fails if anything was found or nothing was done.
    pub fn close(self) {
        let _ = std::fs::remove_file(&self.running);
        let _ = std::fs::remove_file(self.running.with_extension("wasm"));
        let seconds = self.started.elapsed().as_secs_f64();
        let coverage: Vec<String> = self.coverage.iter().map(|(what, (n, of))| format!("\"{what}\":[{n},{of}]")).collect();
        let line = format!(
            "{{\"machine\":\"{}\",\"executions\":{},\"findings\":{},\"seconds\":{seconds:.1},\"coverage\":{{{}}}}}\n",
            self.machine,
            self.executions,
            self.findings.len(),
            coverage.join(",")
        );
        // Not through `print!`, which the test harness keeps to itself when all is well.
        let _ = std::io::stderr().write_all(line.as_bytes());
        if let Some(file) = std::env::var_os("TENON_FUZZ_REPORT") {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
            file.and_then(|mut f| f.write_all(line.as_bytes())).expect("the report can be written");
        }
        assert!(self.findings.is_empty(), "{}: {} findings", self.machine, self.findings.len());
        assert_ne!(self.executions, 0, "{}: nothing was done", self.machine);
    }
}

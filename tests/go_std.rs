//! Go's own tests of its standard library, compiled here for `wasip1` and run by `tenon run`, the way that Go's
//! `go_wasip1_wasm_exec` runs them by other runtimes.
//!
//! A package passes if all of its tests do. Tests that cannot are listed in `tests/known/go-std.failures`, with the reason; a
//! listed one that passes fails the run. `TENON_GO_STD`, words of package names, picks from the whole.

#[path = "support/known.rs"]
mod known;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const TENON: &str = env!("CARGO_BIN_EXE_tenon");

/// Few enough for every run of the tests, and nearest to what this library does.
const FEW: &[&str] = &["os", "io/fs", "path/filepath"];

/// All that are run by `make test-go-std`.
const ALL: &str = include_str!("data/go-std.packages");

/// Longest that the tests of one package may take, as `tenon run --timeout` wants it.
const LIMIT: &str = "15m";

/// Tests of `os` that look for files beside Go's sources.
const NEED_FILES: &str = "^TestFile(ReadDir|Readdir|Readdirnames)$/^sysdir$";

/// The Go toolchain, and where what it makes goes.
struct Go {
    command: PathBuf,
    root: PathBuf,
    out: PathBuf,
}

/// What the tests of a package came to.
struct Tally {
    passed: usize,
    skipped: usize,
    /// Listed, and failed as they should.
    known: usize,
}

impl Go {
    fn find() -> Go {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tool = Command::new(here.join("tests/setup/tool.sh")).arg("go").stderr(Stdio::inherit()).output();
        let command = PathBuf::from(text(tool.expect("tool.sh").stdout));
        let env = |name: &str| {
            let output = Command::new(&command).args(["env", name]).output().expect("a Go toolchain: see tool.sh");
            text(output.stdout)
        };
        let out = here.join("target/go-std").join(env("GOVERSION"));
        std::fs::create_dir_all(out.join("tmp")).expect("a directory in target/");
        Go { root: PathBuf::from(env("GOROOT")).join("src"), out, command }
    }

    /// The package's tests as a compiled module, made anew only if something it is made from is newer.
    fn build(&self, package: &str) -> Result<PathBuf, String> {
        let wasm = self.out.join(package.replace('/', "_")).with_extension("wasm");
        if !wasm.exists() {
            let mut go = Command::new(&self.command);
            go.args(["test", "-c", "-o"]).arg(&wasm).arg(package).current_dir(&self.root);
            go.envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("CGO_ENABLED", "0"), ("GOFLAGS", ""), ("GOWORK", "off")]);
            succeed(&mut go)?;
        }
        let compiled = wasm.with_extension("cwasm");
        let age = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
        if age(&compiled) < age(&wasm) || age(&compiled) < age(Path::new(TENON)) {
            succeed(Command::new(TENON).arg("compile").arg(&wasm).arg("-o").arg(&compiled))?;
        }
        Ok(compiled)
    }

    /// The whole file system and its two variables are what `go_wasip1_wasm_exec` gives.
    fn run(&self, package: &str, module: &Path, flags: &[&str]) -> Output {
        let dir = self.root.join(package);
        let mut tenon = Command::new(TENON);
        tenon.args(["run", "--dir", "/", "--env", "PATH", "--timeout", LIMIT]);
        tenon.arg("--env").arg(format!("PWD={}", dir.display()));
        tenon.arg("--env").arg(format!("TMPDIR={}", self.out.join("tmp").display()));
        tenon.arg(module).args(["-test.v", "-test.short"]).args(flags);
        tenon.current_dir(dir).stdin(Stdio::null()).output().expect("tenon runs")
    }

    /// Runs all tests that are not listed, and then each listed one.
    fn test(&self, package: &str, listed: &[&str]) -> Result<Tally, String> {
        let module = self.build(package)?;
        let mut skip: Vec<String> = listed.iter().map(|test| format!("^{test}$")).collect();
        if package == "os" && !self.root.join("../CONTRIBUTING.md").exists() {
            // The Go that PyPI has comes without.
            println!("os: {NEED_FILES} skipped: there is no CONTRIBUTING.md in GOROOT");
            skip.push(NEED_FILES.to_owned());
        }
        let skip = format!("-test.skip={}", skip.join("|"));
        // An empty pattern would skip everything.
        let flags = if skip.ends_with('=') { vec![] } else { vec![skip.as_str()] };
        let output = self.run(package, &module, &flags);
        let log = String::from_utf8_lossy(&output.stdout);
        let count = |mark: &str| log.lines().filter(|l| l.starts_with(mark)).count();
        let tally = Tally { passed: count("--- PASS"), skipped: count("--- SKIP"), known: listed.len() };
        if !output.status.success() || log.lines().last() != Some("PASS") {
            return Err(format!("{}: {}{}", output.status, failures(&log), tail(&output.stderr)));
        }
        if tally.passed == 0 {
            return Err("none of its tests ran".to_owned());
        }
        let fine = |test: &&&str| self.run(package, &module, &[&format!("-test.run=^{test}$")]).status.success();
        match listed.iter().find(fine) {
            Some(test) => Err(format!("{test} passes: take it off tests/known/go-std.failures")),
            None => Ok(tally),
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
    if output.status.success() { Ok(()) } else { Err(format!("{command:?} failed: {}", tail(&output.stderr))) }
}

/// The last lines of an error stream.
fn tail(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n    ")
}

/// Names of the tests that failed, with what they said.
fn failures(log: &str) -> String {
    let mut found = String::new();
    let mut lines = log.lines().peekable();
    let is_result = |l: &str| l.starts_with("--- ") || l.starts_with("=== ");
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("--- FAIL") || line.starts_with("panic:") || line.starts_with("fatal error:") {
            found.push_str(&format!("\n    {line}"));
            for _ in 0..6 {
                let Some(more) = lines.next_if(|l| !is_result(l.trim_start())) else { break };
                found.push_str(&format!("\n    {more}"));
            }
        }
    }
    found + "\n    "
}

/// Runs the packages on all cores and fails with what failed.
fn test_all(packages: &[&str]) {
    let (go, listed) = (Go::find(), known::failures("go-std"));
    let [next, passed, skipped, expected] = [const { AtomicUsize::new(0) }; 4];
    let bad = Mutex::new(Vec::new());
    let work = || {
        while let Some(package) = packages.get(next.fetch_add(1, Ordering::Relaxed)) {
            let began = Instant::now();
            let own = listed.iter().filter_map(|l| l.strip_prefix(*package)?.strip_prefix(' ')).map(str::trim);
            match go.test(package, &own.collect::<Vec<_>>()) {
                Ok(t) => {
                    println!("{package}: {} passed, {} skipped, {} known ({:.1?})", t.passed, t.skipped, t.known, began.elapsed());
                    passed.fetch_add(t.passed, Ordering::Relaxed);
                    skipped.fetch_add(t.skipped, Ordering::Relaxed);
                    expected.fetch_add(t.known, Ordering::Relaxed);
                }
                Err(why) => {
                    println!("{package}: FAILED ({:.1?})", began.elapsed());
                    bad.lock().expect("the lock").push(format!("{package}: {why}"));
                }
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    let bad = bad.into_inner().expect("the lock");
    let get = |n: &AtomicUsize| n.load(Ordering::Relaxed);
    println!(
        "go std: {} packages; tests: {} passed, {} skipped by themselves, {} listed; packages failed: {}",
        packages.len(), get(&passed), get(&skipped), get(&expected), bad.len()
    );
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    assert!(get(&passed) > 0, "no test ran");
}

fn all() -> Vec<&'static str> {
    ALL.lines().map(|l| l.split('#').next().unwrap_or("").trim()).filter(|l| !l.is_empty()).collect()
}

#[test]
fn go_tests_its_files_and_paths() {
    test_all(FEW);
}

#[test]
#[ignore = "takes many minutes: make test-go-std"]
fn go_tests_its_standard_library() {
    let wanted = std::env::var("TENON_GO_STD").unwrap_or_default();
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    test_all(&all().into_iter().filter(|p| wanted.is_empty() || wanted.contains(p)).collect::<Vec<_>>());
}

#[test]
fn what_is_listed_belongs_to_a_package_that_is_run() {
    let packages: BTreeSet<&str> = all().into_iter().collect();
    assert!(FEW.iter().all(|p| packages.contains(p)));
    for line in known::failures("go-std") {
        let (package, test) = line.split_once(' ').unwrap_or_else(|| panic!("{line}: expected a package and a test"));
        assert!(packages.contains(package) && test.trim().starts_with("Test"), "{line}");
    }
}

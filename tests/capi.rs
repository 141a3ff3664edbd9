//! Builds every program of `c-examples` against `include/` and the shared library, runs it with its module, and
//! compares what it prints with what is expected beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Where the shared library is that was built beside this test.
fn library_dir() -> PathBuf {
    env::current_exe().expect("knows itself").parent().expect("has a folder").to_owned()
}

/// Reports memory errors and leaks of a program and of the library, which uses the same allocator. The library's own
/// handlers must see the faults of guests first.
const ASAN_OPTIONS: &str = "detect_leaks=1:handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:use_sigaltstack=0";

fn build(source: &Path, program: &Path, flags: &[&str]) -> Result<(), String> {
    let libs = library_dir();
    let run = Command::new("cc")
        .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread"])
        .args(flags)
        .arg("-I")
        .arg(root().join("include"))
        .arg(source)
        .arg(libs.join("libtenon.so"))
        .arg(format!("-Wl,-rpath,{}", libs.display()))
        .arg("-o")
        .arg(program)
        .output()
        .map_err(|e| format!("failed to run cc: {e}"))?;
    if run.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&run.stderr).into_owned()) }
}

/// Runs an example twice: as it is, and with every allocation watched.
fn run(name: &str) {
    run_with(name, &[], "");
    run_with(name, &["-fsanitize=address"], "-watched");
}

fn run_with(name: &str, flags: &[&str], suffix: &str) {
    let examples = root().join("c-examples");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("example-{name}{suffix}"));
    if let Err(text) = build(&examples.join(name).with_extension("c"), &program, flags) {
        panic!("{name}{suffix} does not build:\n{text}");
    }
    let mut command = Command::new(&program);
    command.env_remove("LD_LIBRARY_PATH"); // cargo's may hold an older library; the program knows its own
    command.env("ASAN_OPTIONS", ASAN_OPTIONS);
    let output = command.arg(examples.join(name).with_extension("wat")).output();
    let output = output.expect("failed to run the example");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let expected = fs::read_to_string(examples.join(name).with_extension("expect")).expect("has an expectation");
    assert!(output.status.success(), "{name}{suffix} ends with {}:\n{out}{err}", output.status);
    assert_eq!(out, expected, "{name}{suffix} prints something else\n{err}");
}

/// Runs a program of `tests/data` that says itself what is wrong.
fn check_program(name: &str, flags: &[&str]) {
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if let Err(text) = build(&root().join("tests/data").join(name).with_extension("c"), &program, flags) {
        panic!("{name} does not build:\n{text}");
    }
    let mut command = Command::new(&program);
    command.env_remove("LD_LIBRARY_PATH").env("ASAN_OPTIONS", ASAN_OPTIONS);
    let output = command.output().expect("failed to run it");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{name} ends with {}:\n{out}{}", output.status, String::from_utf8_lossy(&output.stderr));
}

#[test]
fn misuse_is_refused() {
    check_program("misuse", &[]);
}

/// Memories, stacks and time that the host gives, and how they fail. Watched, since finalizers free what guests used.
#[test]
fn what_the_host_gives_is_used_and_given_back() {
    check_program("embedder", &["-fsanitize=address"]);
}

/// Call hooks, limits on modules, releasing instances, instances of frames. Not watched: it measures memory.
#[test]
fn what_tenon_adds_works() {
    check_program("beyond", &[]);
}

/// Every form of host function, and every way that a call of one ends.
#[test]
fn host_functions_get_values_and_end_calls() {
    check_program("hostcalls", &["-fsanitize=address"]);
}

/// 100,000 of each kind of handle come and go.
#[test]
fn handles_leave_nothing_behind() {
    check_program("churn", &[]);
}

/// An example under valgrind, where there is one: nothing uninitialised, nothing freed twice, nothing lost.
#[test]
fn valgrind_finds_nothing() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return eprintln!("skipped: no valgrind");
    }
    let (examples, program) = (root().join("c-examples"), PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("valgrind-gcd"));
    build(&examples.join("gcd.c"), &program, &[]).expect("gcd builds");
    let mut command = Command::new("valgrind");
    command.args(["--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect", "--smc-check=all"]);
    command.arg(format!("--suppressions={}", root().join("tests/data/valgrind.supp").display()));
    let output = command.arg(&program).arg(examples.join("gcd.wat")).env_remove("LD_LIBRARY_PATH").output().expect("runs");
    assert!(output.status.success(), "ends with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr));
}

/// Names that an object file takes from elsewhere.
fn undefined_names(object: &Path) -> BTreeSet<String> {
    let run = Command::new("nm").arg("-u").arg(object).output().expect("failed to run nm");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).split_whitespace().map(str::to_owned).collect()
}

/// The programs named `standard_*` each do what the program of that name does among the thirteen that come with the
/// standard interface, and together they call every function that those call.
#[test]
fn standard_programs_call_what_the_standards_own_do() {
    let mut called = BTreeSet::new();
    for entry in fs::read_dir(root().join("c-examples")).expect("is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".c").filter(|n| n.starts_with("standard_")) else { continue };
        let object = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.o"));
        let mut cc = Command::new("cc");
        cc.args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-c", "-I"]).arg(root().join("include"));
        let done = cc.arg(entry.path()).arg("-o").arg(&object).status().expect("failed to run cc");
        assert!(done.success(), "{name} does not compile");
        called.extend(undefined_names(&object));
    }
    let facts = fs::read_to_string(root().join("tests/data/symbols.tsv")).expect("is there");
    let rows = facts.lines().skip(1).map(|l| l.split('\t').collect::<Vec<_>>());
    let wanted: Vec<&str> = rows.filter(|r| r[5] == "1").map(|r| r[0]).collect();
    assert!(wanted.len() > 100, "the facts say what those programs call");
    let lacking: Vec<_> = wanted.iter().filter(|n| !called.contains(**n)).collect();
    assert!(lacking.is_empty(), "no program calls {lacking:?}");
}

macro_rules! examples {
    ($($name:ident),* $(,)?) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        /// A program that nobody runs would rot.
        #[test]
        fn every_example_is_run() {
            let listed = [$(stringify!($name)),*];
            for entry in fs::read_dir(root().join("c-examples")).expect("is there").flatten() {
                let path = entry.path();
                if path.extension().is_some_and(|e| e == "c") {
                    let name = path.file_stem().expect("has a name").to_string_lossy().into_owned();
                    assert!(listed.contains(&name.as_str()), "c-examples/{name}.c is not run");
                }
            }
        }
    };
}

examples!(
    asynchronous, deterministic, externref, fuel, gcd, hello, hostmemory, interrupt, linking, memory, multi, objects, serialize,
    slices, standard, standard_callback, standard_finalize, standard_global, standard_hello, standard_hostref, standard_memory,
    standard_multi, standard_reflect, standard_serialize, standard_start, standard_table, standard_threads, standard_trap, threads,
    trap, wasi, yielding,
);

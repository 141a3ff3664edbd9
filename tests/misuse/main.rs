//! Every public function is called in every wrong way that its arguments allow, each call in a process of its own: with
//! null pointers, objects of another store or engine, handles of deleted stores and beyond the end, numbers that mean
//! nothing, text that is no text, while another thread runs the store, from inside a call. What comes of it is an error,
//! a null or nothing, and the library works afterwards.
//!
//! `tests/golden/misuse.tsv` records the outcome of each row; `BLESS=1` rewrites it, but never with a crash. What cannot
//! be detected is in `tests/known/misuse.undefined`, and the headers have to say so.

mod cases;
mod headers;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("failed to read {}: {e}", path.display()))
}

/// Rows of a table of facts, without its head.
fn table(path: &str) -> Vec<Vec<String>> {
    let text = read(&root().join(path));
    text.lines().skip(1).filter(|l| !l.is_empty()).map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

/// How each argument of a function is passed, in order.
fn passes() -> BTreeMap<String, Vec<String>> {
    let args = |codes: &str| codes.split(';').filter_map(|c| c.split_once('=')).filter(|c| c.0 != "ret").map(|c| c.1.to_owned()).collect();
    table("tests/data/symbols.tsv").iter().map(|r| (r[0].clone(), args(&r[4]))).collect()
}

fn functions() -> Vec<headers::Function> {
    headers::functions(&root().join("include"))
}

/// Where the shared library is that was built beside this test.
fn library_dir() -> PathBuf {
    env::current_exe().expect("knows itself").parent().expect("has a folder").to_owned()
}

/// A folder for what the program reads and writes.
fn scratch() -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("every-misuse");
    fs::create_dir_all(&dir).expect("can make folders");
    dir
}

fn build(program: &Path) {
    let (here, libs) = (root().join("tests/misuse"), library_dir());
    let source = program.with_extension("c");
    let text = cases::program(&functions(), &passes(), &cases::Makers::read(&here));
    fs::write(&source, text).expect("can write to the test folder");
    let run = Command::new("cc")
        .args(["-std=gnu11", "-g", "-Wall", "-Werror", "-Wno-unused-function", "-pthread"])
        .arg("-I")
        .arg(root().join("include"))
        .arg("-I")
        .arg(&here)
        .arg(&source)
        .arg(libs.join("libtenon.so"))
        .arg(format!("-Wl,-rpath,{}", libs.display()))
        .arg("-o")
        .arg(program)
        .output()
        .expect("failed to run cc");
    assert!(run.status.success(), "the program does not build:\n{}", String::from_utf8_lossy(&run.stderr));
}

/// One call and what came of it.
struct Row {
    function: String,
    argument: String,
    kind: String,
    outcome: String,
    /// The text of the error, for whoever reads a failure.
    more: String,
}

fn run() -> Vec<Row> {
    let (dir, program) = (scratch(), scratch().join("misuse"));
    build(&program);
    let output = Command::new(&program)
        .current_dir(&dir)
        .env_remove("LD_LIBRARY_PATH") // cargo's may hold an older library; the program knows its own
        .env("HOME", &dir)
        .env("GLIBC_TUNABLES", "glibc.malloc.perturb=165") // what was freed does not look alive
        .output()
        .expect("failed to run it");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ends with {}:\n{err}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let mut rows = Vec::new();
    for line in text.lines() {
        let mut columns = line.splitn(5, '\t').map(str::to_owned);
        let mut next = || columns.next().unwrap_or_else(|| panic!("a row ends early: {line}"));
        rows.push(Row { function: next(), argument: next(), kind: next(), outcome: next(), more: next() });
    }
    rows
}

/// What no compare can detect: function (or `*`), argument, kind, header, and what the header says about it. Kinds that
/// the program knows how to make are run all the same, and may crash.
fn undefined() -> Vec<Vec<String>> {
    table("tests/known/misuse.undefined")
}

fn is_bad(outcome: &str) -> bool {
    ["crash", "exit", "hangs", "broken"].iter().any(|b| outcome.starts_with(b)) || outcome.contains("panic") || outcome.is_empty()
}

/// One line for each argument of each function: the outcomes by kind.
fn record(rows: &[Row]) -> String {
    let mut lines: BTreeMap<(&str, &str), Vec<(&str, &str)>> = BTreeMap::new();
    let listed = undefined();
    for row in rows {
        lines.entry((&row.function, &row.argument)).or_default().push((&row.kind, &row.outcome));
    }
    for row in &listed {
        let line = lines.entry((&row[0], &row[1])).or_default();
        line.retain(|(kind, _)| *kind != row[2]);
        line.push((&row[2], "undefined"));
    }
    let mut text = String::from("function\targument\toutcomes\n");
    for ((function, argument), outcomes) in lines {
        let outcomes: Vec<String> = outcomes.iter().map(|(kind, outcome)| format!("{kind}: {outcome}")).collect();
        let _ = writeln!(text, "{function}\t{argument}\t{}", outcomes.join("; "));
    }
    text
}

#[test]
fn every_misuse_has_its_outcome() {
    let rows = run();
    let undefined = undefined();
    let known = |row: &Row| undefined.iter().any(|r| r[0] == row.function && r[1] == row.argument && r[2] == row.kind);
    let show = |row: &Row| format!("{} {} {}: {} {}\n", row.function, row.argument, row.kind, row.outcome, row.more);
    let bad: String = rows.iter().filter(|r| is_bad(&r.outcome) && !known(r)).map(show).collect();
    assert!(bad.is_empty(), "not survived:\n{bad}");
    let (path, text) = (root().join("tests/golden/misuse.tsv"), record(&rows));
    if env::var_os("BLESS").is_some_and(|v| v == "1") {
        fs::write(&path, &text).expect("can write the table");
    }
    let golden = read(&path);
    let differs: String = difference(&golden, &text);
    assert!(differs.is_empty(), "tests/golden/misuse.tsv says something else (BLESS=1 rewrites it):\n{differs}");
}

/// Lines that only one side has.
fn difference(golden: &str, now: &str) -> String {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (golden.lines().collect(), now.lines().collect());
    let gone = a.difference(&b).map(|l| format!("- {l}\n"));
    gone.chain(b.difference(&a).map(|l| format!("+ {l}\n"))).collect()
}

/// The table has every function of the headers and of the interface.
#[test]
fn every_function_is_misused() {
    let rows = table("tests/golden/misuse.tsv");
    let covered: BTreeSet<&str> = rows.iter().map(|r| r[0].as_str()).collect();
    let (declared, facts) = (functions(), table("tests/data/symbols.tsv"));
    let wanted = declared.iter().map(|f| f.name.as_str()).chain(facts.iter().map(|r| r[0].as_str()));
    let lacking: Vec<_> = wanted.filter(|n| !covered.contains(n)).collect();
    assert!(lacking.is_empty(), "functions without a row: {lacking:?}");
}

/// What is undefined is said where the caller reads it.
#[test]
fn undefined_behaviour_is_documented() {
    let (include, declared) = (root().join("include"), functions());
    for row in undefined() {
        let [function, _, _, header, says] = row.as_slice() else { panic!("bad row {row:?}") };
        let text = match declared.iter().find(|f| f.name == *function) {
            Some(found) => found.comment.clone(),
            None if function == "*" => headers::comments(&include, header),
            None => panic!("{function} is not declared"),
        };
        assert!(text.contains(says), "{function}: {header} does not say \"{says}\", but \"{text}\"");
    }
}

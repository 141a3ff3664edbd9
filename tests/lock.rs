//! What the lock file may hold: crates of crates.io alone, each with its checksum; direct ones pinned; twice only what is
//! listed; under licences that a host can live with; none that a committed advisory names. All of it offline.
//!
//! `tests/known/lock.duplicates` and `tests/known/lock.advisories` say what their lines mean.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Licences under which code may become part of the library; either side of an OR is enough.
const LICENCES: &[&str] =
    &["Apache-2.0", "Apache-2.0 WITH LLVM-exception", "MIT", "Zlib", "Unlicense", "Unicode-3.0", "BSD-3-Clause"];

/// Crates under another licence, each with the reason why that is no harm.
const OTHER_LICENCES: &[(&str, &str, &str)] =
    &[("cbindgen", "MPL-2.0", "makes the headers when the library is built; nothing of it is in the library")];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("failed to read {path}: {e}"))
}

fn toml(path: &str) -> toml::Table {
    read(path).parse().unwrap_or_else(|e| panic!("{path}: {e}"))
}

struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    /// Names, with a version where there are several.
    dependencies: Vec<String>,
}

fn names(list: Option<&toml::Value>) -> Vec<String> {
    let list = list.and_then(|l| l.as_array()).into_iter().flatten();
    list.filter_map(|n| n.as_str()).map(str::to_owned).collect()
}

fn locked() -> Vec<Locked> {
    let lock = toml("Cargo.lock");
    let packages = lock["package"].as_array().expect("packages");
    let text = |p: &toml::Value, key: &str| p.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    packages
        .iter()
        .map(|p| Locked {
            name: text(p, "name").expect("a name"),
            version: text(p, "version").expect("a version"),
            source: text(p, "source"),
            checksum: text(p, "checksum"),
            dependencies: names(p.get("dependencies")),
        })
        .collect()
}

/// Lines of a list without remarks, cut at tabs.
fn list(path: &str) -> Vec<Vec<String>> {
    let text = read(path);
    let lines = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines.map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

fn fail_if_any(faults: Vec<String>, rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

#[test]
fn everything_comes_from_the_registry_and_has_a_checksum() {
    let all = locked();
    assert!(all.len() > 50, "the lock file cannot be read right: {} packages", all.len());
    let good = |p: &Locked| {
        p.source.as_deref() == Some(REGISTRY)
            && p.checksum.as_ref().is_some_and(|c| c.len() == 64 && c.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let faults = all.iter().filter(|p| p.name != "tenon" && !good(p)).map(|p| format!("{} {}", p.name, p.version)).collect();
    fail_if_any(faults, "crates come from crates.io and have a checksum");
}

/// Name and requirement of every dependency in the manifest.
fn requirements() -> Vec<(String, String)> {
    let manifest = toml("Cargo.toml");
    let mut found = Vec::new();
    for table in ["dependencies", "build-dependencies", "dev-dependencies"] {
        for (name, how) in manifest[table].as_table().expect("a table") {
            let version = how.as_str().or_else(|| how.get("version").and_then(|v| v.as_str()));
            found.push((name.clone(), version.unwrap_or("none").to_owned()));
        }
    }
    found
}

#[test]
fn direct_dependencies_are_pinned_to_what_is_locked() {
    let all = locked();
    let mut faults = Vec::new();
    for (name, version) in requirements() {
        let Some(exact) = version.strip_prefix('=') else {
            faults.push(format!("{name}: {version} is not pinned"));
            continue;
        };
        let bare = |v: &str| v.split('+').next() == Some(exact);
        if !all.iter().any(|p| p.name == name && bare(&p.version)) {
            faults.push(format!("{name}: {exact} is not what is locked"));
        }
    }
    fail_if_any(faults, "every direct dependency is pinned with `=`");
}

#[test]
fn the_go_module_depends_on_nothing_or_on_sums() {
    let manifest = read("go-bindings/go.mod");
    let requires = manifest.lines().any(|l| l.trim_start().starts_with("require"));
    let replaced = manifest.lines().any(|l| l.trim_start().starts_with("replace"));
    assert!(!replaced, "go.mod replaces a module");
    assert!(!requires || root().join("go-bindings/go.sum").exists(), "go.mod requires modules, and there is no go.sum");
}

/// The crates that are built for this machine, as cargo knows them without the network.
fn metadata() -> Vec<Value> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .expect("cargo");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let all: Value = serde_json::from_slice(&out.stdout).expect("cargo's answer");
    all["packages"].as_array().expect("packages").clone()
}

/// Which crates ask for a version of a crate of which there are several, by the lock file.
fn who_asks(all: &[Locked], name: &str, version: &str) -> String {
    let wanted = format!("{name} {version}");
    let askers: BTreeSet<&str> = all.iter().filter(|p| p.dependencies.contains(&wanted)).map(|p| &p.name[..]).collect();
    askers.into_iter().collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_is_built_twice_without_a_reason() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in metadata() {
        let text = |key: &str| package[key].as_str().expect("a text").to_owned();
        versions.entry(text("name")).or_default().insert(text("version"));
    }
    let all = locked();
    let twice = versions.iter().filter(|(_, v)| v.len() > 1).flat_map(|(name, v)| v.iter().map(move |v| (name, v)));
    let there: BTreeSet<Vec<String>> =
        twice.map(|(name, v)| vec![name.clone(), v.clone(), who_asks(&all, name, v)]).collect();
    let listed: BTreeSet<Vec<String>> = list("tests/known/lock.duplicates").into_iter().collect();
    let new = there.difference(&listed).map(|row| format!("{}: not listed", row.join(" ")));
    let gone = listed.difference(&there).map(|row| format!("{}: listed, but not so", row.join(" ")));
    fail_if_any(new.chain(gone).collect(), "crates that are built in several versions are listed with who asks for each");
}

/// Whether an expression of licences holds: names, AND, OR, WITH and parentheses. Old crates write `/` for OR.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (value, rest) = alternatives(&words);
    value && rest.is_empty()
}

fn alternatives<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    let (mut value, mut rest) = conjunction(words);
    while let Some(("OR", after)) = rest.split_first().map(|(w, r)| (*w, r)) {
        let (next, left) = conjunction(after);
        (value, rest) = (value | next, left);
    }
    (value, rest)
}

fn conjunction<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    let (mut value, mut rest) = licence(words);
    while let Some(("AND", after)) = rest.split_first().map(|(w, r)| (*w, r)) {
        let (next, left) = licence(after);
        (value, rest) = (value & next, left);
    }
    (value, rest)
}

fn licence<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inside @ ..] => match alternatives(inside) {
            (value, [")", rest @ ..]) => (value, rest),
            (_, rest) => (false, rest),
        },
        [name, "WITH", exception, rest @ ..] => (LICENCES.contains(&format!("{name} WITH {exception}").as_str()), rest),
        [name, rest @ ..] => (LICENCES.contains(name), rest),
        [] => (false, words),
    }
}

#[test]
fn expressions_of_licences_are_understood() {
    for good in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR X) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception"] {
        assert!(allowed(good), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0", "MIT GPL-3.0", "Apache-2.0 WITH GCC-exception"] {
        assert!(!allowed(bad), "{bad}");
    }
}

#[test]
fn licences_are_those_that_are_allowed() {
    let mut excepted: BTreeSet<&str> = OTHER_LICENCES.iter().map(|(name, ..)| *name).collect();
    let mut faults = Vec::new();
    for package in metadata() {
        let (name, licence) = (package["name"].as_str().unwrap_or(""), package["license"].as_str().unwrap_or("none"));
        if OTHER_LICENCES.iter().any(|(n, l, _)| (*n, *l) == (name, licence)) {
            excepted.remove(name);
        } else if !allowed(licence) {
            faults.push(format!("{name}: {licence}"));
        }
    }
    faults.extend(excepted.into_iter().map(|name| format!("{name}: excepted, but not there with that licence")));
    fail_if_any(faults, "only some licences are allowed");
}

/// The numbers of a version, for comparing.
fn numbers(version: &str) -> Vec<u64> {
    let bare = version.split(['+', '-']).next().unwrap_or(version);
    bare.split('.').map(|n| n.parse().unwrap_or_else(|e| panic!("version {version}: {e}"))).collect()
}

/// Lines: crate, the first version with the flaw (or 0), the first without it, number of the advisory.
#[test]
fn no_locked_version_has_a_flaw_that_is_listed() {
    let (rows, all) = (list("tests/known/lock.advisories"), locked());
    let mut faults = Vec::new();
    for row in &rows {
        let [name, from, fixed, advisory] = &row[..] else { panic!("crate, from, fixed, advisory: {row:?}") };
        let versions: Vec<_> = all.iter().filter(|p| p.name == *name).map(|p| &p.version).collect();
        if versions.is_empty() {
            faults.push(format!("{name}: {advisory} is listed, but the crate is not there"));
        }
        let flawed = numbers(from)..numbers(fixed);
        faults.extend(versions.iter().filter(|v| flawed.contains(&numbers(v))).map(|v| format!("{name} {v}: {advisory}")));
    }
    assert!(!rows.is_empty());
    fail_if_any(faults, "versions with a listed flaw");
}

#[test]
fn versions_are_compared_by_numbers() {
    let flawed = numbers("0.9.0")..numbers("0.10.1");
    for (version, inside) in [("0.9.0", true), ("0.10.0+spec", true), ("0.10.1", false), ("0.8.99", false), ("1.0.0", false)] {
        assert_eq!(flawed.contains(&numbers(version)), inside, "{version}");
    }
}

//! The C headers: generated and committed text agree, every header stands alone in C and C++, and names,
//! signatures, layouts and numbers are those of the interface that this library takes over.
//!
//! `tests/data` holds the facts of that interface; where the folder they were taken from is at hand they are
//! compared with it. `BLESS=1` rewrites `include/` and `tests/known/abi.missing`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn blessing() -> bool {
    env::var_os("BLESS").is_some_and(|v| v == "1")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("failed to read {}: {e}", path.display()))
}

/// The headers below `folder`, by name as C includes them.
fn headers(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == "h") {
                let name = path.strip_prefix(folder).expect("is below").display().to_string();
                found.insert(name, read(&path));
            }
        }
    }
    found
}

fn committed() -> BTreeMap<String, String> {
    headers(&root().join("include"))
}

/// The rows of a table of facts, without its head.
fn facts(name: &str) -> Vec<Vec<String>> {
    let rows = read(&root().join("tests/data").join(name));
    rows.lines().skip(1).map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

/// Names of functions that a header declares.
fn declared(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in text.lines().filter(|l| l.starts_with("WASM_API_EXTERN ") || l.starts_with("WASI_API_EXTERN ")) {
        let before = line.split('(').next().unwrap_or_default();
        let name = before.rsplit([' ', '*']).next().unwrap_or_default();
        names.insert(name.to_owned());
    }
    names
}

fn all_declared() -> BTreeSet<String> {
    committed().values().flat_map(|text| declared(text)).collect()
}

/// Compiles a source without making anything of it.
fn compile(compiler: &str, standard: &str, name: &str, source: &str) -> Result<(), String> {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = dir.join(name);
    fs::write(&path, source).expect("can write to the test folder");
    let run = Command::new(compiler)
        .args([standard, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I"])
        .arg(root().join("include"))
        .arg(&path)
        .output()
        .map_err(|e| format!("failed to run {compiler}: {e}"))?;
    if run.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&run.stderr).into_owned()) }
}

#[test]
fn committed_headers_are_the_generated_ones() {
    let generated = headers(Path::new(env!("TENON_GENERATED_INCLUDE")));
    if blessing() {
        for (name, text) in &generated {
            let path = root().join("include").join(name);
            fs::create_dir_all(path.parent().expect("has a folder")).expect("can make folders");
            fs::write(path, text).expect("can write headers");
        }
        for name in committed().keys().filter(|n| !generated.contains_key(*n)) {
            fs::remove_file(root().join("include").join(name)).expect("can remove headers");
        }
    }
    let committed = committed();
    let names = |m: &BTreeMap<String, String>| m.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&committed), names(&generated), "include/ has other files: run with BLESS=1");
    for (name, text) in &generated {
        assert!(&committed[name] == text, "include/{name} is not what build.rs makes: run with BLESS=1");
    }
}

#[test]
fn every_header_stands_alone() {
    for name in committed().keys() {
        let source = format!("#include <{name}>\n#include <{name}>\n");
        let file = name.replace('/', "_");
        for (compiler, standard, suffix) in [("cc", "-std=c11", "c"), ("c++", "-std=c++17", "cpp")] {
            if let Err(text) = compile(compiler, standard, &format!("alone_{file}.{suffix}"), &source) {
                panic!("{name} as {suffix}:\n{text}");
            }
        }
    }
}

/// Redeclares every function as the interface has it: the compiler refuses what differs.
#[test]
fn signatures_are_the_interfaces() {
    let have = all_declared();
    let mut source = String::from("#include <tenon.h>\n");
    for row in facts("symbols.tsv").iter().chain(&facts("legacy.tsv")).filter(|r| have.contains(&r[0])) {
        // The facts show `()` where C means `(void)`.
        let _ = writeln!(source, "extern {};", row[3].replace("()", "(void)"));
    }
    if let Err(text) = compile("cc", "-std=c11", "signatures.c", &source) {
        panic!("{text}");
    }
}

#[test]
fn functions_are_in_their_headers() {
    let mut home: BTreeMap<_, _> = facts("symbols.tsv").into_iter().map(|r| (r[0].clone(), r[2].clone())).collect();
    home.extend(facts("legacy.tsv").into_iter().map(|r| (r[0].clone(), "wasmtime/legacy.h".to_owned())));
    for (header, text) in committed() {
        for name in declared(&text) {
            match home.get(&name) {
                Some(expected) if expected == "(none)" => {} // exported, though no header declares it
                Some(expected) => assert_eq!(&header, expected, "{name} is declared in another header"),
                None => assert!(name.starts_with("tenon_"), "{name} is not part of the interface"),
            }
        }
    }
}

/// What is not there yet is listed; the list only shrinks.
#[test]
fn missing_functions_are_known() {
    let have = all_declared();
    let missing: Vec<String> = facts("symbols.tsv").into_iter().map(|r| r[0].clone()).filter(|n| !have.contains(n)).collect();
    let path = root().join("tests/known/abi.missing");
    let text: String = missing.iter().map(|n| format!("{n}\n")).collect();
    if blessing() {
        fs::create_dir_all(path.parent().expect("has a folder")).expect("can make folders");
        fs::write(&path, &text).expect("can write the list");
    }
    assert!(read(&path) == text, "tests/known/abi.missing is out of date: run with BLESS=1 if it shrank");
}

/// What the interface had once is there, or the list says why it is not.
#[test]
fn legacy_names_are_there_or_known() {
    let (have, path) = (all_declared(), root().join("tests/known/abi.legacy"));
    let text = read(&path);
    let listed: BTreeMap<_, _> = text.lines().filter_map(|l| l.split_once('\t')).collect();
    for row in facts("legacy.tsv") {
        let (name, reason) = (row[0].as_str(), listed.get(row[0].as_str()));
        assert!(have.contains(name) != reason.is_some(), "{name} has to be declared, or in tests/known/abi.legacy");
        assert!(reason.is_none_or(|r| !r.is_empty()), "{name} is left out without a reason");
    }
}

/// The functions that only exist so that they are found, as components are not supported.
#[test]
fn component_functions_are_known() {
    let rows = facts("symbols.tsv").into_iter().filter(|r| r[1] == "component" || r[1] == "wasi_http");
    let text: String = rows.map(|r| format!("{}\n", r[0])).collect();
    let path = root().join("tests/known/abi.components");
    if blessing() {
        fs::write(&path, &text).expect("can write the list");
    }
    assert!(read(&path) == text, "tests/known/abi.components is out of date");
}

/// Whether a header that the interface has is there already.
fn there(header: &str) -> bool {
    root().join("include").join(header).exists()
}

#[test]
fn layouts_are_the_interfaces() {
    let mut source = String::from("#include <tenon.h>\n");
    let text: String = committed().into_values().collect();
    for row in facts("layouts.tsv").iter().filter(|r| there(&r[2])) {
        let [name, kind, _, size, align, fields] = row.as_slice() else { panic!("bad row {row:?}") };
        if kind == "opaque" {
            if !text.contains(name) {
                continue; // its functions are among the missing ones
            }
            let _ = writeln!(source, "extern {name} *pointer_to_{name};");
            continue;
        }
        let _ = writeln!(source, "_Static_assert(sizeof({name}) == {size}, \"size of {name}\");");
        let _ = writeln!(source, "_Static_assert(_Alignof({name}) == {align}, \"alignment of {name}\");");
        match kind.as_str() {
            "struct" | "union" => fields.split(';').for_each(|field| add_field(&mut source, name, field)),
            // A typedef may be repeated if it says the same.
            "scalar" | "alias" => source.push_str(&format!("typedef {} {name};\n", fields.trim_start_matches("= "))),
            "fnptr" | "array" => source.push_str(&format!("typedef {fields};\n")),
            _ => {}
        }
    }
    if let Err(text) = compile("cc", "-std=c11", "layouts.c", &source) {
        panic!("{text}");
    }
}

/// `name:offset:size:type`
fn add_field(source: &mut String, of: &str, field: &str) {
    let mut parts = field.splitn(4, ':');
    let mut next = || parts.next().unwrap_or_else(|| panic!("bad field {field} of {of}"));
    let (name, offset, size) = (next(), next(), next());
    let what = format!("{of}.{name}");
    let _ = writeln!(source, "_Static_assert(offsetof({of}, {name}) == {offset}, \"offset of {what}\");");
    let _ = writeln!(source, "_Static_assert(sizeof((({of} *)0)->{name}) == {size}, \"size of {what}\");");
}

#[test]
fn numbers_are_the_interfaces() {
    let mut source = String::from("#include <tenon.h>\n#include <stdio.h>\nint main(void) {\n");
    for row in facts("constants.tsv").iter().filter(|r| there(&r[2])) {
        let [name, value, _] = row.as_slice() else { panic!("bad row {row:?}") };
        let differs = match value.starts_with('"') {
            true => format!("strcmp({name}, {value}) != 0"),
            false => format!("{name} != {value}"),
        };
        let _ = writeln!(source, "  if ({differs}) return puts(\"{name}\"), 1;");
    }
    source.push_str("  return 0;\n}\n");
    run_program("numbers", &source);
}

/// Builds a program against headers and library, and runs it.
fn run_program(name: &str, source: &str) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (file, program) = (dir.join(format!("{name}.c")), dir.join(name));
    fs::write(&file, source).expect("can write to the test folder");
    let include = root().join("include");
    let build = Command::new("cc").arg("-I").arg(include).arg(&file).arg("-o").arg(&program).arg(library()).output();
    let build = build.expect("failed to run cc");
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let run = Command::new(&program).env("LD_LIBRARY_PATH", library_dir()).output().expect("failed to run the program");
    assert!(run.status.success(), "{name} ends with {}: {}", run.status, String::from_utf8_lossy(&run.stdout));
}

fn library_dir() -> PathBuf {
    env::current_exe().expect("knows itself").parent().expect("has a folder").to_owned()
}

/// The shared library that was built beside this test.
fn library() -> PathBuf {
    library_dir().join("libtenon.so")
}

/// What the library exports is what the headers declare, no more and no less.
#[test]
fn exports_are_the_headers_names() {
    let library = library();
    let run = Command::new("nm").args(["-D", "--defined-only"]).arg(&library).output().expect("failed to run nm");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let text = String::from_utf8_lossy(&run.stdout);
    let exported: BTreeSet<String> =
        text.lines().filter_map(|l| l.split_whitespace().last()).map(str::to_owned).collect();
    let have = all_declared();
    let extra: Vec<_> = exported.difference(&have).collect();
    let lacking: Vec<_> = have.difference(&exported).collect();
    assert!(extra.is_empty() && lacking.is_empty(), "exported only: {extra:?}\ndeclared only: {lacking:?}");
}

#[test]
fn the_library_has_its_name() {
    let run = Command::new("readelf").arg("-d").arg(library()).output().expect("failed to run readelf");
    assert!(String::from_utf8_lossy(&run.stdout).contains("soname: [libtenon.so]"));
}

/// The facts here are those of the folder they were taken from, where it is at hand.
#[test]
fn facts_are_fresh() {
    let source = root().join("../shared/abi");
    for (name, columns) in [
        ("symbols.tsv", &[0, 2, 1, 8, 17, 5][..]),
        ("legacy.tsv", &[0, 1, 14, 8]),
        ("layouts.tsv", &[0, 2, 3, 5, 6, 7]),
        ("constants.tsv", &[0, 1, 2]),
    ] {
        let Ok(text) = fs::read_to_string(source.join(name)) else { continue };
        let rows = text.lines().map(|l| l.split('\t').collect::<Vec<_>>());
        let theirs: BTreeSet<String> =
            rows.map(|r| columns.iter().map(|c| r[*c]).collect::<Vec<_>>().join("\t")).collect();
        for row in facts(name) {
            assert!(theirs.contains(&row.join("\t")), "{name}: {row:?} is not a fact any more");
        }
    }
}

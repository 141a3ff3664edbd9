//! The rules of the house that the compiler cannot check: which room may use which, where `unsafe` may stand,
//! how long files may be, that documents name things that exist, and that nothing is left half done.
//! `src/RATIONALE.md` says why each rule is there.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// A room below `src/`, the rooms it may use, and the crates that only it and a few others may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("sys", &["base"]),
    ("wasm", &["base"]),
    ("layout", &["base", "wasm"]),
    ("image", &["base", "wasm", "layout"]),
    ("compile", &["base", "wasm", "layout", "image"]),
    ("vm", &["base", "sys", "wasm", "layout", "image"]),
    ("runtime", &["base", "wasm", "layout", "image", "compile", "vm"]),
    ("wasi", &["base", "sys", "runtime"]),
    ("capi", &["base", "wasm", "runtime", "wasi"]),
    // Programs: crates of their own, which reach rooms by the library's name.
    ("bin", &["base", "wasm", "runtime", "wasi"]),
];

/// Crates with a single address (or two): `(crate prefix, rooms)`.
const SOLE_USERS: &[(&str, &[&str])] = &[
    ("libc::", &["sys"]),
    ("rustix::", &["sys"]),
    ("cap_std::", &["sys"]),
    ("cap_fs_ext::", &["sys"]),
    ("cranelift_", &["compile"]),
    ("wasmparser::", &["wasm", "compile"]),
    ("wat::", &["wasm"]),
    ("wast::", &["wasm"]),
    ("clap::", &["bin"]),
    ("indicatif::", &["bin"]),
];

/// Where `unsafe` may stand, as path prefixes below `src/`, each with its reason.
const UNSAFE: &[(&str, &str)] = &[
    ("sys/", "the kernel"),
    ("vm/", "machine code"),
    ("capi/", "foreign callers"),
    ("runtime/func.rs", "enters machine code with slots whose number it has checked"),
    ("runtime/core.rs", "lends the store to a host call without counting a reference"),
    ("runtime/exec.rs", "enters machine code with slots that the caller vouches for"),
    ("runtime/store.rs", "lets threads share an exec that one of them at a time may enter"),
];

/// Files that may be longer than the limit, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Lines of a file that a reader can still hold in mind.
const MAX_LINES: usize = 600;

/// What may stand at the top of the repository beside dot files.
const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "include",
    "build.rs",
    "c-examples",
    "go-bindings",
    "tests",
    "README.md",
    "SECURITY.md",
    "Makefile",
    "LICENSE",
    "target",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `dir` with one of these extensions, in order, paths relative to the repository.
fn files(dir: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(dir)];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                if path.file_name().is_none_or(|n| n != "target" && n != "node_modules") {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
                found.push(path.strip_prefix(root()).unwrap_or(&path).to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Lines of code with their numbers; comment lines and what follows `//` are left out.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, line)| (i + 1, line.split("//").next().unwrap_or(""))).filter(|(_, l)| !l.trim().is_empty())
}

/// The room of a path like `src/vm/code.rs`.
fn room_of(path: &Path) -> Option<&str> {
    let mut parts = path.components().skip(1).filter_map(|c| c.as_os_str().to_str());
    let room = parts.next()?;
    parts.next().map(|_| room)
}

fn fail_if_any(faults: Vec<String>, rule: &str) {
    let mut message = String::new();
    for fault in &faults {
        let _ = writeln!(message, "  {fault}");
    }
    assert!(faults.is_empty(), "{rule}:\n{message}");
}

/// Rooms that a line reaches with `crate::room` or `crate::{room, ...}`; in programs the library's name stands for `crate`.
fn rooms_used<'l>(room: &str, line: &'l str) -> BTreeSet<&'l str> {
    let mut used = BTreeSet::new();
    let library = if room == "bin" { "tenon::" } else { "crate::" };
    for (at, _) in line.match_indices(library) {
        if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &line[at + library.len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        for name in names {
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            used.extend(ROOMS.iter().map(|(room, _)| *room).find(|room| *room == &name[..end]));
        }
    }
    used
}

/// Whether `super::super::...` leaves the room: `src/room/mod.rs` is one step below the crate, and so on.
fn leaves_by_super(path: &Path, line: &str) -> bool {
    let steps = line.matches("super::").count();
    let mut depth = path.components().count() - 1;
    if path.file_name().is_some_and(|n| n == "mod.rs") {
        depth -= 1;
    }
    // An indented line may stand in an inline module, one step further down.
    steps > 0 && line.contains("use ") && steps >= depth + usize::from(line.starts_with(' '))
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let mut faults = Vec::new();
    for path in files("src", &["rs"]) {
        let Some(room) = room_of(&path) else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            faults.push(format!("{}: no such room in the table", path.display()));
            continue;
        };
        for (number, line) in code_lines(&read(&path)) {
            for used in rooms_used(room, line) {
                if used != room && !allowed.contains(&used) {
                    faults.push(format!("{}:{number}: {room} may not use {used}", path.display()));
                }
            }
            if leaves_by_super(&path, line) {
                faults.push(format!("{}:{number}: reaches another room by super::", path.display()));
            }
        }
    }
    fail_if_any(faults, "rooms may use only what the table allows");
}

#[test]
fn foreign_crates_stay_at_their_addresses() {
    let mut faults = Vec::new();
    for path in files("src", &["rs"]) {
        let Some(room) = room_of(&path) else { continue };
        if path.ends_with("tests.rs") {
            continue;
        }
        for (number, line) in code_lines(&read(&path)) {
            for (name, rooms) in SOLE_USERS {
                let used = line.match_indices(name).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"')
                });
                if used && !rooms.contains(&room) {
                    faults.push(format!("{}:{number}: {name} belongs to {rooms:?}", path.display()));
                }
            }
        }
    }
    fail_if_any(faults, "crates with an address may be used only there");
}

/// Whether the line starts unsafe code, as opposed to naming an unsafe type.
fn is_unsafe(line: &str) -> bool {
    ["unsafe {", "unsafe impl", "unsafe fn", "unsafe trait", "unsafe extern \"C\" {", "unsafe extern {", "[unsafe("]
        .iter()
        .any(|mark| line.contains(mark))
        || (line.contains("unsafe extern \"C\" fn ") && line.contains("fn ") && !line.contains("fn("))
}

#[test]
fn unsafe_stays_at_its_addresses() {
    let mut faults = Vec::new();
    for path in files("src", &["rs"]) {
        let below = path.strip_prefix("src").unwrap_or(&path).to_string_lossy().into_owned();
        if UNSAFE.iter().any(|(prefix, _)| below.starts_with(prefix)) {
            continue;
        }
        for (number, line) in code_lines(&read(&path)) {
            if is_unsafe(line) {
                faults.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    fail_if_any(faults, "unsafe may stand only at its addresses");
}

/// How far above a block its reason may stand.
const SAFETY_REACH: usize = 12;

#[test]
fn every_unsafe_block_gives_its_reason() {
    let mut faults = Vec::new();
    for path in files("src", &["rs"]) {
        let text = read(&path);
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in code_lines(&text) {
            if !line.contains("unsafe {") && !line.contains("unsafe impl") {
                continue;
            }
            let from = number.saturating_sub(SAFETY_REACH);
            if !lines[from..number].iter().any(|l| l.contains("SAFETY") || l.contains("# Safety")) {
                faults.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    fail_if_any(faults, "an unsafe block needs a SAFETY line");
}

#[test]
fn files_can_be_read_at_a_sitting() {
    let mut faults = Vec::new();
    let mut listed: BTreeSet<&str> = LONG_FILES.iter().map(|(name, _)| *name).collect();
    for dir in ["src", "tests", "c-examples", "go-bindings"] {
        for path in files(dir, &["rs", "c", "go", "sh"]) {
            let name = path.to_string_lossy().into_owned();
            let lines = read(&path).lines().count();
            let allowed = listed.remove(name.as_str());
            if lines > MAX_LINES && !allowed {
                faults.push(format!("{name}: {lines} lines"));
            }
            if lines <= MAX_LINES && allowed {
                faults.push(format!("{name}: short enough now, take it off the list"));
            }
        }
    }
    faults.extend(listed.iter().map(|name| format!("{name}: listed, but does not exist")));
    fail_if_any(faults, "files of more than 600 lines need a reason in LONG_FILES");
}

#[test]
fn nothing_is_left_half_done() {
    // In two halves, so that this file does not find itself.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimple", "mented!(")];
    let mut faults = Vec::new();
    for dir in ["src", "tests", "c-examples", "go-bindings", ".ci"] {
        for path in files(dir, &["rs", "c", "h", "go", "md", "sh", "wat"]) {
            for (i, line) in read(&path).lines().enumerate() {
                faults.extend(marks.iter().filter(|m| line.contains(*m)).map(|m| {
                    format!("{}:{}: {m}", path.display(), i + 1)
                }));
            }
        }
    }
    fail_if_any(faults, "finish it or answer with an error");
}

#[test]
fn the_top_level_holds_only_what_it_may() {
    let mut faults = Vec::new();
    for entry in fs::read_dir(root()).expect("the repository").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()) {
            faults.push(name);
        }
    }
    fail_if_any(faults, "not allowed at the top level");
}

fn documents() -> Vec<PathBuf> {
    let mut all = vec![PathBuf::from("README.md"), PathBuf::from("SECURITY.md")];
    for dir in ["src", "c-examples", "go-bindings", "tests"] {
        all.extend(files(dir, &["md"]).into_iter().filter(|p| !p.starts_with("c-examples/demo/data")));
    }
    all
}

/// Targets of `[text](target)` outside of code.
fn link_targets(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        for part in line.split("](").skip(1) {
            found.extend(part.split(')').next().map(str::to_owned));
        }
    }
    found
}

/// Anchors that a document's headings make.
fn anchors(text: &str) -> BTreeSet<String> {
    let slug = |h: &str| -> String {
        let kept = h.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
    };
    text.lines().filter(|l| l.starts_with('#')).map(|l| slug(l.trim_start_matches('#').trim())).collect()
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for path in documents() {
        let text = read(&path);
        for target in link_targets(&text) {
            if target.contains("://") || target.starts_with("crate::") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let full = match file {
                "" => path.clone(),
                _ => path.parent().unwrap_or(Path::new("")).join(file),
            };
            let known = root().join(&full).exists()
                && (anchor.is_empty() || full.is_dir() || anchors(&read(&full)).contains(anchor));
            if !known {
                faults.push(format!("{}: {target}", path.display()));
            }
        }
    }
    fail_if_any(faults, "links must lead somewhere");
}

/// Spans between single backticks outside of fenced code.
fn code_spans(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if !fenced {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// Whether `name` is declared somewhere in the room.
fn declares(source: &str, name: &str) -> bool {
    const KINDS: &[&str] = &["fn", "struct", "enum", "trait", "union", "mod", "type", "const", "static", "macro_rules!"];
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    KINDS.iter().any(|kind| {
        let declaration = format!("{kind} {name}");
        source.match_indices(&declaration).any(|(at, _)| ends(&source[at + declaration.len()..]))
    }) || source.lines().map(str::trim).any(|l| {
        // Fields, enum variants and rows of a table.
        let l = l.strip_prefix("pub ").or_else(|| l.strip_prefix("pub(crate) ")).unwrap_or(l);
        l.strip_prefix(name).is_some_and(|rest| rest.starts_with([',', ':', '(', ' ']) || rest.is_empty())
    })
}

/// `Some(problem)` if the span names something of this repository that does not exist.
fn span_problem(span: &str) -> Option<String> {
    let is_path = span.contains('/') && !span.contains([' ', '<', '*', '{', '-']) && !span.starts_with(['/', '$', '.']);
    if is_path && span.rsplit('/').next().is_some_and(|f| f.contains('.') || span.ends_with('/')) {
        let known = ["", "src"].iter().any(|base| root().join(base).join(span).exists());
        return (!known).then(|| "no such file".to_owned());
    }
    let (room, rest) = span.split_once("::")?;
    ROOMS.iter().find(|(name, _)| *name == room)?;
    let mut source = String::new();
    for path in files(&format!("src/{room}"), &["rs"]) {
        source.push_str(&read(&path));
    }
    let missing = rest.split("::").map(|n| n.trim_end_matches("()")).find(|name| !declares(&source, name));
    missing.map(|name| format!("room {room} declares no {name}"))
}

#[test]
fn documents_name_things_that_exist() {
    let mut faults = Vec::new();
    for path in documents() {
        for span in code_spans(&read(&path)) {
            faults.extend(span_problem(&span).map(|why| format!("{}: `{span}`: {why}", path.display())));
        }
    }
    fail_if_any(faults, "documents may name only what exists");
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read(Path::new("Cargo.toml"));
    let reasons = read(Path::new("src/RATIONALE.md"));
    let mut faults = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let (true, Some((name, _))) = (inside, line.split_once('=')) {
            let name = name.trim();
            if !reasons.contains(&format!("`{name}`")) {
                faults.push(name.to_owned());
            }
        }
    }
    fail_if_any(faults, "RATIONALE.md says why each dependency is there");
}

/// The bugs that `make test-machines` puts into a copy of the sources, as patches.
fn seeded_bugs() -> Vec<PathBuf> {
    files("tests/soak/seeded", &["patch"])
}

#[test]
fn seeded_bugs_still_fit_the_sources() {
    let bugs = seeded_bugs();
    assert!(bugs.len() >= 6, "only {} bugs", bugs.len());
    let mut faults = Vec::new();
    for path in bugs {
        let mut git = std::process::Command::new("git");
        // A repository further up, of which this is only a folder, would make git pass over the patch.
        git.args(["apply", "--check"]).arg(&path).current_dir(root());
        let out = git.env("GIT_CEILING_DIRECTORIES", root().parent().unwrap_or(root())).output().expect("git");
        if !out.status.success() {
            faults.push(format!("{}: {}", path.display(), String::from_utf8_lossy(&out.stderr)));
        }
    }
    fail_if_any(faults, "make the patch anew, with the same bug in it");
}

#[test]
fn the_table_of_machines_names_tests_that_exist() {
    let table = read(Path::new("tests/soak/machines.py"));
    let rows: Vec<Vec<&str>> =
        table.split("Machine(\"").skip(1).map(|row| row.split('"').step_by(2).take(3).collect()).collect();
    assert!(rows.len() >= 5, "{rows:?}");
    let mut faults = Vec::new();
    for row in &rows {
        let [machine, binary, test] = row[..] else { panic!("no row of three strings: {row:?}") };
        // `module::test` of a binary of many modules.
        let (module, name) = test.rsplit_once("::").unwrap_or(("", test));
        let own = format!("tests/{binary}/{}.rs", module.replace("::", "/"));
        let sources = [format!("tests/{binary}.rs"), format!("tests/{binary}/main.rs"), own];
        let found = sources.iter().filter_map(|s| fs::read_to_string(root().join(s)).ok());
        if !found.into_iter().any(|text| text.contains(&format!("fn {name}("))) {
            faults.push(format!("{machine}: {binary} has no test {test}"));
        }
    }
    for path in seeded_bugs() {
        let text = read(&path);
        let named = text.lines().find_map(|l| l.strip_prefix("machine: ")).unwrap_or_default();
        if !rows.iter().any(|row| row[0] == named) {
            faults.push(format!("{}: no machine {named:?}", path.display()));
        }
    }
    fail_if_any(faults, "tests/soak/machines.py and its bugs must name what exists");
}

/// Machines without a target for libFuzzer, each with its reason.
const WITHOUT_TARGET: &[(&str, &str)] = &[
    ("threads", "what threads do at the same time is not the same for the same bytes"),
    ("paths-old-kernel", "`paths` on a thread that is denied a system call for good"),
    ("paths-race", "two guests race, and the same bytes do not say who is first"),
    ("paths-link", "a race, too"),
    ("faults", "a process that forks and is traced for each case"),
    ("api", "two orders run at a time, on threads that share engines"),
];

#[test]
fn machines_have_fuzz_targets_or_a_reason() {
    let table = read(Path::new("tests/soak/machines.py"));
    let machines: BTreeSet<String> = table.split("Machine(\"").skip(1).filter_map(|row| Some(row.split_once('"')?.0.to_owned())).collect();
    let stem = |path: &PathBuf| Some(path.file_stem()?.to_str()?.replace('_', "-"));
    let targets: BTreeSet<String> = files("tests/fuzz/fuzz_targets", &["rs"]).iter().filter_map(stem).collect();
    let (manifest, logic) = (read(Path::new("tests/fuzz/Cargo.toml")), read(Path::new("tests/fuzz/src/lib.rs")));
    let without = |name: &str| WITHOUT_TARGET.iter().any(|(n, _)| *n == name);
    let mut faults: Vec<String> = Vec::new();
    let both = machines.iter().filter(|name| targets.contains(*name) == without(name));
    faults.extend(both.map(|name| format!("machine {name}: a target, or a reason in WITHOUT_TARGET, and not both")));
    faults.extend(targets.iter().filter(|name| !machines.contains(*name)).map(|name| format!("target {name}: no such machine")));
    let listed = WITHOUT_TARGET.iter().map(|(name, _)| *name).filter(|name| !machines.contains(*name));
    faults.extend(listed.map(|name| format!("{name}: listed, but no machine")));
    for target in &targets {
        let name = target.replace('-', "_");
        let declared = manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")) && logic.contains(&format!("pub fn {name}("));
        faults.extend((!declared).then(|| format!("target {target}: not in the manifest or without its function")));
    }
    // What the package builds it does not share with the tests, except by its path.
    for line in logic.lines().filter_map(|l| l.strip_prefix("#[path = \"../../")).filter_map(|l| l.split('"').next()) {
        faults.extend((!root().join("tests").join(line).exists()).then(|| format!("tests/{line} does not exist")));
    }
    fail_if_any(faults, "fuzz targets and the table of machines must agree");
}

#[test]
fn the_fuzz_package_uses_the_same_crates() {
    let own = read(Path::new("tests/fuzz/Cargo.toml"));
    let lines = |text: &str| -> Vec<String> { text.lines().filter(|l| l.contains("\"=")).map(str::to_owned).collect() };
    let ours = lines(&read(Path::new("Cargo.toml")));
    let name = |line: &str| line.split('=').next().unwrap_or("").trim().to_owned();
    let mut faults: Vec<String> = Vec::new();
    for line in lines(&own).iter().filter(|line| name(line) != "libfuzzer-sys") {
        // Version and features, so that `cargo test` and the targets run the same code.
        faults.extend((!ours.contains(line)).then(|| format!("{line}: not as in Cargo.toml")));
    }
    let packages = |path: &str| -> BTreeSet<String> { read(Path::new(path)).split("[[package]]").skip(1).map(str::to_owned).collect() };
    let (lock, library) = (packages("tests/fuzz/Cargo.lock"), packages("Cargo.lock"));
    let extra = ["tenon", "tenon-fuzz", "libfuzzer-sys", "cc", "find-msvc-tools", "jobserver", "shlex"];
    let named = |package: &str| extra.iter().any(|name| package.contains(&format!("name = \"{name}\"\n")));
    let words = |package: &String| package.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    faults.extend(lock.iter().filter(|p| !named(p) && !library.iter().any(|l| words(l) == words(p))).map(words));
    fail_if_any(faults, "tests/fuzz/Cargo.lock holds the crates of Cargo.lock and those that libFuzzer needs");
}

//! What profilers are told, read back by the rules of their formats.

use crate::json::Json;
use crate::native::{compile_c, program, root, run, scratch};
use std::path::PathBuf;
use std::process::Command;
use tenon::runtime::{Config, Engine, Profiler};

fn built(name: &str) -> (PathBuf, Command) {
    let dir = scratch(name);
    compile_c(&root().join("tests/data/profile.c"), &dir.join("profile"));
    let mut command = program(&dir.join("profile"));
    command.current_dir(&dir);
    (dir, command)
}

fn output(command: &mut Command) -> String {
    String::from_utf8(run(command).stdout).expect("text").trim().to_owned()
}

/// Functions have their names, or numbers, and every instruction belongs to one symbol at most.
fn check_symbols(symbols: &[(u64, u64, String)]) {
    let names: Vec<&str> = symbols.iter().map(|s| s.2.as_str()).collect();
    for name in ["outer", "wasm[0]::function[2]", "odd?name", "deep"] {
        assert!(names.contains(&name), "no {name} in {names:?}");
    }
    assert!(names.iter().any(|n| n.starts_with("signatures[") && n.ends_with("_trampoline")), "{names:?}");
    let mut sorted = symbols.to_vec();
    sorted.sort();
    for pair in sorted.windows(2) {
        assert!(pair[0].0 + pair[0].1 <= pair[1].0, "{pair:x?} overlap");
    }
    assert!(symbols.iter().all(|s| s.1 > 0), "an empty symbol in {symbols:x?}");
}

#[test]
fn a_perf_map_names_every_function() {
    let (_, mut command) = built("profile-perfmap");
    let path = PathBuf::from(format!("/tmp/perf-{}.map", output(command.arg("3"))));
    let text = std::fs::read_to_string(&path).expect("a perf map");
    std::fs::remove_file(&path).expect("it was there");
    let hex = |t: &str| u64::from_str_radix(t, 16).unwrap_or_else(|_| panic!("not hexadecimal: {t}"));
    let line = |l: &str| {
        let mut parts = l.splitn(3, ' ').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_else(|| panic!("short line {l}"));
        (hex(&next()), hex(&next()), next())
    };
    check_symbols(&text.lines().map(line).collect::<Vec<_>>());
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take(&mut self, len: usize) -> &[u8] {
        let (head, rest) = self.0.split_at(len);
        self.0 = rest;
        head
    }

    fn u32(&mut self) -> u32 {
        u32::from_ne_bytes(self.take(4).try_into().expect("four bytes"))
    }

    fn u64(&mut self) -> u64 {
        u64::from_ne_bytes(self.take(8).try_into().expect("eight bytes"))
    }
}

/// One code record after its prefix: symbol and machine code.
fn load_record(record: &[u8], pid: u32, number: u64) -> (u64, u64, String) {
    let mut r = Bytes(record);
    assert_eq!(r.u32(), pid, "the process");
    assert_ne!(r.u32(), 0, "the thread");
    let (vma, address, size) = (r.u64(), r.u64(), r.u64());
    assert_eq!(vma, address, "code that does not move is where it runs");
    assert_eq!(r.u64(), number, "code records are numbered");
    let end = r.0.iter().position(|b| *b == 0).expect("the name ends");
    let name = String::from_utf8(r.0[..end].to_vec()).expect("a name");
    assert_eq!(r.0.len() - end - 1, size as usize, "the code of {name}");
    (address, size, name)
}

/// By the jitdump specification of the kernel's perf tool, version 1.
#[test]
fn a_jitdump_holds_every_function_and_ends() {
    let (dir, mut command) = built("profile-jitdump");
    let pid: u32 = output(command.arg("1")).parse().expect("a process number");
    let file = std::fs::read(dir.join(format!("jit-{pid}.dump"))).expect("a jitdump");
    let mut file = Bytes(&file);
    let header = [file.u32(), file.u32(), file.u32(), file.u32(), file.u32(), file.u32()];
    assert_eq!(header, [0x4a69_5444, 1, 40, 62, 0, pid], "magic, version, size, machine, padding, process");
    let mut time = file.u64();
    assert_eq!(file.u64(), 0, "no flags");
    let mut symbols = Vec::new();
    let mut closed = false;
    while !file.0.is_empty() {
        assert!(!closed, "records after the last");
        let (kind, size, at) = (file.u32(), file.u32() as usize, file.u64());
        assert!(at >= time, "time runs backwards");
        time = at;
        let record = file.take(size - 16);
        match kind {
            0 => symbols.push(load_record(record, pid, symbols.len() as u64)),
            3 => closed = record.is_empty(),
            other => panic!("unexpected record {other}"),
        }
    }
    assert!(closed, "no record says that the file is complete");
    check_symbols(&symbols);
}

/// While the process runs, the dump is mapped executable: that is how perf finds it.
#[test]
fn a_jitdump_is_mapped_for_perf_to_notice() {
    let mut config = Config::new();
    config.profiler = Some(Profiler::JitDump);
    let _engine = Engine::new(&config).expect("an engine");
    let name = format!("jit-{}.dump", std::process::id());
    let maps = std::fs::read_to_string("/proc/self/maps").expect("mappings");
    let line = maps.lines().find(|l| l.ends_with(&name)).unwrap_or_else(|| panic!("{name} is not mapped"));
    assert!(line.contains("r-xp"), "{line}");
    std::fs::remove_file(&name).expect("it was there");
}

#[test]
fn profilers_that_are_not_there_are_refused() {
    let (dir, _) = built("profile-refused");
    for number in ["2", "4", "255"] {
        let output = program(&dir.join("profile")).arg(number).output().expect("runs");
        assert_eq!(output.status.code(), Some(2), "profiler {number}");
    }
}

/// A column of a table: its values.
fn column<'a>(table: &'a Json, name: &str) -> &'a [Json] {
    match table.get(name) {
        Some(Json::List(values)) => values,
        other => panic!("column {name} is {other:?}"),
    }
}

fn number(value: &Json) -> f64 {
    match value {
        Json::Number(n) => *n,
        other => panic!("expected a number, found {other:?}"),
    }
}

/// Every column has as many rows as the table says; gives that number.
fn rows(thread: &Json, name: &str, columns: &[&str]) -> usize {
    let table = thread.get(name).unwrap_or_else(|| panic!("no {name}"));
    let length = number(table.get("length").unwrap_or_else(|| panic!("{name} has no length"))) as usize;
    for c in columns {
        assert_eq!(column(table, c).len(), length, "{name}.{c}");
    }
    length
}

/// Every value is a row of a table of this length, or null where that may be.
fn indices(thread: &Json, table: &str, name: &str, of: usize, nullable: bool) {
    for value in column(thread.get(table).expect("a table"), name) {
        let fits = match value {
            Json::Null => nullable,
            Json::Number(n) => n.fract() == 0.0 && *n >= 0.0 && (*n as usize) < of,
            _ => false,
        };
        assert!(fits, "{table}.{name} has {value:?}, there are {of}");
    }
}

const FRAME_COLUMNS: &[&str] =
    &["address", "inlineDepth", "category", "subcategory", "func", "nativeSymbol", "innerWindowID", "line", "column"];
const FUNC_COLUMNS: &[&str] =
    &["name", "isJS", "relevantForJS", "resource", "fileName", "lineNumber", "columnNumber"];

fn check_thread(thread: &Json, libs: usize) {
    let strings = column(thread, "stringArray").len();
    let frames = rows(thread, "frameTable", FRAME_COLUMNS);
    let funcs = rows(thread, "funcTable", FUNC_COLUMNS);
    let stacks = rows(thread, "stackTable", &["prefix", "frame", "category", "subcategory"]);
    let symbols = rows(thread, "nativeSymbols", &["address", "functionSize", "libIndex", "name"]);
    let resources = rows(thread, "resourceTable", &["lib", "name", "host", "type"]);
    rows(thread, "markers", &["category", "data", "endTime", "name", "phase", "startTime"]);
    let samples = rows(thread, "samples", &["stack", "timeDeltas", "weight", "threadCPUDelta"]);
    assert_eq!(samples, 4, "one per call that samples, and one outside");
    indices(thread, "frameTable", "func", funcs, false);
    indices(thread, "frameTable", "nativeSymbol", symbols, true);
    indices(thread, "frameTable", "category", 1, false);
    indices(thread, "frameTable", "subcategory", 1, false);
    indices(thread, "funcTable", "name", strings, false);
    indices(thread, "funcTable", "resource", resources, false);
    indices(thread, "stackTable", "frame", frames, false);
    indices(thread, "stackTable", "prefix", stacks, true);
    indices(thread, "nativeSymbols", "name", strings, false);
    indices(thread, "nativeSymbols", "libIndex", libs, false);
    indices(thread, "resourceTable", "lib", libs, false);
    indices(thread, "resourceTable", "name", strings, false);
    indices(thread, "samples", "stack", stacks, true);
    let table = |name: &str| thread.get(name).expect("a table");
    // A prefix comes before what extends it: readers build the tree in one pass.
    for (i, prefix) in column(table("stackTable"), "prefix").iter().enumerate() {
        assert!(*prefix == Json::Null || (number(prefix) as usize) < i, "stack {i} comes before its prefix");
    }
    // Samples are in order: differences in time are not negative, and add up to the thread's end.
    let deltas: Vec<f64> = column(table("samples"), "timeDeltas").iter().map(number).collect();
    assert!(deltas.iter().all(|d| *d >= 0.0), "{deltas:?}");
    let end = number(thread.get("processShutdownTime").expect("an end"));
    assert!((deltas.iter().sum::<f64>() - end).abs() < 1e-6, "{deltas:?} do not add up to {end}");
    assert!(end < 60e3, "milliseconds");
    let cpu: Vec<f64> = column(table("samples"), "threadCPUDelta").iter().map(number).collect();
    assert_eq!(cpu, [1500.0, 1500.0, 1500.0, 0.0], "microseconds, as the host gave them");
}

/// Names of a sample's frames, outermost first.
fn stack(thread: &Json, sample: usize) -> Vec<String> {
    let table = |name: &str| thread.get(name).expect("a table");
    let at = |t: &str, c: &str, row: usize| column(table(t), c)[row].clone();
    let mut names = Vec::new();
    let mut next = at("samples", "stack", sample);
    while let Json::Number(s) = next {
        let frame = number(&at("stackTable", "frame", s as usize)) as usize;
        let func = number(&at("frameTable", "func", frame)) as usize;
        let name = number(&at("funcTable", "name", func)) as usize;
        names.insert(0, column(thread, "stringArray")[name].text().to_owned());
        next = at("stackTable", "prefix", s as usize);
    }
    names
}

#[test]
fn a_guest_profile_keeps_the_formats_rules() {
    let (_, mut command) = built("profile-guest");
    let profile = Json::parse(&output(command.arg("guest")));
    let meta = profile.get("meta").expect("meta");
    for key in ["interval", "startTime", "version", "preprocessedProfileVersion", "processType"] {
        number(meta.get(key).unwrap_or_else(|| panic!("no meta.{key}")));
    }
    assert_eq!(meta.get("product").expect("a product").text(), "a \"guest\"");
    assert_eq!(number(meta.get("interval").expect("an interval")), 1.0, "milliseconds");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs_f64();
    let start = number(meta.get("startTime").expect("a start"));
    assert!((now * 1e3 - start).abs() < 60e3, "milliseconds since 1970: {start}");
    assert_eq!(column(meta, "categories").len(), 1);
    let libs = column(&profile, "libs");
    assert_eq!(libs.iter().map(|l| l.get("name").expect("a name").text()).collect::<Vec<_>>(), ["lib"]);
    let threads = column(&profile, "threads");
    let [thread] = threads else { panic!("{} threads", threads.len()) };
    check_thread(thread, libs.len());
    assert_eq!(stack(thread, 0), ["outer", "<wasm function 2>"]);
    assert_eq!(stack(thread, 1), ["<wasm function 2>"]);
    assert_eq!(stack(thread, 2), vec!["deep"; 31], "no limit on frames");
    assert!(stack(thread, 3).is_empty(), "outside of a call");
}

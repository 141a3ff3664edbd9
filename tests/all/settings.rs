//! The settings that protect the host from guests are those that `src/RATIONALE.md` documents.

use crate::native::root;
use std::collections::BTreeMap;
use tenon::compile::Compiler;
use tenon::layout::{STACK_RESERVE, Tunables};
use tenon::runtime::{Config, Engine, Module};

/// The rows "| `name` | `value` | ..." below the heading.
fn documented() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("src/RATIONALE.md")).expect("RATIONALE.md");
    let section = text.split("\n## ").find(|s| s.starts_with("Which settings protect the host?")).expect("the section");
    let cell = |c: &str| c.trim().strip_prefix('`').and_then(|c| c.strip_suffix('`')).map(str::to_owned);
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|');
        Some((cell(cells.next()?)?, cell(cells.next()?)?))
    });
    rows.collect()
}

/// What holds for an engine with the plain settings.
fn actual() -> BTreeMap<String, String> {
    let t = Tunables::default();
    let mut found = BTreeMap::new();
    let compiler = Compiler::new(&t).expect("a compiler");
    for switch in compiler.fingerprint().switches().lines() {
        if let Some((name, value)) = switch.split_once('=') {
            found.insert(name.to_owned(), value.to_owned());
        }
    }
    found.insert("memory_mode".into(), format!("{:?}", t.memory_mode));
    found.insert("memory_reservation".into(), format!("{} MiB", t.memory_reservation >> 20));
    found.insert("memory_guard".into(), format!("{} MiB", t.memory_guard >> 20));
    found.insert("stack_reserve".into(), format!("{} KiB", STACK_RESERVE >> 10));
    found.insert("writable_code".into(), writable_code().to_string());
    found.insert("handled_signals".into(), handled_signals());
    found
}

/// Mappings of this process that are writable and executable while a module is loaded.
fn writable_code() -> usize {
    let engine = Engine::new(&Config::default()).expect("an engine");
    let binary = tenon::wasm::text::parse(b"(module (func (export \"f\")))").expect("a binary");
    let _module = Module::new(&engine, &binary).expect("a module");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("maps");
    let access = maps.lines().filter_map(|l| l.split_whitespace().nth(1));
    access.filter(|a| a.contains('w') && a.contains('x')).count()
}

/// Of the signals that faults raise, those that are handled.
fn handled_signals() -> String {
    let status = std::fs::read_to_string("/proc/self/status").expect("status");
    let mask = status.lines().find_map(|l| l.strip_prefix("SigCgt:")).expect("SigCgt");
    let mask = u64::from_str_radix(mask.trim(), 16).expect("a mask");
    let names = [(libc::SIGBUS, "SIGBUS"), (libc::SIGFPE, "SIGFPE"), (libc::SIGILL, "SIGILL"), (libc::SIGSEGV, "SIGSEGV")];
    let handled = names.into_iter().filter(|(n, _)| mask & (1 << (n - 1)) != 0).map(|(_, name)| name);
    handled.collect::<Vec<_>>().join(" ")
}

#[test]
fn security_settings_are_the_documented_ones() {
    let (documented, actual) = (documented(), actual());
    for name in actual.keys().filter(|n| ["spectre", "probestack", "frame_pointers", "memory_"].iter().any(|w| n.contains(w))) {
        assert!(documented.contains_key(name), "{name} is not documented");
    }
    for name in ["stack_reserve", "writable_code", "handled_signals"] {
        assert!(documented.contains_key(name), "{name} is not documented");
    }
    for (name, value) in &documented {
        assert_eq!(actual.get(name), Some(value), "{name} is not as documented");
    }
}

//! Golden tests: each file of `tests/golden/trap` is a module in text form. A first line `;; call NAME ARGS...` says
//! what to call, `;; set SETTING` lines before it say with which engine, and what comes out stands behind the line `;; ---`.
//! Files of `tests/golden/code` pin the machine code of idioms that matter: no call, and behind `;; ---` the code of each
//! function in the code generator's notation, for a CPU with AVX2 and without AVX-512.
//! Lines that begin with `;;;` are notes. `BLESS=1` rewrites the files.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use tenon::base::Error;
use tenon::compile::Compiler;
use tenon::layout::MemoryMode;
use tenon::runtime::{Config, Engine, Linker, Module, Store, Val};
use tenon::wasm::ValType;

const FENCE: &str = ";; ---\n";

/// What the comments in front of a module ask for.
#[derive(Default)]
struct Task<'a> {
    config: Config,
    export: &'a str,
    args: Vec<&'a str>,
}

fn parse_task(text: &str) -> Result<Task<'_>, String> {
    let mut task = Task::default();
    for line in text.lines().map_while(|l| l.strip_prefix(";; ")) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("call"), Some(name)) => {
                task.export = name;
                task.args = words.collect();
            }
            (Some("set"), Some(setting)) => apply(&mut task.config, setting)?,
            _ => return Err(format!("unknown directive {line:?}")),
        }
    }
    Ok(task)
}

fn apply(config: &mut Config, setting: &str) -> Result<(), String> {
    match setting {
        "fuel" => config.tunables.fuel = true,
        "epochs" => config.tunables.epochs = true,
        "explicit" => config.tunables.memory_mode = MemoryMode::Explicit,
        "unoptimised" => config.tunables.opt_level = 0,
        "no-inlining" => config.tunables.inlining = false,
        "no-positions" => config.tunables.address_map = false,
        _ => return Err(format!("unknown setting {setting:?}")),
    }
    Ok(())
}

fn argument(word: &str, ty: ValType) -> Result<Val, String> {
    let number = word.parse::<i64>().map_err(|e| format!("argument {word:?}: {e}"))?;
    match ty {
        ValType::I32 => Ok(Val::I32(number as i32)),
        ValType::I64 => Ok(Val::I64(number)),
        ty => Err(format!("arguments of type {ty} are not known here")),
    }
}

/// Runs a file's module and renders what comes out.
fn outcome(text: &str) -> Result<String, String> {
    let task = parse_task(text)?;
    if task.export.is_empty() {
        return Err("no `;; call` line".into());
    }
    let explain = |e: Error| e.to_string();
    let engine = Engine::new(&task.config).map_err(explain)?;
    let binary = tenon::wasm::text::parse(text.as_bytes()).map_err(explain)?;
    let module = Module::new(&engine, &binary).map_err(explain)?;
    let store = Store::new(&engine);
    if task.config.tunables.fuel {
        store.set_fuel(1_000).map_err(explain)?;
    }
    let instance = match Linker::new(&engine).instantiate(&store, &module) {
        Ok(instance) => instance,
        Err(e) => return Ok(render(&e)),
    };
    let func = instance.func(&store, task.export).ok_or("no such export")?;
    let ty = func.ty(&store);
    let args = task.args.iter().zip(&ty.params).map(|(a, t)| argument(a, *t)).collect::<Result<Vec<_>, _>>()?;
    let mut results = vec![Val::I32(0); ty.results.len()];
    let mut out = match func.call(&store, &args, &mut results) {
        Ok(()) => format!(";; {results:?}\n"),
        Err(e) => render(&e),
    };
    if task.config.tunables.fuel {
        let _ = writeln!(out, ";; fuel left: {}", store.fuel().map_err(explain)?);
    }
    Ok(out)
}

/// An error with its frames, innermost first; offsets in hexadecimal, from the function's body and from the module.
fn render(error: &Error) -> String {
    let mut out = format!(";; {:?}: {error}\n", error.kind());
    for (i, frame) in error.frames().iter().enumerate() {
        let module = frame.module_name.as_deref().unwrap_or("<unknown>");
        let func = frame.func_name.as_deref().unwrap_or("<unknown>");
        let offset = |o: Option<usize>| o.map_or("?".to_owned(), |o| format!("{o:#x}"));
        let (inner, outer) = (offset(frame.func_offset), offset(frame.module_offset));
        let _ = writeln!(out, ";; {i:>3}: {module}!{func} (function {}) at {inner}, {outer}", frame.func_index);
    }
    out
}

fn golden_files(kind: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(kind);
    let mut files: Vec<PathBuf> = fs::read_dir(&dir).expect("golden files").flatten().map(|e| e.path()).collect();
    files.sort();
    files
}

/// What the code of a file's functions is.
fn code(text: &str) -> Result<String, String> {
    let explain = |e: Error| e.to_string();
    let mut task = parse_task(text)?;
    let here = Compiler::new(&task.config.tunables).map_err(explain)?;
    for switch in here.fingerprint().switches().lines().filter(|s| s.starts_with("has_")) {
        let name = switch.split('=').next().unwrap_or(switch);
        let value = CPU.contains(&name).to_string();
        task.config.tunables.extra_flags.push((name.to_owned(), Some(value)));
    }
    let compiler = Compiler::new(&task.config.tunables).map_err(explain)?;
    let binary = tenon::wasm::text::parse(text.as_bytes()).map_err(explain)?;
    let mut out = String::new();
    for (i, listing) in compiler.listing(&binary, &task.config.features).map_err(explain)?.iter().enumerate() {
        let _ = writeln!(out, ";; defined function {i}");
        for line in listing.lines() {
            let _ = writeln!(out, ";; {line}");
        }
    }
    Ok(out)
}

/// Features of the CPU that the code of `tests/golden/code` is for.
const CPU: &[&str] = &[
    "has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_cmpxchg16b", "has_popcnt", "has_lzcnt", "has_bmi1", "has_bmi2",
    "has_avx", "has_avx2", "has_fma",
];

/// Compares each file of a kind with what `outcome` makes of its module.
fn compare(kind: &str, outcome: impl Fn(&str) -> Result<String, String>) {
    let bless = std::env::var_os("BLESS").is_some();
    let mut faults = Vec::new();
    for path in golden_files(kind) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let text = fs::read_to_string(&path).expect("a readable file");
        let (input, expected) = text.split_once(FENCE).unwrap_or((&text, ""));
        match outcome(input) {
            Ok(found) if found == expected => {}
            Ok(found) if bless => fs::write(&path, format!("{input}{FENCE}{found}")).expect("a writable file"),
            Ok(found) => faults.push(format!("{name}: expected\n{expected}found\n{found}")),
            Err(why) => faults.push(format!("{name}: {why}")),
        }
    }
    assert!(faults.is_empty(), "BLESS=1 rewrites if this is right:\n{}", faults.join("\n"));
}

#[test]
fn traps_and_their_traces() {
    compare("trap", outcome);
}

#[test]
fn code_of_idioms_that_matter() {
    compare("code", code);
}

//! Telling profilers of the system where published code lies: the perf map and the jitdump file, one of each per
//! process, made when an engine first asks for it and kept until the process ends.
//!
//! A perf map is lines of text: start and size in hexadecimal, name. A jitdump file is a header and records, each with
//! kind, size and time; numbers in the byte order of the machine. Engines record what they publish; what cannot be
//! written (a full disk) is left out, since a guest must not fail because of its profiler.

use super::code::CodeMap;
use crate::base::Result;
use crate::sys::profile as sys;
use parking_lot::Mutex;
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Who is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profiler {
    /// `/tmp/perf-PID.map`, for `perf report` on this machine while the process's number is its own.
    PerfMap,
    /// `jit-PID.dump` in the current directory, for `perf inject --jit`; holds the code itself.
    JitDump,
}

static PERF_MAP: Mutex<Option<File>> = Mutex::new(None);
static JIT_DUMP: Mutex<Option<JitDump>> = Mutex::new(None);

struct JitDump {
    file: File,
    /// Number of the next code record.
    next: u64,
    /// The process that made the file: its children must not write to it.
    pid: u32,
}

/// `JiTD` as a number of this machine's byte order, by which readers tell it.
const MAGIC: u32 = 0x4a69_5444;
const VERSION: u32 = 1;
const HEADER: u32 = 40;
/// The number of x86-64 in ELF files.
const MACHINE: u32 = 62;
const RECORD_LOAD: u32 = 0;
const RECORD_CLOSE: u32 = 3;
/// Kind, size, time.
const PREFIX: u32 = 16;

/// Makes the profiler's file, unless this process has it already.
pub fn start(profiler: Profiler) -> Result<()> {
    let pid = std::process::id();
    match profiler {
        Profiler::PerfMap => {
            let mut map = PERF_MAP.lock();
            if map.is_none() {
                *map = Some(sys::create(Path::new(&format!("/tmp/perf-{pid}.map")))?);
            }
        }
        Profiler::JitDump => {
            let mut dump = JIT_DUMP.lock();
            if dump.is_none() {
                *dump = Some(JitDump::create(pid)?);
                sys::at_exit(close);
            }
        }
    }
    Ok(())
}

/// Tells the profiler about all functions and trampolines of published code.
pub fn record(profiler: Profiler, code: &CodeMap) {
    let symbols = symbols(code);
    match profiler {
        Profiler::PerfMap => {
            let lines: String =
                symbols.iter().map(|s| format!("{:x} {:x} {}\n", s.start, s.code.len(), s.name)).collect();
            if let Some(file) = &mut *PERF_MAP.lock() {
                let _ = file.write_all(lines.as_bytes());
            }
        }
        Profiler::JitDump => {
            if let Some(dump) = &mut *JIT_DUMP.lock() {
                symbols.iter().for_each(|s| dump.load(s));
            }
        }
    }
}

/// A stretch of machine code with its name.
struct Symbol<'a> {
    start: usize,
    code: &'a [u8],
    name: String,
}

/// What a profile shows for a function: its name, or its number.
fn func_name(code: &CodeMap, index: crate::base::index::FuncIndex) -> String {
    match code.image().func_name(index) {
        // A name is the rest of a line, and ends at a zero.
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)).replace(char::is_control, "?"),
        None => format!("wasm[0]::function[{}]", index.0),
    }
}

fn symbols(code: &CodeMap) -> Vec<Symbol<'_>> {
    let image = code.image();
    // Published: with the addresses filled in.
    let text = image.text();
    let symbol = |from: u32, to: u32, name: String| {
        let bytes = text.get(from as usize..to as usize)?;
        Some(Symbol { start: code.range().0 + from as usize, code: bytes, name })
    };
    let mut all = Vec::new();
    for defined in image.defined_funcs() {
        let range = image.func(defined);
        all.extend(symbol(range.start, range.end, func_name(code, image.info().func_index(defined))));
    }
    // Trampolines stand behind the functions; each ends where the next begins. Equal types share one.
    let mut starts: Vec<(u32, String)> = Vec::new();
    for ty in image.info().types.keys() {
        let kinds = [("host_to_wasm", image.entry_trampoline(ty)), ("wasm_to_host", image.host_trampoline(ty))];
        for (kind, at) in kinds {
            starts.extend(at.map(|at| (at, format!("signatures[{}]::{kind}_trampoline", ty.0))));
        }
    }
    starts.sort();
    starts.dedup_by_key(|s| s.0);
    let ends: Vec<u32> = starts.iter().skip(1).map(|s| s.0).chain([text.len() as u32]).collect();
    all.extend(starts.into_iter().zip(ends).filter_map(|((from, name), to)| symbol(from, to, name)));
    all
}

impl JitDump {
    fn create(pid: u32) -> Result<JitDump> {
        let path = format!("jit-{pid}.dump");
        let path = Path::new(&path);
        let mut file = sys::create(path)?;
        let mut header = Vec::with_capacity(HEADER as usize);
        for word in [MAGIC, VERSION, HEADER, MACHINE, 0, pid] {
            header.extend_from_slice(&word.to_ne_bytes());
        }
        for word in [sys::monotonic_ns(), 0] {
            header.extend_from_slice(&word.to_ne_bytes());
        }
        let _ = file.write_all(&header);
        sys::map_marker(&file, path)?;
        Ok(JitDump { file, next: 0, pid })
    }

    fn load(&mut self, symbol: &Symbol<'_>) {
        let size = PREFIX as usize + 8 + 4 * 8 + symbol.name.len() + 1 + symbol.code.len();
        let Ok(size) = u32::try_from(size) else { return };
        let mut record = begin(RECORD_LOAD, size);
        for word in [self.pid, sys::thread_number() as u32] {
            record.extend_from_slice(&word.to_ne_bytes());
        }
        let start = symbol.start as u64;
        for word in [start, start, symbol.code.len() as u64, self.next] {
            record.extend_from_slice(&word.to_ne_bytes());
        }
        record.extend_from_slice(symbol.name.as_bytes());
        record.push(0);
        record.extend_from_slice(symbol.code);
        self.next += 1;
        self.write(&record);
    }

    fn write(&mut self, record: &[u8]) {
        if self.pid == std::process::id() {
            let _ = self.file.write_all(record);
        }
    }
}

/// A record as far as all have the same form.
fn begin(kind: u32, size: u32) -> Vec<u8> {
    let mut record = Vec::with_capacity(size as usize);
    for word in [kind, size] {
        record.extend_from_slice(&word.to_ne_bytes());
    }
    record.extend_from_slice(&sys::monotonic_ns().to_ne_bytes());
    record
}

/// Ends the jitdump file. A thread that still records holds the lock and must not be waited for.
extern "C" fn close() {
    if let Some(Some(mut dump)) = JIT_DUMP.try_lock().map(|mut d| d.take()) {
        dump.write(&begin(RECORD_CLOSE, PREFIX));
    }
}

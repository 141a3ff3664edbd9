//! The guest profiler: samples of the guest's stack, taken by the host when it likes, as a profile that the
//! Firefox profiler reads.

use super::super::ffi::{CVec, guard, guard_err, guard_some, need, put, slice};
use super::super::wasm::bytes::{wasm_byte_vec_t, wasm_name_t};
use super::super::wasm::engine::wasm_engine_t;
use super::error::wasmtime_error_t;
use super::module::wasmtime_module_t;
use super::store::wasmtime_store_t;
use crate::base::FrameInfo;
use std::collections::HashMap;
use std::fmt::Write;
use std::mem::MaybeUninit;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Samples of one guest; one thread at a time.
pub struct wasmtime_guestprofiler_t {
    name: String,
    interval: Duration,
    start: Duration,
    /// Time since the start at the last sample.
    now: Duration,
    strings: Table<String>,
    /// Functions, by the number of their name.
    funcs: Table<usize>,
    /// Stacks: caller's stack and function.
    stacks: Table<(Option<usize>, usize)>,
    /// Time, stack, and time since the sample before.
    samples: Vec<(Duration, Option<usize>, Duration)>,
}

/// A module whose frames belong to the guest, with the name to show.
#[repr(C)]
pub struct wasmtime_guestprofiler_modules_t {
    pub name: *const wasm_name_t,
    pub r#mod: *const wasmtime_module_t,
}

/// Numbers distinct values in order of appearance.
struct Table<T> {
    order: Vec<T>,
    numbers: HashMap<T, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { order: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    fn number(&mut self, value: T) -> usize {
        let next = self.order.len();
        let order = &mut self.order;
        *self.numbers.entry(value).or_insert_with_key(|key| {
            order.push(key.clone());
            next
        })
    }
}

impl wasmtime_guestprofiler_t {
    fn sample(&mut self, frames: &[FrameInfo], delta: Duration) {
        self.now += delta;
        let mut stack = None;
        for frame in frames.iter().rev() {
            let name = match &frame.func_name {
                Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
                None => format!("wasm function {}", frame.func_index),
            };
            let name = self.strings.number(name);
            let func = self.funcs.number(name);
            stack = Some(self.stacks.number((stack, func)));
        }
        self.samples.push((self.now, stack, delta));
    }

    fn json(&self) -> String {
        let funcs = self.funcs.order.len();
        let stacks = &self.stacks.order;
        let column = |value: &str, count: usize| vec![value; count].join(",");
        let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(",");
        let optional = |n: Option<usize>| n.map_or("null".to_owned(), |n| n.to_string());
        let millis = |d: Duration| format!("{}", d.as_secs_f64() * 1e3);
        let names = list(&mut self.funcs.order.iter().map(usize::to_string));
        let strings = list(&mut self.strings.order.iter().map(|s| quoted(s)));
        let mut out = String::new();
        let _ = write!(
            out,
            r#"{{"meta":{{"categories":[{{"name":"User","color":"yellow","subcategories":["Other"]}}],"debug":false,"extensions":{{"baseURL":[],"id":[],"length":0,"name":[]}},"interval":{},"preprocessedProfileVersion":46,"processType":0,"product":{},"sampleUnits":{{"eventDelay":"ms","threadCPUDelta":"µs","time":"ms"}},"startTime":{},"symbolicated":true,"pausedRanges":[],"version":24}},"libs":[],"threads":[{{"#,
            millis(self.interval),
            quoted(&self.name),
            millis(self.start),
        );
        let (ones, zeros, nulls) = (column("-1", funcs), column("0", funcs), column("null", funcs));
        let falses = column("false", funcs);
        let own = list(&mut (0..funcs).map(|f| f.to_string()));
        let _ = write!(
            out,
            r#""frameTable":{{"length":{funcs},"address":[{ones}],"inlineDepth":[{zeros}],"category":[{zeros}],"subcategory":[{zeros}],"func":[{own}],"nativeSymbol":[{nulls}],"innerWindowID":[{nulls}],"implementation":[{nulls}],"line":[{nulls}],"column":[{nulls}],"optimizations":[{nulls}]}},"funcTable":{{"length":{funcs},"name":[{names}],"isJS":[{falses}],"relevantForJS":[{falses}],"resource":[{ones}],"fileName":[{nulls}],"lineNumber":[{nulls}],"columnNumber":[{nulls}]}},"#
        );
        let _ = write!(
            out,
            r#""stackTable":{{"length":{},"prefix":[{}],"frame":[{}],"category":[{}],"subcategory":[{}]}},"#,
            stacks.len(),
            list(&mut stacks.iter().map(|s| optional(s.0))),
            list(&mut stacks.iter().map(|s| s.1.to_string())),
            column("0", stacks.len()),
            column("0", stacks.len()),
        );
        let _ = write!(
            out,
            r#""samples":{{"length":{},"stack":[{}],"time":[{}],"weight":[{}],"weightType":"samples","threadCPUDelta":[{}]}},"#,
            self.samples.len(),
            list(&mut self.samples.iter().map(|s| optional(s.1))),
            list(&mut self.samples.iter().map(|s| millis(s.0))),
            column("1", self.samples.len()),
            list(&mut self.samples.iter().map(|s| s.2.as_micros().to_string())),
        );
        let _ = write!(
            out,
            r#""markers":{{"length":0,"category":[],"data":[],"endTime":[],"name":[],"phase":[],"startTime":[]}},"nativeSymbols":{{"length":0,"address":[],"functionSize":[],"libIndex":[],"name":[]}},"resourceTable":{{"length":0,"lib":[],"name":[],"host":[],"type":[]}},"stringArray":[{strings}],"name":{name},"processName":{name},"processType":"default","isMainThread":true,"pid":"0","tid":0,"processStartupTime":0,"processShutdownTime":null,"registerTime":0,"unregisterTime":null,"pausedRanges":[],"showMarkersInTimeline":false}}],"pages":[],"profilerOverhead":[],"counters":[]}}"#,
            name = quoted(&self.name),
        );
        out
    }
}

/// The text as a JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if u32::from(c) < 0x20 => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A profiler for a guest of this name, owned by the caller. `interval_nanos` is what the host means to have
/// between samples. Frames name their functions by themselves, so `modules` is only looked at for NULLs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmtime_guestprofiler_new(
    engine: Option<&wasm_engine_t>,
    module_name: Option<&wasm_name_t>,
    interval_nanos: u64,
    modules: *const wasmtime_guestprofiler_modules_t,
    modules_len: usize,
) -> Option<Box<wasmtime_guestprofiler_t>> {
    guard(|| {
        engine?;
        // SAFETY: the caller gives an array of this length.
        let modules = unsafe { slice(modules, modules_len) }.ok()?;
        if modules.iter().any(|m| m.name.is_null() || m.r#mod.is_null()) {
            return None;
        }
        Some(Box::new(wasmtime_guestprofiler_t {
            name: String::from_utf8_lossy(module_name?.as_slice()).into_owned(),
            interval: Duration::from_nanos(interval_nanos),
            start: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            now: Duration::ZERO,
            strings: Table::default(),
            funcs: Table::default(),
            stacks: Table::default(),
            samples: Vec::new(),
        }))
    })
}

/// Takes a sample of what the store runs on this thread: to be called by a host function or an epoch callback.
/// `delta_nanos` is the processor time since the last sample. At other times the sample is empty.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_guestprofiler_sample(
    guestprofiler: Option<&mut wasmtime_guestprofiler_t>,
    store: Option<&wasmtime_store_t>,
    delta_nanos: u64,
) {
    guard_some(|| {
        let trace = store?.context().store().backtrace();
        let frames = trace.as_deref().map_or(&[][..], |t| t.frames());
        guestprofiler?.sample(frames, Duration::from_nanos(delta_nanos));
        Some(())
    });
}

/// Writes the profile, JSON text, to `out`, which the caller frees; the profiler is consumed.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_guestprofiler_finish(
    guestprofiler: Option<Box<wasmtime_guestprofiler_t>>,
    out: Option<&mut MaybeUninit<wasm_byte_vec_t>>,
) -> Option<Box<wasmtime_error_t>> {
    guard_err(|| {
        let profiler = need(guestprofiler, "guestprofiler")?;
        put(out, wasm_byte_vec_t::from_text(&profiler.json()));
        Ok(())
    })
}

/// Frees a profiler; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_guestprofiler_delete(guestprofiler: Option<Box<wasmtime_guestprofiler_t>>) {
    guard(|| drop(guestprofiler));
}

//! Samples of a guest's stack as a profile that the Firefox profiler reads ("processed" profile format).
//!
//! A profile is tables as columns: samples name a stack, a stack names its caller's stack and a frame, a frame a function
//! and an address, a function its name and the module it belongs to. Addresses are offsets in the module's bytes.

use super::module::Module;
use super::store::Store;
use crate::base::FrameInfo;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Collects samples of one guest. Each is taken when the host says so, in a host function or an epoch callback.
pub struct GuestProfiler {
    name: String,
    interval: Duration,
    /// The guest's modules with the names to show; a frame's library is its module's number here.
    modules: Vec<(String, Module)>,
    began: SystemTime,
    start: Instant,
    /// When the last sample was taken, from `start` on.
    last: Duration,
    strings: Table<String>,
    /// Name, module, offset of the body if it is known.
    funcs: Table<(usize, usize, Option<usize>)>,
    /// Function and offset of the operator.
    frames: Table<(usize, Option<usize>)>,
    /// The caller's stack and a frame.
    stacks: Table<(Option<usize>, usize)>,
    samples: Vec<Sample>,
}

struct Sample {
    stack: Option<usize>,
    /// Time since the sample before.
    elapsed: Duration,
    /// Time of the processor since the sample before.
    cpu: Duration,
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

impl<T: Clone + Eq + Hash> Table<T> {
    fn number(&mut self, value: T) -> usize {
        let next = self.order.len();
        let order = &mut self.order;
        *self.numbers.entry(value).or_insert_with_key(|key| {
            order.push(key.clone());
            next
        })
    }

    /// One column of the table.
    fn column(&self, value: impl Fn(&T) -> Value) -> Value {
        self.order.iter().map(value).collect()
    }

    /// A column that is the same all the way.
    fn filled(&self, value: Value) -> Value {
        vec![value; self.order.len()].into()
    }
}

impl GuestProfiler {
    /// A profiler of what runs in `modules`; frames of other modules are left out. `interval`: how far apart the
    /// host means to take samples.
    pub fn new(name: &str, interval: Duration, modules: Vec<(String, Module)>) -> GuestProfiler {
        GuestProfiler {
            name: name.to_owned(),
            interval,
            modules,
            began: SystemTime::now(),
            start: Instant::now(),
            last: Duration::ZERO,
            strings: Table::default(),
            funcs: Table::default(),
            frames: Table::default(),
            stacks: Table::default(),
            samples: Vec::new(),
        }
    }

    /// Takes a sample of what `store` runs on this thread; empty if it runs nothing. `cpu`: processor time since the
    /// sample before.
    pub fn sample(&mut self, store: &Store, cpu: Duration) {
        let now = self.start.elapsed();
        let trace = store.whole_backtrace();
        let mut stack = None;
        for frame in trace.as_deref().map_or(&[][..], |t| t.frames()).iter().rev() {
            if let Some(frame) = self.frame(frame) {
                stack = Some(self.stacks.number((stack, frame)));
            }
        }
        self.samples.push(Sample { stack, elapsed: now - self.last, cpu });
        self.last = now;
    }

    fn frame(&mut self, frame: &FrameInfo) -> Option<usize> {
        let code = frame.code?;
        let module = self.modules.iter().position(|(_, m)| m.has_code_at(code))?;
        let name = match &frame.func_name {
            Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
            None => format!("<wasm function {}>", frame.func_index),
        };
        let name = self.strings.number(name);
        let body = frame.module_offset.zip(frame.func_offset).map(|(at, into)| at - into);
        let func = self.funcs.number((name, module, body));
        Some(self.frames.number((func, frame.module_offset)))
    }

    /// The profile as JSON text.
    pub fn finish(mut self) -> String {
        let libraries: Vec<Value> = self.modules.iter().map(|(name, _)| library(name)).collect();
        let resources: Vec<usize> =
            self.modules.iter().map(|(name, _)| self.strings.number(name.clone())).collect();
        let meta = self.meta();
        let thread = self.thread(&resources);
        json!({
            "meta": meta, "libs": libraries, "threads": [thread],
            "pages": [], "profilerOverhead": [], "counters": [],
        })
        .to_string()
    }

    fn meta(&self) -> Value {
        let began = self.began.duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({
            "categories": [{"name": "Other", "color": "grey", "subcategories": ["Other"]}],
            "debug": false,
            "extensions": {"baseURL": [], "id": [], "length": 0, "name": []},
            "interval": millis(self.interval),
            "markerSchema": [],
            "pausedRanges": [],
            "preprocessedProfileVersion": 55,
            "processType": 0,
            "product": self.name,
            "sampleUnits": {"eventDelay": "ms", "threadCPUDelta": "µs", "time": "ms"},
            "sourceCodeIsNotOnSearchfox": true,
            "startTime": millis(began),
            "symbolicated": true,
            "usesOnlyOneStackType": true,
            "version": 24,
        })
    }

    fn thread(&self, resources: &[usize]) -> Value {
        json!({
            "frameTable": self.frame_table(),
            "funcTable": self.func_table(),
            "isMainThread": true,
            "markers": {"length": 0, "category": [], "data": [], "endTime": [], "name": [], "phase": [], "startTime": []},
            "name": self.name,
            "nativeSymbols": self.native_symbols(),
            "pausedRanges": [],
            "pid": "0",
            "processName": self.name,
            "processShutdownTime": millis(self.last),
            "processStartupTime": 0.0,
            "processType": "default",
            "registerTime": 0.0,
            "resourceTable": {
                "length": resources.len(),
                "host": vec![Value::Null; resources.len()],
                "lib": (0..resources.len()).collect::<Vec<_>>(),
                "name": resources,
                "type": vec![1; resources.len()],
            },
            "samples": self.sample_table(),
            "showMarkersInTimeline": false,
            "stackTable": {
                "length": self.stacks.order.len(),
                "category": self.stacks.filled(0.into()),
                "frame": self.stacks.column(|s| s.1.into()),
                "prefix": self.stacks.column(|s| s.0.into()),
                "subcategory": self.stacks.filled(0.into()),
            },
            "stringArray": self.strings.order,
            "tid": "0",
            "unregisterTime": millis(self.last),
        })
    }

    /// Every function is its own native symbol, so that both have the same numbers.
    fn frame_table(&self) -> Value {
        let t = &self.frames;
        json!({
            "length": t.order.len(),
            "address": t.column(|f| f.1.map_or((-1).into(), Value::from)),
            "category": t.filled(0.into()),
            "column": t.filled(Value::Null),
            "func": t.column(|f| f.0.into()),
            "inlineDepth": t.filled(0.into()),
            "innerWindowID": t.filled(0.into()),
            "line": t.filled(Value::Null),
            "nativeSymbol": t.column(|f| f.0.into()),
            "subcategory": t.filled(0.into()),
        })
    }

    fn func_table(&self) -> Value {
        let t = &self.funcs;
        json!({
            "length": t.order.len(),
            "columnNumber": t.filled(Value::Null),
            "fileName": t.filled(Value::Null),
            "isJS": t.filled(false.into()),
            "lineNumber": t.filled(Value::Null),
            "name": t.column(|f| f.0.into()),
            "relevantForJS": t.filled(false.into()),
            "resource": t.column(|f| f.1.into()),
        })
    }

    fn native_symbols(&self) -> Value {
        let t = &self.funcs;
        json!({
            "length": t.order.len(),
            "address": t.column(|f| f.2.unwrap_or(0).into()),
            "functionSize": t.filled(Value::Null),
            "libIndex": t.column(|f| f.1.into()),
            "name": t.column(|f| f.0.into()),
        })
    }

    fn sample_table(&self) -> Value {
        let column = |value: &dyn Fn(&Sample) -> Value| self.samples.iter().map(value).collect::<Value>();
        json!({
            "length": self.samples.len(),
            "stack": column(&|s| s.stack.into()),
            "threadCPUDelta": column(&|s| (s.cpu.as_micros() as u64).into()),
            "timeDeltas": column(&|s| millis(s.elapsed).into()),
            "weight": column(&|_| 1.into()),
            "weightType": "samples",
        })
    }
}

/// A module as the profile's libraries are described; it has no file to find symbols in.
fn library(name: &str) -> Value {
    json!({
        "name": name, "path": "", "debugName": name, "debugPath": "",
        "breakpadId": "0".repeat(33), "codeId": null, "arch": null,
    })
}

fn millis(d: Duration) -> f64 {
    d.as_secs_f64() * 1e3
}

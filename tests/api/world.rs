//! What one sequence of calls knows: every handle that lives, who owns it, and what the library has to say about it.

use crate::guests::Kit;
use crate::names::*;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

pub const I32: u8 = 0;
pub const I64: u8 = 1;
pub const FUNCREF: u8 = 5;
pub const EXTERNREF: u8 = 6;
pub const ANYREF: u8 = 7;
pub const EXNREF: u8 = 8;

/// Numbers that follow from a seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bf0_3635)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 16) as usize % n.max(1)
    }
}

/// Something of the host's that a finalizer is called with, once.
pub struct Token {
    pub world: W,
    pub does: Does,
    pub finalized: AtomicU32,
}

/// What a host function does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Does {
    Nothing,
    AddOne,
    TrapText,
    TrapCode,
    WrongKind,
    /// Any other calls, then as `AddOne`.
    Nested,
    /// Looks up exports of its caller, then as `AddOne`.
    Looks,
    /// Throws an exception.
    Throws,
}

pub extern "C" fn finalize(env: P) {
    if env.is_null() {
        return;
    }
    // SAFETY: tokens are boxed and live until the sequence has been judged.
    unsafe { &*env.cast::<Token>() }.finalized.fetch_add(1, Ordering::Relaxed);
}

pub struct Memory {
    pub handle: Item,
    pub pages: u64,
    pub max: u64,
    pub bytes: BTreeMap<u64, u8>,
}

pub struct Table {
    pub handle: Item,
    pub kind: u8,
    pub max: u64,
    /// A raw function pointer or the address of a token; 0 for null.
    pub elements: Vec<u64>,
}

#[derive(Clone, Copy)]
pub struct Global {
    pub handle: Item,
    pub kind: u8,
    pub mutable: bool,
    pub value: u64,
}

/// What calling a function does, as far as the model knows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Act {
    Host(Does),
    Add,
    Div,
    Unreachable,
    Recurse,
    Load(usize),
    Put(usize),
    Grow(usize),
    SetGlobal(usize),
    GetGlobal(usize),
    /// Calls the host function, and passes its result on.
    CallHost(Does),
    CallTable(usize),
    TableGrow(usize),
    Keep(usize),
    /// Stops for the host: only for calls that can.
    Yield,
    /// Catches what the host function throws.
    Catch(Does),
    /// Throws by itself, with its argument.
    Throw,
}

#[derive(Clone, Copy)]
pub struct Function {
    pub handle: Func,
    pub params: &'static [u8],
    pub results: &'static [u8],
    pub act: Act,
}

pub struct Instance2 {
    pub handle: Instance,
    pub exports: Vec<(&'static str, u8)>,
}

pub struct Store {
    pub ptr: P,
    pub ctx: P,
    pub kit: usize,
    pub alive: bool,
    /// Calls that run in it: it must not be deleted.
    pub busy: u32,
    pub memory_limit: u64,
    pub data: P,
    pub memories: Vec<Memory>,
    pub tables: Vec<Table>,
    pub globals: Vec<Global>,
    pub functions: Vec<Function>,
    pub tags: Vec<Item>,
    pub instances: Vec<Instance2>,
    pub roots: Vec<(Val, u64)>,
    pub suspended: Vec<Suspended>,
    pub interrupts: Vec<P>,
}

/// A call that waits for the host on an execution.
pub struct Suspended {
    pub exec: P,
    pub slots: Box<[Raw; 2]>,
    pub argument: i32,
}

/// What a name of a linker stands for.
#[derive(Clone, Copy, PartialEq)]
pub enum Definition {
    Host(Does),
    Item(usize, Thing),
    Async,
    Yield,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Thing {
    Function(usize),
    Memory(usize),
    Table(usize),
    Global(usize),
}

pub struct Linker {
    pub ptr: P,
    pub kit: usize,
    pub alive: bool,
    pub busy: u32,
    pub shadowing: bool,
    pub names: BTreeMap<(&'static str, &'static str), Definition>,
}

/// Shared memories of this sequence, by clones.
pub struct SharedMemory {
    pub ptr: P,
}

pub struct World {
    pub seed: u64,
    pub random: Random,
    pub kits: &'static [Kit],
    pub stores: Vec<Store>,
    pub linkers: Vec<Linker>,
    pub shared: Vec<SharedMemory>,
    pub pres: Vec<(P, usize, usize, BTreeMap<(&'static str, &'static str), Definition>)>,
    pub tokens: Vec<*mut Token>,
    pub depth: u32,
    pub trail: Vec<&'static str>,
    pub failures: Vec<String>,
}

/// The world as operations see it: they call functions that call them back, so that nobody may hold it exclusively.
#[derive(Clone, Copy)]
pub struct W(pub *mut World);

// SAFETY: a world is handed from thread to thread, and only one of them uses it.
unsafe impl Send for W {}

impl Deref for W {
    type Target = World;
    fn deref(&self) -> &World {
        // SAFETY: the world lives longer than its sequence, and borrows end before the next call of the library.
        unsafe { &*self.0 }
    }
}

impl DerefMut for W {
    fn deref_mut(&mut self) -> &mut World {
        // SAFETY: as above.
        unsafe { &mut *self.0 }
    }
}

impl World {
    pub fn new(seed: u64, kits: &'static [Kit]) -> World {
        World {
            seed,
            random: Random::new(seed),
            kits,
            stores: Vec::new(),
            linkers: Vec::new(),
            shared: Vec::new(),
            pres: Vec::new(),
            tokens: Vec::new(),
            depth: 0,
            trail: Vec::new(),
            failures: Vec::new(),
        }
    }
}

impl W {
    /// Notes a fault unless `right`.
    pub fn check(mut self, right: bool, what: impl FnOnce() -> String) {
        if !right && self.failures.len() < 3 {
            let text = format!("sequence {}: {}; calls: {}", self.seed, what(), self.trail.join(" "));
            self.failures.push(text);
        }
    }

    /// Whether an error came as it should; frees it.
    pub fn outcome(self, what: &str, error: P, expected: bool) -> bool {
        let text = error_text(error);
        self.check(text.is_some() == expected, || match &text {
            None => format!("{what}: no error"),
            Some(text) => format!("{what}: error: {text}"),
        });
        text.is_none()
    }

    pub fn token(mut self, does: Does) -> P {
        let token = Token { world: self, does, finalized: AtomicU32::new(0) };
        let token = Box::into_raw(Box::new(token));
        self.tokens.push(token);
        token.cast()
    }

    pub fn below(mut self, n: usize) -> usize {
        self.random.below(n)
    }

    /// True once in `n` times.
    pub fn one_in(self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn word(mut self) -> u64 {
        self.random.next()
    }

    pub fn pick<T: Copy>(self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { Some(from[self.below(from.len())]) }
    }

    /// A store that lives, at random.
    pub fn store(self) -> Option<usize> {
        let alive: Vec<usize> = (0..self.stores.len()).filter(|s| self.stores[*s].alive).collect();
        self.pick(&alive)
    }

    pub fn linker(self) -> Option<usize> {
        let alive: Vec<usize> = (0..self.linkers.len()).filter(|l| self.linkers[*l].alive).collect();
        self.pick(&alive)
    }

    /// Another store than this one, alive or not.
    pub fn foreign(self, than: usize) -> Option<usize> {
        let others: Vec<usize> = (0..self.stores.len()).filter(|s| *s != than).collect();
        self.pick(&others)
    }

    pub fn any(self, n: usize) -> Option<usize> {
        if n == 0 { None } else { Some(self.below(n)) }
    }

    pub fn engine(self, store: usize) -> P {
        self.kits[self.stores[store].kit].engine
    }
}

/// The text of an error, which is freed; `None` for none.
pub fn error_text(error: P) -> Option<String> {
    if error.is_null() {
        return None;
    }
    let mut text = Vector::default();
    wasmtime_error_message(error, &mut text);
    let copy = take_text(&mut text);
    wasmtime_error_delete(error);
    Some(copy)
}

/// The text of a vector of bytes, which is freed.
pub fn take_text(vector: &mut Vector) -> String {
    let text = String::from_utf8_lossy(bytes(vector)).into_owned();
    wasm_byte_vec_delete(vector);
    text
}

/// The content of a vector of bytes.
pub fn bytes(vector: &Vector) -> &[u8] {
    if vector.size == 0 {
        return &[];
    }
    // SAFETY: the library filled it in.
    unsafe { std::slice::from_raw_parts(vector.data.cast::<u8>(), vector.size) }
}

/// The elements of a vector of pointers.
pub fn pointers(vector: &Vector) -> &[P] {
    if vector.size == 0 {
        return &[];
    }
    // SAFETY: the library filled it in.
    unsafe { std::slice::from_raw_parts(vector.data.cast::<P>(), vector.size) }
}

/// A trap's code, and the trap is freed: `Some(255)` for a trap without a code.
pub fn trap_code(trap: P) -> Option<u8> {
    if trap.is_null() {
        return None;
    }
    let mut code = 255u8;
    let known = wasmtime_trap_code(trap, (&raw mut code).cast());
    wasm_trap_delete(trap);
    Some(if known { code } else { 255 })
}

pub fn functype(params: &[u8], results: &[u8]) -> P {
    let vector = |kinds: &[u8]| {
        let types: Vec<P> = kinds.iter().map(|k| valtype(*k)).collect();
        let mut out = Vector::default();
        wasm_valtype_vec_new(&mut out, types.len(), types.as_ptr().cast_mut());
        out
    };
    let (mut params, mut results) = (vector(params), vector(results));
    wasm_functype_new(&mut params, &mut results)
}

/// A type of `wasm.h` for a kind of `wasmtime.h`.
pub fn valtype(kind: u8) -> P {
    match kind {
        FUNCREF => wasm_valtype_new(129),
        EXTERNREF => wasm_valtype_new(128),
        ANYREF => {
            let any = ValType { kind: 5, reference: RefType { nullable: true, heap: HeapType { kind: 5, of: null_mut() } } };
            wasmtime_valtype_to_wasm(null_mut(), &any)
        }
        4 => wasmtime_wasm_valtype_v128(),
        number => wasm_valtype_new(number),
    }
}

impl Val {
    pub fn number(kind: u8, bits: u64) -> Val {
        Val { kind, of: [bits, 0, 0] }
    }

    pub fn func(handle: Func) -> Val {
        Val { kind: FUNCREF, of: [handle.of[0], handle.of[1], 0] }
    }

    pub fn i32(self) -> i32 {
        self.of[0] as i32
    }

    pub fn as_func(self) -> Func {
        Func { of: [self.of[0], self.of[1]] }
    }

    pub fn as_ref(self) -> Ref {
        Ref { of: self.of }
    }
}

//! The C functions as C sees them: raw pointers and plain structs, each call noted so that a campaign can say which functions
//! it reached. The declarations were derived from the headers under `include/`; nothing but their use here checks them.
#![allow(clippy::too_many_arguments)]

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

/// Any pointer to something that only the library looks into.
pub type P = *mut c_void;
pub type Finalizer = Option<extern "C" fn(P)>;
pub type Callback = Option<extern "C" fn(P, P, *const Val, usize, *mut Val, usize) -> P>;
pub type RawCallback = Option<extern "C" fn(P, P, *mut Raw, usize) -> P>;
pub type AsyncCallback = Option<extern "C" fn(P, P, *const Val, usize, *mut Val, usize, *mut P, *mut Continuation)>;
pub type OldCallback = Option<extern "C" fn(*const Vector, *mut Vector) -> P>;
pub type OldEnvCallback = Option<extern "C" fn(P, *const Vector, *mut Vector) -> P>;
pub type Hook = Option<extern "C" fn(P, P, u8) -> P>;

macro_rules! structs {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $t:ty),* })*) => {$(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name { $(pub $field: $t),* }

        impl Default for $name {
            fn default() -> Self {
                // SAFETY: all of these consist of numbers and pointers that may be null.
                unsafe { std::mem::zeroed() }
            }
        }
    )*};
}

structs! {
    /// A function of a store; the first word is the store's number, 0 for the null function.
    Func { of: [u64; 2] }
    Instance { of: [u64; 2] }
    /// A memory, table, global or tag.
    Item { of: [u64; 3] }
    /// A root of any kind of reference.
    Ref { of: [u64; 3] }
    Extern { kind: u8, of: [u64; 3] }
    Val { kind: u8, of: [u64; 3] }
    Raw { of: [u64; 2] }
    OldVal { kind: u8, of: u64 }
    Limits { min: u32, max: u32 }
    Vector { size: usize, data: P }
    Step { kind: u8, func_id: u64, caller: Instance, slots: *mut Raw, num_slots: usize, trap: P, error: P }
    Continuation { callback: Option<extern "C" fn(P) -> bool>, env: P, finalizer: Finalizer }
    StorageType { kind: u8, valtype: P }
    FieldType { mutable: bool, storage: StorageType }
    HeapType { kind: u8, of: P }
    RefType { nullable: bool, heap: HeapType }
    ValType { kind: u8, reference: RefType }
    ProfiledModule { name: *const Vector, module: P }
    /// A creator of memories or stacks.
    Creator { env: P, make: P, finalizer: Finalizer }
}

/// Declares the functions, and for each a safe one of the same name that notes the call. Safe, because every caller
/// here is a machine whose whole business is to keep the contract of the headers.
macro_rules! functions {
    ($names:ident, $called:ident, $($(#[$attr:meta])* fn $name:ident($($p:ident: $t:ty),*) $(-> $r:ty)?;)*) => {
        mod raw {
            #![allow(clashing_extern_declarations)]
            use crate::names::*;
            unsafe extern "C" { $(pub(super) fn $name($($p: $t),*) $(-> $r)?;)* }
        }
        #[allow(non_camel_case_types)]
        enum Index { $($name),* }
        pub const $names: &[&str] = &[$(stringify!($name)),*];
        pub static $called: [AtomicBool; $names.len()] = [const { AtomicBool::new(false) }; $names.len()];
        $(
            #[allow(dead_code)]
            pub fn $name($($p: $t),*) $(-> $r)? {
                note(&$called[Index::$name as usize]);
                // SAFETY: the machine that calls keeps what the headers ask for.
                unsafe { raw::$name($($p),*) }
            }
        )*
    };
}

mod extended;
mod standard;
pub use extended::*;
pub use standard::*;

fn note(called: &AtomicBool) {
    if !called.load(Ordering::Relaxed) {
        called.store(true, Ordering::Relaxed);
    }
}

/// How many functions were called, and how many there are.
pub fn coverage() -> (usize, usize) {
    let called = STANDARD_CALLED.iter().chain(&EXTENDED_CALLED).filter(|c| c.load(Ordering::Relaxed)).count();
    (called, STANDARD.len() + EXTENDED.len())
}

/// The functions that nothing has called.
pub fn uncalled() -> Vec<&'static str> {
    let all = STANDARD.iter().zip(&STANDARD_CALLED).chain(EXTENDED.iter().zip(&EXTENDED_CALLED));
    all.filter(|(_, called)| !called.load(Ordering::Relaxed)).map(|(name, _)| *name).collect()
}

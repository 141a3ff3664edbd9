//! Values of the component model. They own their content; the header spells the union out.

use super::vecs::{
    wasmtime_component_valflags_t, wasmtime_component_vallist_t, wasmtime_component_valmap_t,
    wasmtime_component_valrecord_t, wasmtime_component_valtuple_t,
};
use crate::capi::ffi::{CVec, guard, guard_some, own, put};
use crate::capi::wasm::bytes::wasm_name_t;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

/// What a value is: one of the `WASMTIME_COMPONENT_` numbers.
pub type wasmtime_component_valkind_t = u8;

const STRING: u8 = 12;
const LIST: u8 = 13;
const RECORD: u8 = 14;
const TUPLE: u8 = 15;
const VARIANT: u8 = 16;
const ENUM: u8 = 17;
const OPTION: u8 = 18;
const RESULT: u8 = 19;
const FLAGS: u8 = 20;
const RESOURCE: u8 = 21;
const MAP: u8 = 22;

/// A value; its content belongs to it.
#[repr(C)]
pub struct wasmtime_component_val_t {
    kind: wasmtime_component_valkind_t,
    of: wasmtime_component_valunion_t,
}

/// The case of a variant by name, with its payload or NULL.
#[repr(C)]
pub struct wasmtime_component_valvariant_t {
    discriminant: wasm_name_t,
    val: *mut wasmtime_component_val_t,
}

/// Which side of a result, with its payload or NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmtime_component_valresult_t {
    is_ok: u8,
    val: *mut wasmtime_component_val_t,
}

/// The members that own something, and the numbers as words.
#[repr(C)]
pub union wasmtime_component_valunion_t {
    words: [MaybeUninit<u64>; 3],
    name: ManuallyDrop<wasm_name_t>,
    list: ManuallyDrop<wasmtime_component_vallist_t>,
    record: ManuallyDrop<wasmtime_component_valrecord_t>,
    tuple: ManuallyDrop<wasmtime_component_valtuple_t>,
    variant: ManuallyDrop<wasmtime_component_valvariant_t>,
    option: *mut wasmtime_component_val_t,
    result: wasmtime_component_valresult_t,
    flags: ManuallyDrop<wasmtime_component_valflags_t>,
    map: ManuallyDrop<wasmtime_component_valmap_t>,
}

const _: () = assert!(size_of::<wasmtime_component_val_t>() == 32);

/// `false`.
impl Default for wasmtime_component_val_t {
    fn default() -> Self {
        let words = [MaybeUninit::new(0); 3];
        wasmtime_component_val_t { kind: 0, of: wasmtime_component_valunion_t { words } }
    }
}

/// A copy of the payload at `it`, for another value to own.
///
/// # Safety
/// - `it` is NULL or points to a valid value.
unsafe fn payload(it: *mut wasmtime_component_val_t) -> *mut wasmtime_component_val_t {
    // SAFETY: the caller's promise.
    unsafe { it.as_ref() }.map_or(ptr::null_mut(), |it| Box::into_raw(Box::new(it.clone())))
}

impl Clone for wasmtime_component_val_t {
    fn clone(&self) -> Self {
        let from = &self.of;
        // SAFETY: each kind has its member set, and what that points to is valid and belongs to the value.
        let of = unsafe {
            match self.kind {
                STRING | ENUM => wasmtime_component_valunion_t { name: ManuallyDrop::new(from.name.deep_copy()) },
                LIST => wasmtime_component_valunion_t { list: ManuallyDrop::new(from.list.deep_copy()) },
                RECORD => wasmtime_component_valunion_t { record: ManuallyDrop::new(from.record.deep_copy()) },
                TUPLE => wasmtime_component_valunion_t { tuple: ManuallyDrop::new(from.tuple.deep_copy()) },
                VARIANT => {
                    let discriminant = from.variant.discriminant.deep_copy();
                    let val = payload(from.variant.val);
                    let variant = ManuallyDrop::new(wasmtime_component_valvariant_t { discriminant, val });
                    wasmtime_component_valunion_t { variant }
                }
                OPTION => wasmtime_component_valunion_t { option: payload(from.option) },
                RESULT => {
                    let wasmtime_component_valresult_t { is_ok, val } = from.result;
                    let result = wasmtime_component_valresult_t { is_ok, val: payload(val) };
                    wasmtime_component_valunion_t { result }
                }
                FLAGS => wasmtime_component_valunion_t { flags: ManuallyDrop::new(from.flags.deep_copy()) },
                MAP => wasmtime_component_valunion_t { map: ManuallyDrop::new(from.map.deep_copy()) },
                RESOURCE => wasmtime_component_valunion_t { option: ptr::null_mut() },
                _ => wasmtime_component_valunion_t { words: from.words },
            }
        };
        wasmtime_component_val_t { kind: self.kind, of }
    }
}

impl Drop for wasmtime_component_val_t {
    fn drop(&mut self) {
        let of = &mut self.of;
        // SAFETY: each kind has its member set; what it points to belongs to the value and is freed once.
        unsafe {
            match self.kind {
                STRING | ENUM => drop((*of.name).take()),
                LIST => drop((*of.list).take()),
                RECORD => drop((*of.record).take()),
                TUPLE => drop((*of.tuple).take()),
                VARIANT => {
                    let variant = &mut *of.variant;
                    drop(variant.discriminant.take());
                    drop(own(variant.val));
                }
                OPTION => drop(own(of.option)),
                RESULT => drop(own(of.result.val)),
                FLAGS => drop((*of.flags).take()),
                MAP => drop((*of.map).take()),
                _ => {}
            }
        }
    }
}

/// Moves the content of `val` into a value on the heap, owned by the caller; `val` becomes `false`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_val_new(
    val: Option<&mut wasmtime_component_val_t>,
) -> Option<Box<wasmtime_component_val_t>> {
    guard_some(|| Some(Some(Box::new(std::mem::take(val?)))))
}

/// Frees a value on the heap with its content; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_val_free(it: Option<Box<wasmtime_component_val_t>>) {
    guard(|| drop(it));
}

/// Writes a deep copy to `dst`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_val_clone(
    src: Option<&wasmtime_component_val_t>,
    dst: Option<&mut MaybeUninit<wasmtime_component_val_t>>,
) {
    guard(|| put(dst, src.cloned().unwrap_or_default()));
}

/// Frees the content; the value becomes `false`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_component_val_delete(value: Option<&mut wasmtime_component_val_t>) {
    guard(|| value.map(|v| drop(std::mem::take(v))).unwrap_or_default());
}

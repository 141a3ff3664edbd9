//! Values of `wasm.h`: numbers, and owned references to any object.

use super::super::ffi::{c_vec, give, guard, own, put, vec};
use super::super::wasmtime::store::wasmtime_context_t;
use super::reference::{Object, StoredRef, wasm_ref_t};
use super::valtype::wasm_valkind_t;
use crate::base::{Error, ErrorKind, Result};
use crate::runtime::{Extern, ExternRef, Val};
use crate::wasm::{RefFamily, ValType};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;

/// A value with its kind. The header spells the union out; here it is read by kind, which needs no unsafe
/// code. A reference in it is owned by it.
#[repr(C)]
pub struct wasm_val_t {
    kind: wasm_valkind_t,
    of: u64,
}

/// The i32 0: what new vectors are filled with.
impl Default for wasm_val_t {
    fn default() -> wasm_val_t {
        wasm_val_t { kind: 0, of: 0 }
    }
}

impl Clone for wasm_val_t {
    fn clone(&self) -> wasm_val_t {
        match self.reference() {
            Some(r) => wasm_val_t::from_ref(self.kind, Some(Box::new(r.clone()))),
            None => wasm_val_t { kind: self.kind, of: self.of },
        }
    }
}

impl Drop for wasm_val_t {
    fn drop(&mut self) {
        if self.is_ref() {
            let it = ptr::with_exposed_provenance_mut::<wasm_ref_t>(std::mem::take(&mut self.of) as usize);
            // SAFETY: a value of this kind owns its reference, and holds NULL from now on.
            drop(unsafe { own(it) });
        }
    }
}

impl wasm_val_t {
    /// Whether `of` is a reference. Other numbers from 128 on mean nothing, and what comes with them is no pointer.
    fn is_ref(&self) -> bool {
        matches!(self.kind, 128 | 129)
    }

    fn from_ref(kind: wasm_valkind_t, reference: Option<Box<wasm_ref_t>>) -> wasm_val_t {
        wasm_val_t { kind, of: give(reference).expose_provenance() as u64 }
    }

    /// The reference, unless it is null or this is a number.
    fn reference(&self) -> Option<&wasm_ref_t> {
        if !self.is_ref() {
            return None;
        }
        let it = ptr::with_exposed_provenance::<wasm_ref_t>(self.of as usize);
        // SAFETY: a value of this kind holds NULL or a reference that lives as long as the value.
        unsafe { it.as_ref() }
    }

    /// The value as the store understands it, for a place of type `ty`. `WASM_REF_VAL` marks every reference as
    /// external, so the reference itself decides.
    pub(super) fn to_val(&self, ctx: &wasmtime_context_t, ty: ValType) -> Result<Val> {
        Ok(match self.kind {
            0 => Val::I32(self.of as i32),
            1 => Val::I64(self.of as i64),
            2 => Val::F32(self.of as u32),
            3 => Val::F64(self.of),
            128 | 129 => ref_to_val(ctx, self.reference(), ty)?,
            kind => return Err(Error::usage(format!("unknown value kind {kind}"))),
        })
    }

    /// The value in the form C holds it.
    pub(super) fn from_val(ctx: &Arc<wasmtime_context_t>, val: Val) -> Result<wasm_val_t> {
        let number = |kind, of| Ok(wasm_val_t { kind, of });
        match val {
            Val::I32(v) => number(0, u64::from(v as u32)),
            Val::I64(v) => number(1, v as u64),
            Val::F32(v) => number(2, u64::from(v)),
            Val::F64(v) => number(3, v),
            Val::ExternRef(_) => Ok(wasm_val_t::from_ref(128, val_to_ref(ctx, val)?)),
            Val::FuncRef(_) => Ok(wasm_val_t::from_ref(129, val_to_ref(ctx, val)?)),
            Val::V128(_) | Val::AnyRef(_) | Val::ExnRef(_) => Err(no_place()),
        }
    }
}

#[cold]
fn no_place() -> Error {
    Error::new(ErrorKind::Unsupported, "wasm.h has no values of this type: use wasmtime.h")
}

/// A reference for a place of type `ty`; NULL is null.
pub(super) fn ref_to_val(
    ctx: &wasmtime_context_t,
    reference: Option<&wasm_ref_t>,
    ty: ValType,
) -> Result<Val> {
    let ValType::Ref(ty) = ty else { return Err(Error::new(ErrorKind::Type, "type mismatch: found a reference")) };
    let Some(reference) = reference else { return Ok(Val::null(ty.heap.family())) };
    match (ty.heap.family(), reference.object()) {
        (RefFamily::Func, Object::Extern(_, Extern::Func(func))) => Ok(Val::FuncRef(Some(func.clone()))),
        (RefFamily::Extern, _) => {
            let stored = Arc::new(StoredRef::new(reference));
            Ok(Val::ExternRef(Some(ExternRef::new(ctx.store(), 0, Some(stored))?)))
        }
        _ => Err(Error::new(ErrorKind::Type, format!("type mismatch: expected {ty}, found another object"))),
    }
}

/// An owned reference from a store's; null is `None`.
pub(super) fn val_to_ref(ctx: &Arc<wasmtime_context_t>, val: Val) -> Result<Option<Box<wasm_ref_t>>> {
    match val {
        Val::FuncRef(Some(func)) => {
            Ok(Some(Box::new(wasm_ref_t::new(Object::Extern(ctx.clone(), Extern::Func(func))))))
        }
        Val::ExternRef(Some(root)) => {
            let stored = root.owner().and_then(|o| o.downcast::<StoredRef>().ok());
            let found = stored.and_then(|s| s.get());
            // What was not made by this interface still is an object with an identity.
            Ok(Some(Box::new(found.unwrap_or_else(|| wasm_ref_t::new(Object::Foreign(Arc::new(())))))))
        }
        Val::FuncRef(None) | Val::ExternRef(None) => Ok(None),
        _ => Err(no_place()),
    }
}

/// Frees the reference in a value, if it holds one, and makes it null.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_val_delete(v: Option<&mut wasm_val_t>) {
    guard(|| {
        let Some(v) = v else { return };
        let kind = v.kind;
        *v = wasm_val_t { kind, of: if v.is_ref() { 0 } else { v.of } };
    });
}

/// Writes a copy, owned by the caller, to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_val_copy(out: Option<&mut MaybeUninit<wasm_val_t>>, from: Option<&wasm_val_t>) {
    guard(|| put(out, from.cloned().unwrap_or_default()));
}

/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_val_vec_t {
    pub size: usize,
    pub data: *mut wasm_val_t,
}
c_vec!(wasm_val_vec_t, wasm_val_t);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_val_vec_new_empty(out: Option<&mut MaybeUninit<wasm_val_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_val_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_val_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_vec_new(
    out: Option<&mut MaybeUninit<wasm_val_vec_t>>,
    size: usize,
    data: *const wasm_val_t,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_val_vec_copy(out: Option<&mut MaybeUninit<wasm_val_vec_t>>, from: Option<&wasm_val_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_val_vec_delete(vec: Option<&mut wasm_val_vec_t>) {
    vec::delete(vec);
}


// What the header spells out by hand has the same size here.
const _: () = assert!(size_of::<wasm_val_t>() == 16);

//! Values.
//!
//! A `wasmtime_val_t` is a kind and three words. The header spells the union out; here the words are read by
//! kind, which needs no unsafe code. References in it, but to functions, are roots: dropping the value gives them up. Those
//! of the `extern` and `any` families have one form.

use super::super::ffi::{guard, put};
use super::externref::wasmtime_externref_t;
use super::exnref;
use super::externs::wasmtime_func_t;
use super::store::wasmtime_context_t;
use crate::base::{Error, Result};
use crate::runtime::{AnyRef, ExternRef, Val, ValRaw};
use crate::wasm::{HeapType, RefFamily, RefType, ValType};
use std::mem::MaybeUninit;
use std::ptr;

/// What a `wasmtime_val_t` holds: one of the numbers below.
pub type wasmtime_valkind_t = u8;

/// `of.i32`
pub const WASMTIME_I32: u8 = 0;
/// `of.i64`
pub const WASMTIME_I64: u8 = 1;
/// `of.f32`
pub const WASMTIME_F32: u8 = 2;
/// `of.f64`
pub const WASMTIME_F64: u8 = 3;
/// `of.v128`
pub const WASMTIME_V128: u8 = 4;
/// `of.funcref`
pub const WASMTIME_FUNCREF: u8 = 5;
/// `of.externref`
pub const WASMTIME_EXTERNREF: u8 = 6;
/// `of.anyref`
pub const WASMTIME_ANYREF: u8 = 7;
/// `of.exnref`
pub const WASMTIME_EXNREF: u8 = 8;

/// A value with its kind.
#[repr(C)]
pub struct wasmtime_val_t {
    kind: wasmtime_valkind_t,
    of: [u64; 3],
}

/// A value without its kind: the slot of an unchecked call.
pub type wasmtime_val_raw_t = ValRaw;

impl wasmtime_val_t {
    /// What result slots hold before a host function writes them.
    pub(super) const ZERO: wasmtime_val_t = wasmtime_val_t { kind: WASMTIME_I32, of: [0; 3] };

    fn is_rooted(&self) -> bool {
        matches!(self.kind, WASMTIME_EXTERNREF | WASMTIME_ANYREF)
    }

    /// The root in it, if it is a reference of those families.
    fn rooted(&self) -> Option<wasmtime_externref_t> {
        self.is_rooted().then(|| wasmtime_externref_t::from_words(self.of))
    }

    fn from_externref(root: Option<ExternRef>) -> wasmtime_val_t {
        wasmtime_val_t { kind: WASMTIME_EXTERNREF, of: wasmtime_externref_t::new(root).words() }
    }

    fn null(family: RefFamily) -> wasmtime_val_t {
        let kind = match family {
            RefFamily::Func => WASMTIME_FUNCREF,
            RefFamily::Extern => WASMTIME_EXTERNREF,
            RefFamily::Any => WASMTIME_ANYREF,
            RefFamily::Exn => WASMTIME_EXNREF,
        };
        wasmtime_val_t { kind, of: [0; 3] }
    }

    fn func(&self) -> wasmtime_func_t {
        wasmtime_func_t { store_id: self.of[0], __private: ptr::without_provenance_mut(self.of[1] as usize) }
    }

    /// The value as `ctx` understands it.
    pub(in crate::capi) fn to_val(&self, ctx: &wasmtime_context_t) -> Result<Val> {
        let [low, high, _] = self.of;
        let null = low == 0;
        Ok(match self.kind {
            WASMTIME_I32 => Val::I32(low as i32),
            WASMTIME_I64 => Val::I64(low as i64),
            WASMTIME_F32 => Val::F32(low as u32),
            WASMTIME_F64 => Val::F64(low),
            WASMTIME_V128 => Val::V128(u128::from(low) | u128::from(high) << 64),
            WASMTIME_FUNCREF if null => Val::FuncRef(None),
            WASMTIME_FUNCREF => Val::FuncRef(Some(ctx.func(&self.func())?)),
            WASMTIME_EXTERNREF if null => Val::ExternRef(None),
            WASMTIME_ANYREF if null => Val::AnyRef(None),
            WASMTIME_EXNREF if null => Val::ExnRef(None),
            WASMTIME_EXTERNREF | WASMTIME_ANYREF | WASMTIME_EXNREF => {
                // The store first: with one that is gone, nothing vouches for the rest.
                ctx.check(low, "reference")?;
                let root = || self.rooted().and_then(|e| e.root());
                match self.kind {
                    WASMTIME_EXTERNREF => Val::ExternRef(root()),
                    WASMTIME_ANYREF => Val::AnyRef(root().map(ExternRef::into_any)),
                    _ => Val::ExnRef(exnref::root(self.of)),
                }
            }
            kind => return Err(Error::usage(format!("unknown value kind {kind}"))),
        })
    }

    /// The value in the form C holds it.
    pub(in crate::capi) fn from_val(ctx: &wasmtime_context_t, val: Val) -> wasmtime_val_t {
        let word = |kind, low| wasmtime_val_t { kind, of: [low, 0, 0] };
        match val {
            Val::I32(v) => word(WASMTIME_I32, u64::from(v as u32)),
            Val::I64(v) => word(WASMTIME_I64, v as u64),
            Val::F32(v) => word(WASMTIME_F32, u64::from(v)),
            Val::F64(v) => word(WASMTIME_F64, v),
            Val::V128(v) => wasmtime_val_t { kind: WASMTIME_V128, of: [v as u64, (v >> 64) as u64, 0] },
            Val::FuncRef(None) => wasmtime_val_t::null(RefFamily::Func),
            Val::FuncRef(Some(f)) => {
                let f = ctx.func_handle(&f);
                wasmtime_val_t { kind: WASMTIME_FUNCREF, of: [f.store_id, f.__private.addr() as u64, 0] }
            }
            Val::ExternRef(root) => wasmtime_val_t::from_externref(root),
            Val::AnyRef(root) => {
                let of = wasmtime_externref_t::new(root.map(AnyRef::into_extern)).words();
                wasmtime_val_t { kind: WASMTIME_ANYREF, of }
            }
            Val::ExnRef(root) => wasmtime_val_t { kind: WASMTIME_EXNREF, of: exnref::into_words(root) },
        }
    }

    /// The slot for a value that has to be of type `ty`. A reference in it lives as long as this value's root.
    #[inline(always)]
    pub(in crate::capi) fn to_slot(&self, ctx: &wasmtime_context_t, ty: ValType) -> Result<ValRaw> {
        let words = match (self.kind, ty) {
            (WASMTIME_I32, ValType::I32) | (WASMTIME_F32, ValType::F32) => [u64::from(self.low_half()), 0],
            (WASMTIME_I64, ValType::I64) | (WASMTIME_F64, ValType::F64) => [self.of[0], 0],
            _ => self.to_other_slot(ctx, ty)?.words,
        };
        Ok(ValRaw { words })
    }

    /// The kind of a plain number.
    pub(super) fn number_kind(ty: &ValType) -> Option<wasmtime_valkind_t> {
        match ty {
            ValType::I32 => Some(WASMTIME_I32),
            ValType::I64 => Some(WASMTIME_I64),
            ValType::F32 => Some(WASMTIME_F32),
            ValType::F64 => Some(WASMTIME_F64),
            _ => None,
        }
    }

    /// A plain number of this kind, from a slot that machine code filled: narrow ones are zero-extended there.
    #[inline(always)]
    pub(super) fn number(kind: wasmtime_valkind_t, slot: &ValRaw) -> wasmtime_val_t {
        wasmtime_val_t { kind, of: [slot.u64(), 0, 0] }
    }

    /// The slot for a plain number, if it is of the kind that it has to be of.
    #[inline(always)]
    pub(super) fn number_slot(&self, kind: wasmtime_valkind_t) -> Option<ValRaw> {
        if self.kind != kind {
            return None;
        }
        let low = match kind {
            WASMTIME_I32 | WASMTIME_F32 => u64::from(self.low_half()),
            // SAFETY: reads an initialised word; volatile, or else the compiler reads it for narrow numbers, too.
            _ => unsafe { (&raw const self.of[0]).read_volatile() },
        };
        Some(ValRaw { words: [low, 0] })
    }

    /// The 32 bits that C has just written. To read more at once would be to wait until they are in the cache; left to
    /// itself, the compiler does that.
    #[inline(always)]
    fn low_half(&self) -> u32 {
        // SAFETY: reads the first half of an initialised word.
        unsafe { (&raw const self.of).cast::<u32>().read_volatile() }
    }

    /// [`wasmtime_val_t::to_slot`] of vectors and references, and of what does not fit.
    #[inline(never)]
    fn to_other_slot(&self, ctx: &wasmtime_context_t, ty: ValType) -> Result<ValRaw> {
        match (self.kind, ty) {
            (WASMTIME_V128, ValType::V128) => Ok(ValRaw { words: [self.of[0], self.of[1]] }),
            (WASMTIME_EXTERNREF, ValType::Ref(RefType { nullable: true, heap: HeapType::Extern })) => {
                Ok(ValRaw::from_u32(wasmtime_externref_t::from_words(self.of).handle(ctx)?))
            }
            _ => {
                let val = self.to_val(ctx)?;
                val.check(ctx.store(), ty)?;
                Ok(val.to_raw())
            }
        }
    }

    /// The value that machine code left in a slot for a value of type `ty`.
    pub(in crate::capi) fn from_slot(ctx: &wasmtime_context_t, slot: ValRaw, ty: ValType) -> wasmtime_val_t {
        wasmtime_val_t::from_val(ctx, Val::from_raw(ctx.store(), slot, ty))
    }

    /// Writes [`wasmtime_val_t::from_slot`] to its place.
    #[inline(always)]
    pub(in crate::capi) fn put(
        place: &mut MaybeUninit<wasmtime_val_t>,
        ctx: &wasmtime_context_t,
        slot: &ValRaw,
        ty: ValType,
    ) {
        let (kind, low) = match ty {
            ValType::I32 => (WASMTIME_I32, u64::from(slot.u32())),
            ValType::I64 => (WASMTIME_I64, slot.u64()),
            ValType::F32 => (WASMTIME_F32, u64::from(slot.u32())),
            ValType::F64 => (WASMTIME_F64, slot.u64()),
            _ => return wasmtime_val_t::put_other(place, ctx, slot, ty),
        };
        place.write(wasmtime_val_t { kind, of: [low, 0, 0] });
    }

    /// [`wasmtime_val_t::put`] of vectors and references.
    #[inline(never)]
    fn put_other(place: &mut MaybeUninit<wasmtime_val_t>, ctx: &wasmtime_context_t, slot: &ValRaw, ty: ValType) {
        place.write(wasmtime_val_t::from_slot(ctx, *slot, ty));
    }

    /// Gives up what a reference holds.
    #[inline(never)]
    fn give_up(&mut self) {
        if self.is_rooted() && self.of[0] != 0 {
            drop(wasmtime_externref_t::from_words(std::mem::take(&mut self.of)).take());
        }
        if self.kind == WASMTIME_EXNREF && self.of[0] != 0 {
            drop(exnref::take(std::mem::take(&mut self.of)));
        }
    }
}

impl Clone for wasmtime_val_t {
    fn clone(&self) -> wasmtime_val_t {
        match self.rooted() {
            Some(e) => wasmtime_val_t { kind: self.kind, of: wasmtime_externref_t::new(e.root()).words() },
            None if self.kind == WASMTIME_EXNREF => {
                wasmtime_val_t { kind: self.kind, of: exnref::into_words(exnref::root(self.of)) }
            }
            None => wasmtime_val_t { kind: self.kind, of: self.of },
        }
    }
}

impl Drop for wasmtime_val_t {
    #[inline(always)]
    fn drop(&mut self) {
        if self.kind >= WASMTIME_EXTERNREF {
            self.give_up();
        }
    }
}

/// Gives up what the value holds and makes it the zero of its kind; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_val_unroot(val: Option<&mut wasmtime_val_t>) {
    guard(|| {
        let Some(val) = val else { return };
        if val.kind >= WASMTIME_EXTERNREF {
            let kind = val.kind;
            *val = wasmtime_val_t { kind, of: [0; 3] };
        }
    });
}

/// Writes the same value, with a root of its own, to `dst`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_val_clone(
    src: Option<&wasmtime_val_t>,
    dst: Option<&mut MaybeUninit<wasmtime_val_t>>,
) {
    guard(|| put(dst, src.cloned().unwrap_or(wasmtime_val_t::ZERO)));
}

// What the header spells out by hand has the same size here.
const _: () = assert!(size_of::<wasmtime_val_t>() == 32 && size_of::<wasmtime_val_raw_t>() == 16);

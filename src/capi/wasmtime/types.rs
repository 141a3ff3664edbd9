//! Value types in full, also those that `wasm.h` has no numbers for.
//!
//! These are plain structs that the caller holds: a kind, and for references whether they can be null and what
//! they refer to. A concrete type in one is owned by it.

use super::super::ffi::{CBool, give, guard, guard_some, own, put, truth};
use super::super::wasm::Home;
use super::super::wasm::engine::wasm_engine_t;
use super::super::wasm::functype::wasm_functype_t;
use super::super::wasm::valtype::wasm_valtype_t;
use super::arraytype::wasmtime_array_type_t;
use super::exntype::wasmtime_exn_type_t;
use super::gctypes::wasmtime_struct_type_t;
use crate::runtime::Engine;
use crate::wasm::{HeapType, RefType, TypeId, ValType};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;

/// What a reference refers to: one of the `WASMTIME_HEAPTYPE_KIND_` numbers.
pub type wasmtime_heaptype_kind_t = u8;

/// A host object.
pub const WASMTIME_HEAPTYPE_KIND_EXTERN: u8 = 0;
/// No host object.
pub const WASMTIME_HEAPTYPE_KIND_NOEXTERN: u8 = 1;
/// A function.
pub const WASMTIME_HEAPTYPE_KIND_FUNC: u8 = 2;
/// A function of the type `of.concrete_func`.
pub const WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC: u8 = 3;
/// No function.
pub const WASMTIME_HEAPTYPE_KIND_NOFUNC: u8 = 4;
/// Any guest object.
pub const WASMTIME_HEAPTYPE_KIND_ANY: u8 = 5;
/// No guest object.
pub const WASMTIME_HEAPTYPE_KIND_NONE: u8 = 6;
/// A guest object that can be compared.
pub const WASMTIME_HEAPTYPE_KIND_EQ: u8 = 7;
/// A 31-bit integer.
pub const WASMTIME_HEAPTYPE_KIND_I31: u8 = 8;
/// An array.
pub const WASMTIME_HEAPTYPE_KIND_ARRAY: u8 = 9;
/// An array of the type `of.concrete_array`.
pub const WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY: u8 = 10;
/// A struct.
pub const WASMTIME_HEAPTYPE_KIND_STRUCT: u8 = 11;
/// A struct of the type `of.concrete_struct`.
pub const WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT: u8 = 12;
/// An exception.
pub const WASMTIME_HEAPTYPE_KIND_EXN: u8 = 13;
/// An exception of the type `of.concrete_exn`.
pub const WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN: u8 = 14;
/// No exception.
pub const WASMTIME_HEAPTYPE_KIND_NOEXN: u8 = 15;

/// What a value is: one of the `WASMTIME_VALTYPE_KIND_` numbers.
pub type wasmtime_valtype_kind_t = u8;

/// A 32-bit integer.
pub const WASMTIME_VALTYPE_KIND_I32: u8 = 0;
/// A 64-bit integer.
pub const WASMTIME_VALTYPE_KIND_I64: u8 = 1;
/// A 32-bit float.
pub const WASMTIME_VALTYPE_KIND_F32: u8 = 2;
/// A 64-bit float.
pub const WASMTIME_VALTYPE_KIND_F64: u8 = 3;
/// A vector of 128 bits.
pub const WASMTIME_VALTYPE_KIND_V128: u8 = 4;
/// The reference type `reftype`.
pub const WASMTIME_VALTYPE_KIND_REF: u8 = 5;

/// What a reference refers to. The header spells the union out; it is a pointer in every case.
#[repr(C)]
pub struct wasmtime_heaptype_t {
    kind: wasmtime_heaptype_kind_t,
    of: *mut c_void,
}

/// A concrete type that a heap type holds.
enum Concrete<'a> {
    Func(&'a wasm_functype_t),
    Struct(&'a wasmtime_struct_type_t),
    Array(&'a wasmtime_array_type_t),
    Exn(&'a wasmtime_exn_type_t),
}

/// A pointer for a heap type to own.
fn hold<T>(it: Option<Box<T>>) -> *mut c_void {
    give(it).cast()
}

/// A reference type.
#[repr(C)]
pub struct wasmtime_reftype_t {
    pub nullable: CBool,
    pub heaptype: wasmtime_heaptype_t,
}

/// A value type; `reftype` has a meaning for references only.
#[repr(C)]
pub struct wasmtime_valtype_t {
    pub kind: wasmtime_valtype_kind_t,
    pub reftype: wasmtime_reftype_t,
}

impl wasmtime_heaptype_t {
    pub(super) fn new(heap: HeapType, home: &Home) -> wasmtime_heaptype_t {
        let plain = |kind| wasmtime_heaptype_t { kind, of: ptr::null_mut() };
        match heap {
            HeapType::Extern => plain(WASMTIME_HEAPTYPE_KIND_EXTERN),
            HeapType::NoExtern => plain(WASMTIME_HEAPTYPE_KIND_NOEXTERN),
            HeapType::Func => plain(WASMTIME_HEAPTYPE_KIND_FUNC),
            HeapType::NoFunc => plain(WASMTIME_HEAPTYPE_KIND_NOFUNC),
            HeapType::Any => plain(WASMTIME_HEAPTYPE_KIND_ANY),
            HeapType::None => plain(WASMTIME_HEAPTYPE_KIND_NONE),
            HeapType::Eq => plain(WASMTIME_HEAPTYPE_KIND_EQ),
            HeapType::I31 => plain(WASMTIME_HEAPTYPE_KIND_I31),
            HeapType::Array => plain(WASMTIME_HEAPTYPE_KIND_ARRAY),
            HeapType::Struct => plain(WASMTIME_HEAPTYPE_KIND_STRUCT),
            HeapType::Exn => plain(WASMTIME_HEAPTYPE_KIND_EXN),
            HeapType::NoExn => plain(WASMTIME_HEAPTYPE_KIND_NOEXN),
            HeapType::ConcreteStruct(id) => {
                let of = hold(home.engine().and_then(|e| wasmtime_struct_type_t::of(e, TypeId(id))));
                wasmtime_heaptype_t { kind: WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT, of }
            }
            HeapType::ConcreteArray(id) => {
                let of = hold(home.engine().and_then(|e| wasmtime_array_type_t::of(e, TypeId(id))));
                wasmtime_heaptype_t { kind: WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY, of }
            }
            HeapType::ConcreteFunc(id) => {
                let ty = home.engine().and_then(|e| e.func_type(TypeId(id))).unwrap_or_default();
                let of = hold(wasm_functype_t::boxed(ty, home));
                wasmtime_heaptype_t { kind: WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC, of }
            }
        }
    }

    /// The concrete type it holds, if it holds one.
    fn concrete(&self) -> Option<Concrete<'_>> {
        // SAFETY: a heap type of such a kind owns a type of that kind, or holds NULL once it has been freed.
        unsafe {
            Some(match self.kind {
                WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC => Concrete::Func(self.of.cast::<wasm_functype_t>().as_ref()?),
                WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT => Concrete::Struct(self.of.cast::<wasmtime_struct_type_t>().as_ref()?),
                WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY => Concrete::Array(self.of.cast::<wasmtime_array_type_t>().as_ref()?),
                WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN => Concrete::Exn(self.of.cast::<wasmtime_exn_type_t>().as_ref()?),
                _ => return None,
            })
        }
    }

    /// The concrete type's number in the engine.
    fn number(&self, engine: &Engine) -> Option<HeapType> {
        Some(match self.concrete()? {
            Concrete::Func(func) => {
                func.home().check(engine).ok()?;
                HeapType::ConcreteFunc(engine.intern_func_type(func.ty()?).0)
            }
            Concrete::Struct(ty) => HeapType::ConcreteStruct(ty.id(engine)?.0),
            Concrete::Array(ty) => HeapType::ConcreteArray(ty.id(engine)?.0),
            Concrete::Exn(_) => return None,
        })
    }

    /// The plain type; `None` for numbers that mean nothing, types that this library does not have, and a
    /// concrete type without an engine, or of another.
    fn heap(&self, engine: Option<&wasm_engine_t>) -> Option<HeapType> {
        Some(match self.kind {
            WASMTIME_HEAPTYPE_KIND_EXTERN => HeapType::Extern,
            WASMTIME_HEAPTYPE_KIND_NOEXTERN => HeapType::NoExtern,
            WASMTIME_HEAPTYPE_KIND_FUNC => HeapType::Func,
            WASMTIME_HEAPTYPE_KIND_NOFUNC => HeapType::NoFunc,
            WASMTIME_HEAPTYPE_KIND_ANY => HeapType::Any,
            WASMTIME_HEAPTYPE_KIND_NONE => HeapType::None,
            WASMTIME_HEAPTYPE_KIND_EQ => HeapType::Eq,
            WASMTIME_HEAPTYPE_KIND_I31 => HeapType::I31,
            WASMTIME_HEAPTYPE_KIND_ARRAY => HeapType::Array,
            WASMTIME_HEAPTYPE_KIND_STRUCT => HeapType::Struct,
            WASMTIME_HEAPTYPE_KIND_EXN => HeapType::Exn,
            WASMTIME_HEAPTYPE_KIND_NOEXN => HeapType::NoExn,
            _ => return self.number(engine?.engine()),
        })
    }
}

impl Clone for wasmtime_heaptype_t {
    fn clone(&self) -> wasmtime_heaptype_t {
        let of = match self.concrete() {
            Some(Concrete::Func(ty)) => hold(Some(Box::new(ty.clone()))),
            Some(Concrete::Struct(ty)) => hold(Some(Box::new(ty.clone()))),
            Some(Concrete::Array(ty)) => hold(Some(Box::new(ty.clone()))),
            Some(Concrete::Exn(ty)) => hold(Some(Box::new(ty.clone()))),
            None => ptr::null_mut(),
        };
        wasmtime_heaptype_t { kind: self.kind, of }
    }
}

impl Drop for wasmtime_heaptype_t {
    fn drop(&mut self) {
        let of = std::mem::replace(&mut self.of, ptr::null_mut());
        // SAFETY: a heap type of such a kind owns a type of that kind or holds NULL, and it holds NULL now.
        unsafe {
            match self.kind {
                WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC => drop(own(of.cast::<wasm_functype_t>())),
                WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT => drop(own(of.cast::<wasmtime_struct_type_t>())),
                WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY => drop(own(of.cast::<wasmtime_array_type_t>())),
                WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN => drop(own(of.cast::<wasmtime_exn_type_t>())),
                _ => {}
            }
        }
    }
}

impl wasmtime_reftype_t {
    fn new(ty: RefType, home: &Home) -> wasmtime_reftype_t {
        wasmtime_reftype_t {
            nullable: CBool::from(ty.nullable),
            heaptype: wasmtime_heaptype_t::new(ty.heap, home),
        }
    }
}

impl Clone for wasmtime_reftype_t {
    fn clone(&self) -> wasmtime_reftype_t {
        wasmtime_reftype_t { nullable: self.nullable, heaptype: self.heaptype.clone() }
    }
}

impl wasmtime_valtype_t {
    fn new(ty: ValType, home: &Home) -> wasmtime_valtype_t {
        let (kind, reference) = match ty {
            ValType::I32 => (WASMTIME_VALTYPE_KIND_I32, RefType::FUNCREF),
            ValType::I64 => (WASMTIME_VALTYPE_KIND_I64, RefType::FUNCREF),
            ValType::F32 => (WASMTIME_VALTYPE_KIND_F32, RefType::FUNCREF),
            ValType::F64 => (WASMTIME_VALTYPE_KIND_F64, RefType::FUNCREF),
            ValType::V128 => (WASMTIME_VALTYPE_KIND_V128, RefType::FUNCREF),
            ValType::Ref(r) => (WASMTIME_VALTYPE_KIND_REF, r),
        };
        wasmtime_valtype_t { kind, reftype: wasmtime_reftype_t::new(reference, home) }
    }

    fn ty(&self, engine: Option<&wasm_engine_t>) -> Option<ValType> {
        Some(match self.kind {
            WASMTIME_VALTYPE_KIND_I32 => ValType::I32,
            WASMTIME_VALTYPE_KIND_I64 => ValType::I64,
            WASMTIME_VALTYPE_KIND_F32 => ValType::F32,
            WASMTIME_VALTYPE_KIND_F64 => ValType::F64,
            WASMTIME_VALTYPE_KIND_V128 => ValType::V128,
            WASMTIME_VALTYPE_KIND_REF => {
                let heap = self.reftype.heaptype.heap(engine)?;
                ValType::Ref(RefType { nullable: truth(self.reftype.nullable), heap })
            }
            _ => return None,
        })
    }
}

impl Clone for wasmtime_valtype_t {
    fn clone(&self) -> wasmtime_valtype_t {
        // The reference part of other types may never have been written.
        if self.kind == WASMTIME_VALTYPE_KIND_REF {
            return wasmtime_valtype_t { kind: self.kind, reftype: self.reftype.clone() };
        }
        let reftype = wasmtime_reftype_t::new(RefType::FUNCREF, &Home::default());
        wasmtime_valtype_t { kind: self.kind, reftype }
    }
}

/// Frees what a heap type holds, not the struct; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_heaptype_delete(ty: Option<&mut wasmtime_heaptype_t>) {
    guard(|| {
        let Some(ty) = ty else { return };
        *ty = wasmtime_heaptype_t { kind: ty.kind, of: ptr::null_mut() };
    });
}

/// Writes a copy, owned by the caller, to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_heaptype_clone(
    ty: Option<&wasmtime_heaptype_t>,
    out: Option<&mut MaybeUninit<wasmtime_heaptype_t>>,
) {
    guard(|| ty.map(|ty| put(out, ty.clone())).unwrap_or_default());
}

/// Frees what a reference type holds, not the struct; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_reftype_delete(ty: Option<&mut wasmtime_reftype_t>) {
    wasmtime_heaptype_delete(ty.map(|ty| &mut ty.heaptype));
}

/// Writes a copy, owned by the caller, to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_reftype_clone(
    ty: Option<&wasmtime_reftype_t>,
    out: Option<&mut MaybeUninit<wasmtime_reftype_t>>,
) {
    guard(|| ty.map(|ty| put(out, ty.clone())).unwrap_or_default());
}

/// Writes what a value type of `wasm.h` is, owned by the caller, to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_valtype_new(
    ty: Option<&wasm_valtype_t>,
    out: Option<&mut MaybeUninit<wasmtime_valtype_t>>,
) {
    guard(|| ty.map(|ty| put(out, wasmtime_valtype_t::new(ty.ty(), ty.home()))).unwrap_or_default());
}

/// Frees what a value type holds, not the struct; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_valtype_delete(ty: Option<&mut wasmtime_valtype_t>) {
    guard(|| {
        let Some(ty) = ty else { return };
        if ty.kind == WASMTIME_VALTYPE_KIND_REF {
            wasmtime_reftype_delete(Some(&mut ty.reftype));
        }
    });
}

/// Writes a copy, owned by the caller, to `out`.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_valtype_clone(
    ty: Option<&wasmtime_valtype_t>,
    out: Option<&mut MaybeUninit<wasmtime_valtype_t>>,
) {
    guard(|| ty.map(|ty| put(out, ty.clone())).unwrap_or_default());
}

/// The type as `wasm.h` has it, owned by the caller; NULL if a number in it means nothing. Only concrete types
/// need an engine.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_valtype_to_wasm(
    engine: Option<&wasm_engine_t>,
    ty: Option<&wasmtime_valtype_t>,
) -> Option<Box<wasm_valtype_t>> {
    guard(|| {
        let home = engine.map(|e| Home::of(e.engine())).unwrap_or_default();
        Some(Box::new(wasm_valtype_t::new(ty?.ty(engine)?, &home)))
    })
}

/// The type of a 128-bit vector, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_wasm_valtype_v128() -> Option<Box<wasm_valtype_t>> {
    guard(|| Some(Box::new(wasm_valtype_t::new(ValType::V128, &Home::default()))))
}

/// Whether both are the same type.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_wasm_valtype_equal(a: Option<&wasm_valtype_t>, b: Option<&wasm_valtype_t>) -> bool {
    guard_some(|| Some(a?.same(b?)))
}

// What the header spells out by hand has the same size here.
const _: () = assert!(size_of::<wasmtime_heaptype_t>() == 16 && size_of::<wasmtime_valtype_t>() == 32);

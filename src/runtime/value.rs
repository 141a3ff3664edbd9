//! Values as the host sees them.

use super::anyref::AnyRef;
use super::exnref::ExnRef;
use super::externref::ExternRef;
use super::func::Func;
use super::store::Store;
use crate::base::{Error, ErrorKind, Result};
use crate::layout::ValRaw;
use crate::wasm::{HeapType, RefFamily, RefType, ValType};

/// A WebAssembly value. Floats are bit patterns, so that NaN payloads survive.
#[derive(Clone, Debug)]
pub enum Val {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    FuncRef(Option<Func>),
    ExternRef(Option<ExternRef>),
    /// A reference of the `any` family: an i31, a struct, an array or an externalised host reference.
    AnyRef(Option<AnyRef>),
    ExnRef(Option<ExnRef>),
}

impl Val {
    /// The zero or null of a type; `None` for references that cannot be null.
    pub fn default_of(ty: ValType) -> Option<Val> {
        Some(match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(0),
            ValType::Ref(r) if !r.nullable => return None,
            ValType::Ref(r) => Val::null(r.heap.family()),
        })
    }

    pub fn null(family: RefFamily) -> Val {
        match family {
            RefFamily::Func => Val::FuncRef(None),
            RefFamily::Extern => Val::ExternRef(None),
            RefFamily::Any => Val::AnyRef(None),
            RefFamily::Exn => Val::ExnRef(None),
        }
    }

    /// The type as error messages show it.
    fn type_name(&self) -> &'static str {
        match self {
            Val::I32(_) => "i32",
            Val::I64(_) => "i64",
            Val::F32(_) => "f32",
            Val::F64(_) => "f64",
            Val::V128(_) => "v128",
            Val::FuncRef(None) => "nullfuncref",
            Val::FuncRef(Some(_)) => "(ref func)",
            Val::ExternRef(None) => "nullexternref",
            Val::ExternRef(Some(_)) => "(ref extern)",
            Val::AnyRef(None) => "nullref",
            Val::AnyRef(Some(_)) => "(ref any)",
            Val::ExnRef(None) => "nullexnref",
            Val::ExnRef(Some(_)) => "(ref exn)",
        }
    }

    /// Whether this value may stand where `ty` is expected, in `store`.
    pub fn check(&self, store: &Store, ty: ValType) -> Result<()> {
        let fits = match (self, ty) {
            (Val::I32(_), ValType::I32)
            | (Val::I64(_), ValType::I64)
            | (Val::F32(_), ValType::F32)
            | (Val::F64(_), ValType::F64)
            | (Val::V128(_), ValType::V128) => true,
            (Val::FuncRef(f), ValType::Ref(r)) if r.heap.family() == RefFamily::Func => match f {
                None => r.nullable,
                Some(f) => {
                    f.check_store(store)?;
                    f.pin(store);
                    store.engine().types().heap_matches(HeapType::ConcreteFunc(f.type_id().0), r.heap)
                }
            },
            (Val::ExternRef(e), ValType::Ref(r)) if r.heap.family() == RefFamily::Extern => match e {
                None => r.nullable,
                Some(e) => {
                    e.check_store(store)?;
                    r.heap == HeapType::Extern
                }
            },
            (Val::AnyRef(a), ValType::Ref(r)) if r.heap.family() == RefFamily::Any => match a {
                None => r.nullable,
                Some(a) => {
                    a.check_store(store)?;
                    store.engine().types().heap_matches(a.heap_type(store)?, r.heap)
                }
            },
            (Val::ExnRef(e), ValType::Ref(r)) if r.heap.family() == RefFamily::Exn => match e {
                None => r.nullable,
                Some(e) => {
                    e.check_store(store)?;
                    r.heap == HeapType::Exn
                }
            },
            _ => false,
        };
        if fits { Ok(()) } else { Err(type_mismatch(ty, self.type_name())) }
    }

    /// The slot form; the value must have passed [`Val::check`]. A reference stays alive only as long as its
    /// root (this value) does, or until machine code holds it.
    pub fn to_raw(&self) -> ValRaw {
        match self {
            Val::I32(v) => ValRaw::from_i32(*v),
            Val::I64(v) => ValRaw::from_i64(*v),
            Val::F32(v) => ValRaw::from_u32(*v),
            Val::F64(v) => ValRaw::from_u64(*v),
            Val::V128(v) => ValRaw::from_v128(*v),
            Val::FuncRef(f) => ValRaw::from_u64(f.as_ref().map_or(0, |f| f.addr() as u64)),
            Val::ExternRef(e) => ValRaw::from_u32(e.as_ref().map_or(0, ExternRef::raw)),
            Val::AnyRef(a) => ValRaw::from_u32(a.as_ref().map_or(0, AnyRef::raw)),
            Val::ExnRef(e) => ValRaw::from_u32(e.as_ref().map_or(0, ExnRef::handle)),
        }
    }

    /// Reads a slot that machine code of `store` wrote for a value of type `ty`.
    pub fn from_raw(store: &Store, raw: ValRaw, ty: ValType) -> Val {
        match ty {
            ValType::I32 => Val::I32(raw.i32()),
            ValType::I64 => Val::I64(raw.i64()),
            ValType::F32 => Val::F32(raw.u32()),
            ValType::F64 => Val::F64(raw.u64()),
            ValType::V128 => Val::V128(raw.v128()),
            ValType::Ref(r) => Val::ref_from_word(store, raw.u64(), r),
        }
    }

    /// A reference from its word in a table, a global or a slot.
    pub(super) fn ref_from_word(store: &Store, word: u64, ty: RefType) -> Val {
        match ty.heap.family() {
            RefFamily::Func => Val::FuncRef(Func::from_word(store, word)),
            RefFamily::Extern => Val::ExternRef(ExternRef::from_handle(store, word as u32)),
            RefFamily::Any => Val::AnyRef(AnyRef::from_raw(store, word as u32)),
            RefFamily::Exn => Val::ExnRef(ExnRef::from_handle(store, word as u32)),
        }
    }

    pub fn i32(&self) -> Option<i32> {
        if let Val::I32(v) = self { Some(*v) } else { None }
    }

    pub fn i64(&self) -> Option<i64> {
        if let Val::I64(v) = self { Some(*v) } else { None }
    }
}

#[cold]
fn type_mismatch(expected: ValType, found: &str) -> Error {
    Error::new(ErrorKind::Type, format!("type mismatch: expected {expected}, found {found}"))
}

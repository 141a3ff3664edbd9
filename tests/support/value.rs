//! Arguments and expected results of scripts.

use tenon::base::Result;
use tenon::runtime::{AnyRef, ExternRef, Store, Val};
use tenon::wasm::HeapType as Heap;
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Const, V128Pattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};

/// An argument as a value of `store`; `None` if this runner does not know its kind.
pub fn argument(store: &Store, arg: &WastArgCore<'_>) -> Result<Option<Val>> {
    Ok(Some(match arg {
        WastArgCore::I32(v) => Val::I32(*v),
        WastArgCore::I64(v) => Val::I64(*v),
        WastArgCore::F32(v) => Val::F32(v.bits),
        WastArgCore::F64(v) => Val::F64(v.bits),
        WastArgCore::V128(v) => Val::V128(u128::from_le_bytes(v128_bytes(v))),
        WastArgCore::RefNull(heap) => match null(heap) {
            Some(null) => null,
            None => return Ok(None),
        },
        WastArgCore::RefExtern(word) => Val::ExternRef(Some(host_ref(store, *word)?)),
        // A host reference in the `any` hierarchy, as `any.convert_extern` makes it.
        WastArgCore::RefHost(word) => Val::AnyRef(AnyRef::from_raw(store, host_ref(store, *word)?.raw())),
    }))
}

/// Externrefs of scripts are numbers.
fn host_ref(store: &Store, number: u32) -> Result<ExternRef> {
    ExternRef::new(store, u64::from(number), None)
}

fn number_of(reference: &ExternRef) -> u64 {
    reference.word()
}

fn v128_bytes(v: &V128Const) -> [u8; 16] {
    v.to_le_bytes()
}

fn null(heap: &HeapType<'_>) -> Option<Val> {
    let HeapType::Abstract { ty, .. } = heap else { return Some(Val::FuncRef(None)) };
    Some(match ty {
        AbstractHeapType::Func | AbstractHeapType::NoFunc => Val::FuncRef(None),
        AbstractHeapType::Extern | AbstractHeapType::NoExtern => Val::ExternRef(None),
        AbstractHeapType::Exn | AbstractHeapType::NoExn => Val::ExnRef(None),
        AbstractHeapType::Cont | AbstractHeapType::NoCont => return None,
        _ => Val::AnyRef(None),
    })
}

fn any_matches(store: &Store, found: &AnyRef, expected: &WastRetCore<'_>) -> bool {
    let Ok(heap) = found.heap_type(store) else { return false };
    match expected {
        WastRetCore::RefAny => true,
        WastRetCore::RefEq => heap != Heap::Any,
        WastRetCore::RefI31 => found.as_i31().is_some(),
        WastRetCore::RefStruct => matches!(heap, Heap::ConcreteStruct(_)),
        WastRetCore::RefArray => matches!(heap, Heap::ConcreteArray(_)),
        WastRetCore::RefHost(word) => {
            heap == Heap::Any && ExternRef::from_handle(store, found.raw()).is_some_and(|r| number_of(&r) == u64::from(*word))
        }
        _ => false,
    }
}

fn is_null(value: &Val) -> bool {
    matches!(value, Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None))
}

/// Whether a result is what the script expects.
pub fn matches(store: &Store, found: &Val, expected: &WastRetCore<'_>) -> bool {
    match (found, expected) {
        (found, WastRetCore::Either(cases)) => cases.iter().any(|case| matches(store, found, case)),
        (Val::I32(v), WastRetCore::I32(e)) => v == e,
        (Val::I64(v), WastRetCore::I64(e)) => v == e,
        (Val::F32(bits), WastRetCore::F32(e)) => f32_matches(*bits, e),
        (Val::F64(bits), WastRetCore::F64(e)) => f64_matches(*bits, e),
        (Val::V128(bits), WastRetCore::V128(e)) => v128_matches(bits.to_le_bytes(), e),
        (found, WastRetCore::RefNull(None)) => is_null(found),
        (found, WastRetCore::RefNull(Some(HeapType::Concrete(_)))) => is_null(found),
        (found, WastRetCore::RefNull(Some(heap))) => {
            null(heap).is_some_and(|n| is_null(found) && std::mem::discriminant(&n) == std::mem::discriminant(found))
        }
        (Val::ExternRef(Some(r)), WastRetCore::RefExtern(word)) => word.is_none_or(|w| number_of(r) == u64::from(w)),
        (Val::FuncRef(Some(_)), WastRetCore::RefFunc(_)) => true,
        (Val::AnyRef(Some(r)), expected) => any_matches(store, r, expected),
        _ => false,
    }
}

fn f32_matches(bits: u32, expected: &NanPattern<F32>) -> bool {
    match expected {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(v) => bits == v.bits,
    }
}

fn f64_matches(bits: u64, expected: &NanPattern<F64>) -> bool {
    match expected {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(v) => bits == v.bits,
    }
}

/// The `N` bytes of each lane.
fn lanes<const N: usize>(bytes: &[u8; 16]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.chunks_exact(N).map(|c| c.try_into().expect("a chunk has N bytes"))
}

fn v128_matches(bytes: [u8; 16], expected: &V128Pattern) -> bool {
    match expected {
        V128Pattern::I8x16(e) => lanes(&bytes).map(i8::from_le_bytes).eq(e.iter().copied()),
        V128Pattern::I16x8(e) => lanes(&bytes).map(i16::from_le_bytes).eq(e.iter().copied()),
        V128Pattern::I32x4(e) => lanes(&bytes).map(i32::from_le_bytes).eq(e.iter().copied()),
        V128Pattern::I64x2(e) => lanes(&bytes).map(i64::from_le_bytes).eq(e.iter().copied()),
        V128Pattern::F32x4(e) => lanes(&bytes).zip(e).all(|(b, e)| f32_matches(u32::from_le_bytes(b), e)),
        V128Pattern::F64x2(e) => lanes(&bytes).zip(e).all(|(b, e)| f64_matches(u64::from_le_bytes(b), e)),
    }
}

/// A value as failure messages show it; floats and vectors with their bits.
pub fn show(value: &Val) -> String {
    match value {
        Val::I32(v) => format!("i32 {v} ({v:#x})"),
        Val::I64(v) => format!("i64 {v} ({v:#x})"),
        Val::F32(bits) => format!("f32 {} ({bits:#010x})", f32::from_bits(*bits)),
        Val::F64(bits) => format!("f64 {} ({bits:#018x})", f64::from_bits(*bits)),
        Val::V128(bits) => format!("v128 {bits:#034x}"),
        other => format!("{other:?}"),
    }
}

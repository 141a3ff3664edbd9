//! Helpers that machine code calls by absolute address: where the CPU lacks an instruction, for runs of memory, and to stop.

use crate::image::LibCall;
use core::arch::x86_64::__m128i;

macro_rules! unary {
    ($($name:ident: $ty:ty = $method:ident;)*) => {
        $(extern "C" fn $name(x: $ty) -> $ty { x.$method() })*
    };
}

unary! {
    ceil_f32: f32 = ceil;
    ceil_f64: f64 = ceil;
    floor_f32: f32 = floor;
    floor_f64: f64 = floor;
    trunc_f32: f32 = trunc;
    trunc_f64: f64 = trunc;
    nearest_f32: f32 = round_ties_even;
    nearest_f64: f64 = round_ties_even;
}

extern "C" fn fma_f32(a: f32, b: f32, c: f32) -> f32 {
    a.mul_add(b, c)
}

extern "C" fn fma_f64(a: f64, b: f64, c: f64) -> f64 {
    a.mul_add(b, c)
}

/// The SSSE3 instruction `pshufb`: picks bytes of `a` by the low four bits of `b`, zero where `b` is negative.
#[allow(improper_ctypes_definitions)] // the platform's own vector type, passed as C passes it
extern "C" fn x86_pshufb(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: both types are sixteen plain bytes.
    unsafe {
        let (a, b) = (core::mem::transmute::<__m128i, [u8; 16]>(a), core::mem::transmute::<__m128i, [u8; 16]>(b));
        let out = b.map(|i| if i & 0x80 != 0 { 0 } else { a[usize::from(i & 15)] });
        core::mem::transmute::<[u8; 16], __m128i>(out)
    }
}

/// C's `memmove`.
///
/// # Safety
/// - As C's: machine code has checked both runs.
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    // SAFETY: the caller's; the runs may overlap.
    unsafe { core::ptr::copy(from, to, len) };
    to
}

/// C's `memset`.
///
/// # Safety
/// - As C's: machine code has checked the run.
unsafe extern "C" fn memset(to: *mut u8, byte: u32, len: usize) -> *mut u8 {
    // SAFETY: the caller's.
    unsafe { core::ptr::write_bytes(to, byte as u8, len) };
    to
}

/// Where the helper is.
pub(super) fn address(call: LibCall) -> usize {
    match call {
        LibCall::CeilF32 => ceil_f32 as *const () as usize,
        LibCall::CeilF64 => ceil_f64 as *const () as usize,
        LibCall::FloorF32 => floor_f32 as *const () as usize,
        LibCall::FloorF64 => floor_f64 as *const () as usize,
        LibCall::TruncF32 => trunc_f32 as *const () as usize,
        LibCall::TruncF64 => trunc_f64 as *const () as usize,
        LibCall::NearestF32 => nearest_f32 as *const () as usize,
        LibCall::NearestF64 => nearest_f64 as *const () as usize,
        LibCall::FmaF32 => fma_f32 as *const () as usize,
        LibCall::FmaF64 => fma_f64 as *const () as usize,
        LibCall::X86Pshufb => x86_pshufb as *const () as usize,
        LibCall::Memmove => memmove as *const () as usize,
        LibCall::Memset => memset as *const () as usize,
        LibCall::NewEpoch => super::builtins::epoch_thunk(),
        LibCall::RaiseTrap => super::asm::raise_thunk as *const () as usize,
    }
}

//! Function types.

use super::super::ffi::{CVec, Owned, c_vec, guard, guard_some, vec};
use super::Home;
use super::externtype::{TypeObject, extern_view, wasm_externtype_t};
use super::valtype::{wasm_valtype_t, wasm_valtype_vec_t};
use crate::wasm::{FuncType, ValType};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

/// The parameters and results of a function. Immutable; may be used from several threads.
#[cfg_attr(all(), repr(transparent))]
#[derive(Clone)]
pub struct wasm_functype_t(wasm_externtype_t);
extern_view!(wasm_functype_t, Func, FuncObject);

/// A function type and what C borrows from it.
pub struct FuncObject {
    ty: FuncType,
    home: Home,
    params: OnceLock<Owned<wasm_valtype_vec_t>>,
    results: OnceLock<Owned<wasm_valtype_vec_t>>,
}

impl Clone for FuncObject {
    fn clone(&self) -> FuncObject {
        FuncObject::new(self.ty.clone(), &self.home)
    }
}

impl FuncObject {
    pub(in crate::capi) fn new(ty: FuncType, home: &Home) -> FuncObject {
        FuncObject { ty, home: home.clone(), params: OnceLock::new(), results: OnceLock::new() }
    }

    fn list(&self, types: &[ValType]) -> Owned<wasm_valtype_vec_t> {
        let items = types.iter().map(|t| Some(Box::new(wasm_valtype_t::new(*t, &self.home)))).collect();
        Owned::new(wasm_valtype_vec_t::from_items(items))
    }
}

impl wasm_functype_t {
    pub(in crate::capi) fn new(ty: FuncType, home: &Home) -> wasm_functype_t {
        wasm_functype_t(wasm_externtype_t::from_object(TypeObject::Func(FuncObject::new(ty, home))))
    }

    pub(in crate::capi) fn boxed(ty: FuncType, home: &Home) -> Option<Box<wasm_functype_t>> {
        Some(Box::new(wasm_functype_t::new(ty, home)))
    }

    /// The plain type; `None` never happens for an object made by this library.
    pub(in crate::capi) fn ty(&self) -> Option<&FuncType> {
        Some(&self.object()?.ty)
    }

    pub(in crate::capi) fn home(&self) -> Home {
        self.object().map(|o| o.home.clone()).unwrap_or_default()
    }
}

/// The plain types in a vector that is given away, and where their numbers have their meaning. `None` if
/// an element is NULL.
pub(in crate::capi) fn take_types(vec: &mut wasm_valtype_vec_t) -> Option<(Vec<ValType>, Home)> {
    let mut home = Home::default();
    let mut types = Vec::new();
    for item in vec.take() {
        let item = item?;
        home = home.or(item.home());
        types.push(item.ty());
    }
    Some((types, home))
}

/// A function type; both vectors move into it and become empty. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_new(
    params: Option<&mut wasm_valtype_vec_t>,
    results: Option<&mut wasm_valtype_vec_t>,
) -> Option<Box<wasm_functype_t>> {
    guard(|| {
        let params = params.map_or(Some(Default::default()), take_types);
        let results = results.map_or(Some(Default::default()), take_types);
        let ((params, home), (results, other)) = (params?, results?);
        wasm_functype_t::boxed(FuncType::new(params, results), &home.or(&other))
    })
}

/// The parameter types, borrowed from the function type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_params(it: Option<&wasm_functype_t>) -> *const wasm_valtype_vec_t {
    guard_some(|| {
        let f = it?.object()?;
        Some(f.params.get_or_init(|| f.list(&f.ty.params)).as_ptr())
    })
}

/// The result types, borrowed from the function type.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_results(it: Option<&wasm_functype_t>) -> *const wasm_valtype_vec_t {
    guard_some(|| {
        let f = it?.object()?;
        Some(f.results.get_or_init(|| f.list(&f.ty.results)).as_ptr())
    })
}

/// Frees a function type; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_delete(it: Option<Box<wasm_functype_t>>) {
    guard(|| drop(it));
}

/// A copy of a function type, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_copy(it: Option<&wasm_functype_t>) -> Option<Box<wasm_functype_t>> {
    guard(|| it.map(|it| Box::new(it.clone())))
}


/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_as_externtype(it: Option<&mut wasm_functype_t>) -> *mut wasm_externtype_t {
    guard_some(|| Some(it?.as_externtype_mut()))
}

/// The same object seen as an extern type: same address, not owned.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_as_externtype_const(it: Option<&wasm_functype_t>) -> *const wasm_externtype_t {
    guard_some(|| Some(ptr::from_ref(it?.as_externtype())))
}


/// Elements and how many; the buffer belongs to this library.
#[repr(C)]
pub struct wasm_functype_vec_t {
    pub size: usize,
    pub data: *mut Option<Box<wasm_functype_t>>,
}
c_vec!(wasm_functype_vec_t, Option<Box<wasm_functype_t>>);

/// Makes `out` the empty vector `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_vec_new_empty(out: Option<&mut MaybeUninit<wasm_functype_vec_t>>) {
    vec::new_empty(out);
}

/// Makes `out` a vector of `size` zeroed elements for the caller to fill.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_vec_new_uninitialized(out: Option<&mut MaybeUninit<wasm_functype_vec_t>>, size: usize) {
    vec::new_uninitialized(out, size);
}

/// Makes `out` a vector of the `size` elements at `data`, whose ownership moves into it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_vec_new(
    out: Option<&mut MaybeUninit<wasm_functype_vec_t>>,
    size: usize,
    data: *const Option<Box<wasm_functype_t>>,
) {
    // SAFETY: the caller gives `size` elements away.
    unsafe { vec::new(out, size, data) }
}

/// Makes `out` a deep copy of `from`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_vec_copy(out: Option<&mut MaybeUninit<wasm_functype_vec_t>>, from: Option<&wasm_functype_vec_t>) {
    vec::copy(out, from);
}

/// Frees elements and buffer and leaves `{0, NULL}`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_functype_vec_delete(vec: Option<&mut wasm_functype_vec_t>) {
    vec::delete(vec);
}


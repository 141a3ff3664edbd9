//! The border with foreign callers: the one file of this room that reasons about raw memory.
//!
//! Signatures say who owns what, and the compiler holds us to it:
//!
//! | in C                    | in Rust                            | meaning                                   |
//! |-------------------------|------------------------------------|-------------------------------------------|
//! | `own T *` in or out     | `Option<Box<T>>`                   | ownership moves; NULL is `None`           |
//! | `const T *`             | `Option<&T>`                       | borrowed for the call; NULL is `None`     |
//! | `T *` to be written     | `Option<&mut MaybeUninit<T>>`      | old content is neither read nor freed     |
//! | `T *` to be changed     | `Option<&mut T>`                   | holds a valid value before and after      |
//! | `const T *` returned    | `*const T`                         | borrowed from the object it was asked of  |
//! | pointer and length      | `*const T`, `usize`                | only through [`slice`], [`text`], ...     |
//!
//! The last row is the only one that costs an `unsafe` at the place of use. Every exported function runs its
//! body inside one of the guards, so that a panic becomes an error, a null or a zero, and never crosses.

use super::tenon::{tenon_exec_t, tenon_interrupt_t};
use super::wasm::engine::{wasm_engine_t, wasm_store_t};
use super::wasmtime::error::wasmtime_error_t;
use super::wasmtime::store::wasmtime_context_t;
use crate::base::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::any::Any;
use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

/// What a function returns when it has nothing to return: NULL, false or zero.
pub(super) trait Fallback {
    fn fallback() -> Self;
}

macro_rules! fallbacks {
    ($($t:ty => $v:expr),* $(,)?) => {$(
        impl Fallback for $t { fn fallback() -> Self { $v } }
    )*};
}

fallbacks!(() => (), bool => false, u8 => 0, u32 => 0, u64 => 0, usize => 0);

impl<T> Fallback for *const T {
    fn fallback() -> Self {
        std::ptr::null()
    }
}

impl<T> Fallback for *mut T {
    fn fallback() -> Self {
        std::ptr::null_mut()
    }
}

impl<T> Fallback for Option<T> {
    fn fallback() -> Self {
        None
    }
}

/// What is not entered again while somebody is inside: others are refused rather than made to wait.
///
/// It is for objects of which the C API says that one thread at a time uses them. The flag is there for re-entry, from a
/// host function that runs inside, and to catch most breaches of that rule; it does not enforce it, which would cost an
/// atomic exchange per call.
pub(super) struct Entry<T> {
    entered: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: callers from C promise that one thread at a time uses the object; handing it to another thread orders what both do.
unsafe impl<T: Send> Sync for Entry<T> {}

impl<T> Entry<T> {
    pub(super) fn new(value: T) -> Entry<T> {
        Entry { entered: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// `None` while somebody is inside.
    #[inline]
    pub(super) fn try_enter(&self) -> Option<Entered<'_, T>> {
        if self.entered.load(Ordering::Acquire) {
            return None;
        }
        self.entered.store(true, Ordering::Relaxed);
        Some(Entered(self))
    }

    pub(super) fn is_entered(&self) -> bool {
        self.entered.load(Ordering::Relaxed)
    }
}

/// The right to the value of an [`Entry`], until dropped.
pub(super) struct Entered<'a, T>(&'a Entry<T>);

impl<T> Deref for Entered<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this is the only `Entered` of its entry (see `Entry`), and hands out nothing that outlives it.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Entered<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; the borrow of `self` is exclusive.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Entered<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.entered.store(false, Ordering::Release);
    }
}

/// Objects whose memory is never given back, so that a pointer to one that was consumed still points to something that
/// says so. For the few kinds of which the C API promises that; what rests longest is used next.
pub(super) struct Shelf<T>(Mutex<VecDeque<AtomicPtr<T>>>);

/// So many objects rest before the first of them is used again.
const RESTING: usize = 64;

impl<T> Shelf<T> {
    pub(super) const fn new() -> Shelf<T> {
        Shelf(Mutex::new(VecDeque::new()))
    }

    /// A place with this value.
    pub(super) fn put(&self, value: T) -> *mut T {
        let mut resting = self.0.lock();
        let oldest = if resting.len() < RESTING { None } else { resting.pop_front() };
        drop(resting); // dropping the old value may run the caller's finalizers
        match oldest {
            None => Box::into_raw(Box::new(value)),
            Some(place) => {
                let place = place.into_inner();
                // SAFETY: `rest` put it there, and nobody else takes it; it holds a valid value as ever.
                drop(unsafe { place.replace(value) });
                place
            }
        }
    }

    /// The object, which [`Shelf::put`] made, will be used again some day. Its value stays until then.
    pub(super) fn rest(&self, it: &mut T) {
        self.0.lock().push_back(AtomicPtr::new(it));
    }
}

/// The text of a caught panic.
pub(super) fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Runs `body`; a panic gives the fallback.
pub(super) fn guard<R: Fallback>(body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| R::fallback())
}

/// Runs `body`; a NULL argument (`?` on an `Option`) or a panic gives the fallback.
pub(super) fn guard_some<R: Fallback>(body: impl FnOnce() -> Option<R>) -> R {
    guard(|| body().unwrap_or_else(R::fallback))
}

/// Runs `body`; an error or a panic becomes an owned error object.
pub(super) fn guard_err(body: impl FnOnce() -> Result<()>) -> Option<Box<wasmtime_error_t>> {
    guard_call(body)
}

/// [`guard_err`] for calls of guests, to which another call would cost something.
#[inline(always)]
pub(super) fn guard_call(body: impl FnOnce() -> Result<()>) -> Option<Box<wasmtime_error_t>> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => None,
        Ok(Err(e)) => Some(wasmtime_error_t::boxed(e)),
        Err(p) => Some(panicked(&*p)),
    }
}

#[cold]
fn panicked(payload: &(dyn Any + Send)) -> Box<wasmtime_error_t> {
    wasmtime_error_t::boxed(Error::internal(format!("panic: {}", panic_text(payload))))
}

/// The argument, or an error that names it.
#[inline]
pub(super) fn need<T>(arg: Option<T>, name: &str) -> Result<T> {
    match arg {
        Some(v) => Ok(v),
        None => Err(null(name)),
    }
}

#[cold]
pub(super) fn null(name: &str) -> Error {
    Error::usage(format!("argument `{name}` is null"))
}

/// Writes an out parameter, if there is one.
#[inline]
pub(super) fn put<T>(out: Option<&mut MaybeUninit<T>>, value: T) {
    if let Some(out) = out {
        out.write(value);
    }
}

/// A C boolean as it comes in: taken as a byte, since a Rust `bool` may hold nothing but 0 and 1. The headers
/// say `bool`.
pub(super) type CBool = u8;

/// Pointers that C may write through but that Rust shares: the objects have inner mutability, and a host
/// function may be handed the same one while a call on it is in progress. The headers have no `const` there.
pub(super) type ContextPtr<'a> = Option<&'a wasmtime_context_t>;
pub(super) type EnginePtr<'a> = Option<&'a wasm_engine_t>;
pub(super) type StorePtr<'a> = Option<&'a wasm_store_t>;
pub(super) type ExecPtr<'a> = Option<&'a tenon_exec_t>;
pub(super) type InterruptPtr<'a> = Option<&'a tenon_interrupt_t>;

/// Any byte but zero is true.
pub(super) fn truth(byte: CBool) -> bool {
    byte != 0
}

/// `len` elements at `ptr`; with length 0 the pointer is not looked at.
///
/// # Safety
/// - Unless `len` is 0, `ptr` is null or points to `len` initialised `T` that live and stay unchanged for `'a`.
#[inline]
pub(super) unsafe fn slice<'a, T>(ptr: *const T, len: usize) -> Result<&'a [T]> {
    if len == 0 {
        return Ok(&[]);
    }
    if ptr.is_null() || !ptr.is_aligned() || len > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(no_array(ptr.addr(), len));
    }
    // SAFETY: not null, aligned, of possible size; the caller vouches for the content.
    Ok(unsafe { std::slice::from_raw_parts(ptr, len) })
}

#[cold]
fn no_array(address: usize, len: usize) -> Error {
    match address {
        0 => Error::usage(format!("null pointer given for {len} elements")),
        _ => Error::usage(format!("no array of {len} elements can be at {address:#x}")),
    }
}

/// `len` slots at `ptr` that will be written; with length 0 the pointer is not looked at.
///
/// # Safety
/// - Unless `len` is 0, `ptr` is null or points to memory for `len` `T` that nobody else uses during `'a`.
#[inline]
pub(super) unsafe fn slots<'a, T>(ptr: *mut T, len: usize) -> Result<&'a mut [MaybeUninit<T>]> {
    // SAFETY: the caller's promise is the same, and `MaybeUninit` asks for no initialised content.
    let seen = unsafe { slice(ptr.cast_const().cast::<MaybeUninit<T>>(), len)? };
    // SAFETY: same memory, exclusive by the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts_mut(seen.as_ptr().cast_mut(), seen.len()) })
}

/// Text given by pointer and length.
///
/// # Safety
/// As for [`slice`].
pub(super) unsafe fn text<'a>(ptr: *const c_char, len: usize) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { slice(ptr.cast::<u8>(), len)? };
    std::str::from_utf8(bytes).map_err(|_| not_utf8())
}

/// NUL-terminated text.
///
/// # Safety
/// - `ptr` is null or points to bytes that end in a NUL and live unchanged for `'a`.
pub(super) unsafe fn c_text<'a>(ptr: *const c_char, name: &str) -> Result<&'a str> {
    if ptr.is_null() {
        return Err(null(name));
    }
    // SAFETY: not null, and the caller vouches for the terminator.
    unsafe { CStr::from_ptr(ptr) }.to_str().map_err(|_| not_utf8())
}

#[cold]
pub(super) fn not_utf8() -> Error {
    Error::new(ErrorKind::Usage, "input was not valid utf-8")
}

/// A count on a shared object, as a pointer that C keeps; [`arc_from_ptr`] takes it back.
pub(super) fn arc_into_ptr<T>(arc: Arc<T>) -> *mut c_void {
    Arc::into_raw(arc).cast_mut().cast()
}

/// Another count on the object behind a pointer that [`arc_into_ptr`] made.
///
/// # Safety
/// - `ptr` came from [`arc_into_ptr`] with the same `T` and was not taken back yet.
pub(super) unsafe fn arc_clone_ptr<T>(ptr: *mut c_void) -> Arc<T> {
    // SAFETY: the caller's promise; the count made here is the one returned.
    unsafe {
        Arc::increment_strong_count(ptr.cast_const().cast::<T>());
        Arc::from_raw(ptr.cast_const().cast::<T>())
    }
}

/// The count that [`arc_into_ptr`] gave to C.
///
/// # Safety
/// - as for [`arc_clone_ptr`]; the pointer is not used again.
pub(super) unsafe fn arc_from_ptr<T>(ptr: *mut c_void) -> Arc<T> {
    // SAFETY: the caller's promise.
    unsafe { Arc::from_raw(ptr.cast_const().cast::<T>()) }
}

/// An object that C owns by pointer, inside a struct of its own.
///
/// # Safety
/// - `ptr` is null or came from `Box::into_raw` with the same `T`, and is not used again.
pub(super) unsafe fn own<T>(ptr: *mut T) -> Option<Box<T>> {
    // SAFETY: the caller's promise.
    (!ptr.is_null()).then(|| unsafe { Box::from_raw(ptr) })
}

/// A pointer for C to own; NULL for `None`.
pub(super) fn give<T>(it: Option<Box<T>>) -> *mut T {
    it.map_or(std::ptr::null_mut(), Box::into_raw)
}

/// A C pointer and the C function that is called once, with that pointer, when it is no longer needed.
pub(super) struct Finalizer {
    env: AtomicPtr<c_void>,
    run: Option<unsafe extern "C" fn(*mut c_void)>,
}

// `Finalizer` is `Send` and `Sync` by its fields: the interface promises its users that such pointers travel
// with the store or engine they were given to, and asks for functions that bear it.

impl Finalizer {
    pub(super) fn new(env: *mut c_void, run: Option<unsafe extern "C" fn(*mut c_void)>) -> Finalizer {
        Finalizer { env: AtomicPtr::new(env), run }
    }

    #[inline]
    pub(super) fn env(&self) -> *mut c_void {
        self.env.load(Ordering::Relaxed)
    }

    /// Replaces the pointer; the finalizer will get the new one.
    pub(super) fn set_env(&self, env: *mut c_void) {
        self.env.store(env, Ordering::Relaxed);
    }
}

impl Drop for Finalizer {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            // SAFETY: the caller handed over function and pointer to be used together, once; this is the once.
            unsafe { run(self.env()) }
        }
    }
}

/// A C vector `{size, data}` whose buffer is ours.
///
/// # Safety
/// - `parts` returns what `from_parts` or the caller put in, `from_parts` makes a vector of exactly that.
pub(super) unsafe trait CVec: Sized {
    type Item: Default + Clone;
    fn parts(&self) -> (usize, *mut Self::Item);
    fn from_parts(size: usize, data: *mut Self::Item) -> Self;

    /// `{0, NULL}`.
    fn null() -> Self {
        Self::from_parts(0, std::ptr::null_mut())
    }

    /// A vector with these elements; its data is not NULL even when there are none.
    fn from_items(items: Vec<Self::Item>) -> Self {
        let items = Box::into_raw(items.into_boxed_slice());
        Self::from_parts(items.len(), items.cast())
    }

    /// The elements. A vector that claims elements at NULL is taken for empty.
    fn as_slice(&self) -> &[Self::Item] {
        let (size, data) = self.parts();
        // SAFETY: the vector was made by this library or filled in by the caller with elements of this type,
        // as the interface demands, and `self` borrows it.
        unsafe { slice(data, size) }.unwrap_or(&[])
    }

    /// Moves the elements out and leaves `{0, NULL}`.
    fn take(&mut self) -> Vec<Self::Item> {
        let (size, data) = std::mem::replace(self, Self::null()).parts();
        if size == 0 || data.is_null() {
            return Vec::new();
        }
        // SAFETY: vectors that are given away own a buffer that `from_items` allocated with this length; the
        // vector was reset, so nobody frees it again.
        unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(data, size)) }.into_vec()
    }

    fn deep_copy(&self) -> Self {
        Self::from_items(self.as_slice().to_vec())
    }

    /// `size` elements at `data` become the vector's without being copied one by one.
    ///
    /// # Safety
    /// - `data` is null or points to `size` elements whose ownership the caller gives up.
    unsafe fn adopt(size: usize, data: *const Self::Item) -> Result<Self> {
        let mut items = Vec::new();
        items.try_reserve_exact(size).map_err(|_| Error::usage(format!("no memory for {size} elements")))?;
        // SAFETY: the caller's promise; `MaybeUninit` so that the copy below is the only owner.
        let given = unsafe { slice(data.cast::<MaybeUninit<Self::Item>>(), size)? };
        for item in given {
            // SAFETY: initialised and given up by the caller, read once each.
            items.push(unsafe { item.assume_init_read() });
        }
        Ok(Self::from_items(items))
    }

    /// `size` default elements: zero bytes, null pointers, i32 zeros.
    fn zeroed(size: usize) -> Result<Self> {
        let mut items = Vec::new();
        items.try_reserve_exact(size).map_err(|_| Error::usage(format!("no memory for {size} elements")))?;
        items.resize_with(size, Default::default);
        Ok(Self::from_items(items))
    }
}

/// A vector that frees itself: what an object lends out by address.
pub(super) struct Owned<V: CVec>(V);

impl<V: CVec> Owned<V> {
    pub(super) fn new(vec: V) -> Owned<V> {
        Owned(vec)
    }

    pub(super) fn as_ptr(&self) -> *const V {
        std::ptr::from_ref(&self.0)
    }
}

impl<V: CVec> Clone for Owned<V> {
    fn clone(&self) -> Self {
        Owned(self.0.deep_copy())
    }
}

impl<V: CVec> Drop for Owned<V> {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

// SAFETY: the buffer belongs to this object alone, like a `Vec`'s.
unsafe impl<V: CVec> Send for Owned<V> where V::Item: Send {}
// SAFETY: shared access only reads.
unsafe impl<V: CVec> Sync for Owned<V> where V::Item: Sync {}

/// The bodies of the five functions that every vector type has.
pub(super) mod vec {
    use super::*;

    pub(in crate::capi) fn new_empty<V: CVec>(out: Option<&mut MaybeUninit<V>>) {
        guard(|| put(out, V::null()));
    }

    pub(in crate::capi) fn new_uninitialized<V: CVec>(out: Option<&mut MaybeUninit<V>>, size: usize) {
        guard(|| put(out, V::zeroed(size).unwrap_or_else(|_| V::null())));
    }

    /// # Safety
    /// As for [`CVec::adopt`].
    pub(in crate::capi) unsafe fn new<V: CVec>(
        out: Option<&mut MaybeUninit<V>>,
        size: usize,
        data: *const V::Item,
    ) {
        // SAFETY: the caller's promise.
        guard(|| put(out, unsafe { V::adopt(size, data) }.unwrap_or_else(|_| V::null())));
    }

    pub(in crate::capi) fn copy<V: CVec>(out: Option<&mut MaybeUninit<V>>, from: Option<&V>) {
        guard(|| put(out, from.map_or_else(V::null, V::deep_copy)));
    }

    pub(in crate::capi) fn delete<V: CVec>(vec: Option<&mut V>) {
        guard(|| drop(vec.map(V::take)));
    }
}

/// Implements [`CVec`] for a struct with the fields `size` and `data`.
macro_rules! c_vec {
    ($vec:ty, $item:ty) => {
        // SAFETY: the two fields are the parts.
        unsafe impl $crate::capi::ffi::CVec for $vec {
            type Item = $item;
            fn parts(&self) -> (usize, *mut $item) {
                (self.size, self.data)
            }
            fn from_parts(size: usize, data: *mut $item) -> Self {
                Self { size, data }
            }
        }
    };
}
pub(super) use c_vec;

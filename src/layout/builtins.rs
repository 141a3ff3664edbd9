//! The builtin table: helpers that machine code calls through `vmctx.builtins[row]`.
//!
//! Every builtin takes `(vmctx, exec, ...)` in the platform's C convention. Bodies live in `vm/builtins.rs`; a body that fails leaves the reason
//! with the exec's owner and sets `exec.raised`, and its thunk never returns to machine code.

/// Type of a builtin's argument or result after `vmctx` and `exec`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arg {
    I32,
    I64,
    Ptr,
}

macro_rules! builtins {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) $(-> $ret:ident)?;)*) => {
        /// A row of the builtin table; the discriminant is its position.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u32)]
        pub enum Builtin { $($(#[$doc])* $name,)* }

        impl Builtin {
            pub const COUNT: usize = [$(Builtin::$name),*].len();
            pub const ALL: [Builtin; Builtin::COUNT] = [$(Builtin::$name),*];

            /// Arguments after `vmctx` and `exec`.
            pub fn args(self) -> &'static [Arg] {
                match self { $(Builtin::$name => &[$(Arg::$arg),*],)* }
            }

            pub fn result(self) -> Option<Arg> {
                match self { $(Builtin::$name => builtins!(@ret $($ret)?),)* }
            }

            /// Whether its thunk leaves every register as it was: those of checks, so that the path that is not
            /// taken costs no register.
            pub fn preserves_registers(self) -> bool {
                matches!(self, Builtin::OutOfFuel | Builtin::NewEpoch)
            }

            pub fn name(self) -> &'static str {
                match self { $(Builtin::$name => stringify!($name),)* }
            }
        }
    };
    (@ret) => { None };
    (@ret $ret:ident) => { Some(Arg::$ret) };
}

builtins! {
    /// `(memory, delta pages) -> pages before, or -1`.
    MemoryGrow(I32, I64) -> I64;
    /// `(memory) -> pages`; for memories whose length is not simply readable (shared).
    MemorySize(I32) -> I64;
    /// `(dst memory, src memory, dst, src, len)`.
    MemoryCopy(I32, I32, I64, I64, I64);
    /// `(memory, dst, byte, len)`.
    MemoryFill(I32, I64, I32, I64);
    /// `(memory, segment, dst, src, len)`.
    MemoryInit(I32, I32, I64, I32, I32);
    /// `(segment)`.
    DataDrop(I32);
    /// `(table, delta, init element: funcref pointer or handle) -> elements before, or -1`.
    TableGrow(I32, I64, I64) -> I64;
    /// `(table, dst, init element, len)`.
    TableFill(I32, I64, I64, I64);
    /// `(dst table, src table, dst, src, len)`.
    TableCopy(I32, I32, I64, I64, I64);
    /// `(table, segment, dst, src, len)`.
    TableInit(I32, I32, I64, I32, I32);
    /// `(segment)`.
    ElemDrop(I32);
    /// `(table, index) -> *const VmFuncRef`: element that is not initialised yet; the index is in bounds.
    TableGetFuncRef(I32, I64) -> Ptr;
    /// `(function index) -> *const VmFuncRef`.
    RefFunc(I32) -> Ptr;
    /// The fuel counter reached zero: refuels by the store's rule or stops the guest.
    OutOfFuel();
    /// `(code)`: what `LibCall::NewEpoch` is to functions, for a trampoline that is about to enter the one with this code; traces
    /// show that at its beginning.
    NewEpoch(Ptr);
    /// `(memory, address, expected, timeout ns) -> 0, 1 or 2`.
    AtomicWait32(I32, I64, I32, I64) -> I32;
    /// `(memory, address, expected, timeout ns) -> 0, 1 or 2`.
    AtomicWait64(I32, I64, I64, I64) -> I32;
    /// `(memory, address, count) -> woken`.
    AtomicNotify(I32, I64, I32) -> I32;
    /// `(tag, slots of its parameters)`: throws a new exception; does not return.
    Throw(I32, Ptr);
    /// `(exception)`: throws it again; not null; does not return.
    ThrowRef(I32);
    /// `(bytes) -> reference`: room for an object of a size that does not fit the space left; its contents are not
    /// initialised. May move every object.
    GcAlloc(I64) -> I32;
    /// `(sub type id, super type id) -> 0 or 1`, for hierarchies deeper than a type record's display.
    GcIsSubtype(I32, I32) -> I32;
    /// `(array, at, len, value low, value high)`.
    ArrayFill(I32, I32, I32, I64, I64);
    /// `(dst array, dst at, src array, src at, len)`.
    ArrayCopy(I32, I32, I32, I32, I32);
    /// `(type index, segment, from, len) -> array`.
    ArrayNewData(I32, I32, I32, I32) -> I32;
    /// `(type index, segment, from, len) -> array`.
    ArrayNewElem(I32, I32, I32, I32) -> I32;
    /// `(array, at, segment, from, len)`.
    ArrayInitData(I32, I32, I32, I32, I32);
    /// `(array, at, segment, from, len)`.
    ArrayInitElem(I32, I32, I32, I32, I32);
}

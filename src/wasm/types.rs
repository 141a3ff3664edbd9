//! The specification's types. A concrete heap type is a number whose meaning depends on where it is kept:
//! inside a [`ModuleInfo`](super::ModuleInfo) it is a module's [`TypeIndex`], after canonicalisation it is
//! the engine's [`TypeId`]. The two never mix in one value: `canonical` converts whole types at once.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Number of a type in an engine's registry; equal ids mean equal types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[repr(transparent)]
pub struct TypeId(pub u32);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ValType {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref(RefType),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct RefType {
    pub nullable: bool,
    pub heap: HeapType,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum HeapType {
    Func,
    NoFunc,
    Extern,
    NoExtern,
    Any,
    Eq,
    I31,
    Struct,
    Array,
    None,
    Exn,
    NoExn,
    /// A function type by number (module's or engine's, see the head of this file).
    ConcreteFunc(u32),
    /// A struct type by number.
    ConcreteStruct(u32),
    /// An array type by number.
    ConcreteArray(u32),
}

/// The three families of references, which share no value but null.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RefFamily {
    /// Pointers to function records.
    Func,
    /// Host references: 32-bit handles.
    Extern,
    /// Everything below `any`: 32-bit handles.
    Any,
    /// Exceptions: 32-bit handles.
    Exn,
}

impl HeapType {
    pub fn family(self) -> RefFamily {
        use HeapType::*;
        match self {
            Func | NoFunc | ConcreteFunc(_) => RefFamily::Func,
            Extern | NoExtern => RefFamily::Extern,
            Any | Eq | I31 | Struct | Array | None | ConcreteStruct(_) | ConcreteArray(_) => RefFamily::Any,
            Exn | NoExn => RefFamily::Exn,
        }
    }

    /// The number of a concrete type.
    pub fn concrete(self) -> Option<u32> {
        match self {
            HeapType::ConcreteFunc(i) | HeapType::ConcreteStruct(i) | HeapType::ConcreteArray(i) => Some(i),
            _ => None,
        }
    }

    /// The same type with another number, if it is concrete.
    pub fn with_number(self, number: u32) -> HeapType {
        match self {
            HeapType::ConcreteFunc(_) => HeapType::ConcreteFunc(number),
            HeapType::ConcreteStruct(_) => HeapType::ConcreteStruct(number),
            HeapType::ConcreteArray(_) => HeapType::ConcreteArray(number),
            plain => plain,
        }
    }

    /// Subtyping between heap types whose concrete numbers come from one place, without declared supertypes.
    pub fn matches(self, sup: HeapType) -> bool {
        self.matches_with(sup, &|_, _| false)
    }

    /// Subtyping; `declared` says whether the first of two different concrete types is a declared subtype of the second.
    pub fn matches_with(self, sup: HeapType, declared: &dyn Fn(u32, u32) -> bool) -> bool {
        use HeapType::*;
        if self == sup {
            return true;
        }
        if let (Some(a), Some(b)) = (self.concrete(), sup.concrete()) {
            return declared(a, b);
        }
        matches!(
            (self, sup),
            (ConcreteStruct(_) | ConcreteArray(_), Any | Eq)
                | (ConcreteStruct(_), Struct)
                | (ConcreteArray(_), Array)
                | (None, ConcreteStruct(_) | ConcreteArray(_))
                | (ConcreteFunc(_) | NoFunc, Func)
                | (NoFunc, ConcreteFunc(_))
                | (NoExtern, Extern)
                | (NoExn, Exn)
                | (Eq | I31 | Struct | Array | None, Any)
                | (I31 | Struct | Array | None, Eq)
                | (None, I31 | Struct | Array)
        )
    }
}

impl RefType {
    pub const FUNCREF: RefType = RefType { nullable: true, heap: HeapType::Func };
    pub const EXTERNREF: RefType = RefType { nullable: true, heap: HeapType::Extern };
    pub const EXNREF: RefType = RefType { nullable: true, heap: HeapType::Exn };

    pub const ANYREF: RefType = RefType { nullable: true, heap: HeapType::Any };

    pub fn matches(self, sup: RefType) -> bool {
        self.matches_with(sup, &|_, _| false)
    }

    /// See [`HeapType::matches_with`].
    pub fn matches_with(self, sup: RefType, declared: &dyn Fn(u32, u32) -> bool) -> bool {
        (!self.nullable || sup.nullable) && self.heap.matches_with(sup.heap, declared)
    }
}

impl ValType {
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);
    pub const EXNREF: ValType = ValType::Ref(RefType::EXNREF);

    pub fn matches(self, sup: ValType) -> bool {
        self.matches_with(sup, &|_, _| false)
    }

    /// See [`HeapType::matches_with`].
    pub fn matches_with(self, sup: ValType, declared: &dyn Fn(u32, u32) -> bool) -> bool {
        match (self, sup) {
            (ValType::Ref(a), ValType::Ref(b)) => a.matches_with(b, declared),
            (a, b) => a == b,
        }
    }

    /// Whether a value of this type is a 32-bit handle that the garbage collector must see.
    pub fn is_gc_ref(self) -> bool {
        matches!(self, ValType::Ref(r) if r.heap.family() != RefFamily::Func)
    }

    pub fn is_funcref(self) -> bool {
        matches!(self, ValType::Ref(r) if r.heap.family() == RefFamily::Func)
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct FuncType {
    pub params: Box<[ValType]>,
    pub results: Box<[ValType]>,
}

impl FuncType {
    pub fn new(params: impl Into<Box<[ValType]>>, results: impl Into<Box<[ValType]>>) -> FuncType {
        FuncType { params: params.into(), results: results.into() }
    }

    /// Slots of an argument array that carries parameters in and results out: the larger count.
    pub fn slots(&self) -> usize {
        self.params.len().max(self.results.len())
    }

    /// Whether a parameter is a reference that collections change.
    pub fn takes_handles(&self) -> bool {
        self.params.iter().any(|ty| ty.is_gc_ref())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct GlobalType {
    pub content: ValType,
    pub mutable: bool,
}

/// Sizes in elements.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct TableType {
    pub element: RefType,
    pub table64: bool,
    pub min: u64,
    pub max: Option<u64>,
}

/// Sizes in pages of `1 << page_size_log2` bytes (65,536 unless the custom-page-sizes proposal says otherwise).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct MemoryType {
    pub memory64: bool,
    pub shared: bool,
    pub page_size_log2: u8,
    pub min: u64,
    pub max: Option<u64>,
}

impl MemoryType {
    /// A 32-bit unshared memory of 64 KiB pages.
    pub const fn new(min: u64, max: Option<u64>) -> MemoryType {
        MemoryType { memory64: false, shared: false, page_size_log2: 16, min, max }
    }

    pub fn page_size(&self) -> u64 {
        1 << self.page_size_log2
    }
}

/// Type of anything that can be imported or exported; functions and tags in full, not by number.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ExternType {
    Func(FuncType),
    Table(TableType),
    Memory(MemoryType),
    Global(GlobalType),
    Tag(FuncType),
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use HeapType::*;
        f.write_str(match self {
            Func => "func",
            NoFunc => "nofunc",
            Extern => "extern",
            NoExtern => "noextern",
            Any => "any",
            Eq => "eq",
            I31 => "i31",
            Struct => "struct",
            Array => "array",
            None => "none",
            Exn => "exn",
            NoExn => "noexn",
            ConcreteFunc(n) | ConcreteStruct(n) | ConcreteArray(n) => return write!(f, "(concrete {n})"),
        })
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.nullable, self.heap) {
            (true, heap) if heap.concrete().is_some() => write!(f, "(ref null {heap})"),
            (true, HeapType::None) => f.write_str("nullref"),
            (true, HeapType::NoFunc) => f.write_str("nullfuncref"),
            (true, HeapType::NoExtern) => f.write_str("nullexternref"),
            (true, heap) => write!(f, "{heap}ref"),
            (false, heap) => write!(f, "(ref {heap})"),
        }
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::Ref(r) => r.fmt(f),
        }
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(func")?;
        for p in &self.params {
            write!(f, " (param {p})")?;
        }
        for r in &self.results {
            write!(f, " (result {r})")?;
        }
        f.write_str(")")
    }
}

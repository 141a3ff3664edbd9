//! What a module declares: everything but the code of its functions. Immutable once read; shared by all
//! instances; kept in the image.

use super::composite::*;
use super::types::*;
use crate::base::index::*;
use core::ops::Range;
use serde::{Deserialize, Serialize};

/// A module's declarations. Concrete heap types inside are indices into [`ModuleInfo::types`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ModuleInfo {
    /// Module name from the name section.
    pub name: Option<String>,
    pub types: Map<TypeIndex, SubType>,
    /// Recursion groups of other than one type, as ranges of type indices; every type outside of them is a group of its own.
    pub rec_groups: Vec<Range<u32>>,
    pub imports: Vec<Import>,
    /// Type of each function, imports first.
    pub funcs: Map<FuncIndex, FuncDecl>,
    pub tables: Map<TableIndex, TableDecl>,
    pub memories: Map<MemoryIndex, MemoryType>,
    pub globals: Map<GlobalIndex, GlobalDecl>,
    pub tags: Map<TagIndex, TypeIndex>,
    pub exports: Vec<Export>,
    pub start: Option<FuncIndex>,
    pub elems: Map<ElemIndex, ElemSegment>,
    pub datas: Map<DataIndex, DataSegment>,
    pub num_imported_funcs: u32,
    pub num_imported_tables: u32,
    pub num_imported_memories: u32,
    pub num_imported_globals: u32,
    pub num_imported_tags: u32,
    /// How many functions have a [`FuncRefIndex`].
    pub num_func_refs: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    pub module: String,
    pub name: String,
    pub entity: EntityIndex,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    pub name: String,
    pub entity: EntityIndex,
}

/// One item of a module's index spaces.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum EntityIndex {
    Func(FuncIndex),
    Table(TableIndex),
    Memory(MemoryIndex),
    Global(GlobalIndex),
    Tag(TagIndex),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FuncDecl {
    pub ty: TypeIndex,
    /// The slot of its function record if a reference to it can be made.
    pub func_ref: Option<FuncRefIndex>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableDecl {
    pub ty: TableType,
    /// Initial value of every element; `None` means null.
    pub init: Option<ConstExpr>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GlobalDecl {
    pub ty: GlobalType,
    /// `None` for imports.
    pub init: Option<ConstExpr>,
}

/// A constant expression as a small postfix program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConstExpr(pub Vec<ConstOp>);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConstOp {
    I32(i32),
    I64(i64),
    /// Bit pattern.
    F32(u32),
    /// Bit pattern.
    F64(u64),
    V128(u128),
    GlobalGet(GlobalIndex),
    RefNull(HeapType),
    RefFunc(FuncIndex),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
    /// Takes a value for each field.
    StructNew(TypeIndex),
    StructNewDefault(TypeIndex),
    /// Takes an element and a length.
    ArrayNew(TypeIndex),
    ArrayNewDefault(TypeIndex),
    /// Takes this many elements.
    ArrayNewFixed(TypeIndex, u32),
    RefI31,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SegmentMode<I> {
    Passive,
    /// Declares function references only (element segments).
    Declared,
    Active { target: I, offset: ConstExpr },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ElemSegment {
    pub element: RefType,
    pub mode: SegmentMode<TableIndex>,
    pub items: ElemItems,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ElemItems {
    Funcs(Vec<FuncIndex>),
    Exprs(Vec<ConstExpr>),
}

impl ElemItems {
    /// Whether the elements, of this type, may be references to objects that the segment's evaluation makes.
    pub fn is_evaluated_once(&self, element: RefType) -> bool {
        matches!(self, ElemItems::Exprs(_)) && ValType::Ref(element).is_gc_ref()
    }

    pub fn len(&self) -> usize {
        match self {
            ElemItems::Funcs(f) => f.len(),
            ElemItems::Exprs(e) => e.len(),
        }
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DataSegment {
    pub mode: SegmentMode<MemoryIndex>,
    /// Where its bytes are in the image's data section.
    pub bytes: Range<u32>,
}

impl ModuleInfo {
    pub fn func_type(&self, f: FuncIndex) -> &FuncType {
        self.types[self.funcs[f].ty].func()
    }

    /// Whether instances allocate on a garbage-collected heap.
    pub fn needs_gc_heap(&self) -> bool {
        self.types.values().any(|t| t.as_func().is_none())
    }

    /// How many declared supertypes a type has above it.
    pub fn type_depth(&self, ty: TypeIndex) -> u32 {
        let parent = |t: &u32| self.types.get(TypeIndex(*t)).and_then(|t| t.supertype);
        core::iter::successors(parent(&ty.0), parent).count() as u32
    }

    /// Whether type `a` is `b` or is declared to extend it, going by this module's numbers alone.
    pub fn declared_subtype(&self, a: u32, b: u32) -> bool {
        core::iter::successors(Some(a), |t| self.types.get(TypeIndex(*t)).and_then(|t| t.supertype)).any(|t| t == b)
    }

    /// The position among defined functions, or `None` for an import.
    pub fn defined_func(&self, f: FuncIndex) -> Option<DefinedFunc> {
        f.0.checked_sub(self.num_imported_funcs).map(DefinedFunc)
    }

    pub fn func_index(&self, f: DefinedFunc) -> FuncIndex {
        FuncIndex(f.0 + self.num_imported_funcs)
    }

    pub fn num_defined_funcs(&self) -> usize {
        self.funcs.len() - self.num_imported_funcs as usize
    }

    /// The type of an import or export, function types in full.
    pub fn entity_type(&self, e: EntityIndex) -> ExternType {
        match e {
            EntityIndex::Func(i) => ExternType::Func(self.func_type(i).clone()),
            EntityIndex::Table(i) => ExternType::Table(self.tables[i].ty),
            EntityIndex::Memory(i) => ExternType::Memory(self.memories[i]),
            EntityIndex::Global(i) => ExternType::Global(self.globals[i].ty),
            EntityIndex::Tag(i) => ExternType::Tag(self.types[self.tags[i]].func().clone()),
        }
    }
}

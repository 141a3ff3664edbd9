//! The checks of every offset and index inside a loaded image. The checksum keeps accidents out; these keep
//! bad values from ever reaching code that indexes with them.

use super::format::*;
use super::read::Image;
use super::tables::Rows;
use crate::base::index::*;
use crate::base::{Result, TrapCode};
use crate::wasm::*;
use std::sync::LazyLock;

pub(super) fn check(image: &Image) -> Result<()> {
    check_info(image.info(), image.data().len())?;
    check_funcs(image)?;
    check_traps(image)?;
    check_inlined(image)?;
    check_stack_maps(image)?;
    check_catch_sites(image)?;
    check_libcalls(image)?;
    check_strings(image)
}

fn ensure(condition: bool, what: &str) -> Result<()> {
    if condition { Ok(()) } else { Err(damaged(what)) }
}

fn check_funcs(image: &Image) -> Result<()> {
    let info = image.info();
    let text = image.text().len() as u64;
    ensure(text <= u64::from(u32::MAX), "the text is too long")?;
    let funcs = image.rows::<4>(Section::Funcs);
    ensure(funcs.len() == info.num_defined_funcs(), "wrong number of functions")?;
    let runs = image.section(Section::Positions).len() as u64;
    let (mut good, mut previous, mut run) = (true, 0, 0);
    for [start, end, _, positions] in funcs.iter() {
        good &= (previous <= start) & (start < end) & (run <= positions);
        (previous, run) = (end, positions);
    }
    good &= u64::from(previous) <= text && u64::from(run) <= runs;
    ensure(good, "a function is out of place")?;
    let brief = image.section(Section::Brief);
    let unused = (8 - funcs.len() % 8) as u32 % 8;
    let fits = brief.len() == funcs.len().div_ceil(8) && brief.last().is_none_or(|last| last.leading_zeros() >= unused);
    ensure(fits, "wrong number of brief functions")?;
    let trampolines = image.rows::<2>(Section::Trampolines);
    ensure(trampolines.len() == info.types.len(), "wrong number of trampolines")?;
    let inside = |t: u32| t == NONE || u64::from(t) < text;
    ensure(trampolines.iter().flatten().all(inside), "a trampoline is out of place")
}

/// Whether the first column ascends and ends at or below `limit`. No way out of the loop, so that it runs at the speed of memory.
fn sorted<const N: usize>(rows: Rows<'_, N>, limit: usize) -> bool {
    let mut good = true;
    let mut next = 0u64;
    for row in rows.iter() {
        good &= next <= u64::from(row[0]);
        next = u64::from(row[0]) + 1;
    }
    good && next <= (limit as u64).saturating_add(1)
}

/// Which bytes are trap codes.
static KNOWN_TRAPS: LazyLock<[bool; 256]> =
    LazyLock::new(|| core::array::from_fn(|c| TrapCode::from_u8(c as u8).is_some()));

fn check_traps(image: &Image) -> Result<()> {
    let offsets = image.rows::<1>(Section::TrapOffsets);
    let codes = image.section(Section::TrapCodes);
    ensure(offsets.len() == codes.len(), "wrong number of trap codes")?;
    let mut good = true;
    codes.iter().for_each(|&c| good &= KNOWN_TRAPS[c as usize]);
    ensure(good, "an unknown trap code")?;
    ensure(sorted(offsets, image.text().len()), "trap sites are out of order")
}

fn check_inlined(image: &Image) -> Result<()> {
    let mut good = true;
    image.rows::<2>(Section::Inlined).iter().for_each(|[at, call]| good &= at.max(call) < INLINED);
    ensure(good, "an inlined position is out of range")
}

fn check_stack_maps(image: &Image) -> Result<()> {
    let rows = image.rows::<3>(Section::StackMaps);
    let offsets = image.rows::<1>(Section::StackMapOffsets);
    ensure(sorted(rows, image.text().len()), "stack maps are out of order")?;
    let mut start = 0;
    for [_, frame_size, end] in rows.iter() {
        ensure(start <= end && end as usize <= offsets.len(), "a stack map is out of place")?;
        let fits = |o: u32| o.checked_add(4).is_some_and(|o| o <= frame_size);
        let mut own = (start..end).filter_map(|i| offsets.get(i as usize));
        ensure(own.all(|[o]| fits(o)), "a stack map points outside its frame")?;
        start = end;
    }
    Ok(())
}

fn check_catch_sites(image: &Image) -> Result<()> {
    let sites = image.rows::<4>(Section::CatchSites);
    let handlers = image.rows::<3>(Section::Handlers);
    ensure(sorted(sites, image.text().len()), "catch sites are out of order")?;
    let mut start = 0;
    for [_, frame_size, context, end] in sites.iter() {
        ensure(start <= end && end as usize <= handlers.len(), "a catch site is out of place")?;
        let fits = context == NONE || context.checked_add(8).is_some_and(|c| c <= frame_size);
        ensure(fits, "a catch site points outside its frame")?;
        start = end;
    }
    let (tags, text) = (image.info().tags.len(), image.text().len());
    let good = |[tag, with_ref, landing]: [u32; 3]| {
        (tag == NONE || (tag as usize) < tags) && with_ref <= 1 && (landing as usize) < text
    };
    ensure(handlers.iter().all(good), "a handler is out of place")
}

fn check_libcalls(image: &Image) -> Result<()> {
    let empty = |at: u32| image.text().get(at as usize..).is_some_and(|t| t.starts_with(&[0; 8]));
    let good = |[at, call]: [u32; 2]| empty(at) && LibCall::from_u32(call).is_some();
    ensure(image.rows::<2>(Section::LibCalls).iter().all(good), "a call out of the text is out of place")
}

fn check_strings(image: &Image) -> Result<()> {
    let names = core::str::from_utf8(image.section(Section::NameText)).map_err(|_| damaged("a function name is not UTF-8"))?;
    let rows = image.rows::<3>(Section::FuncNames);
    ensure(sorted(rows, u32::MAX as usize), "function names are out of order")?;
    ensure(rows.iter().all(|[_, a, b]| names.get(a as usize..b as usize).is_some()), "a function name is out of place")?;
    let text = |bytes: &[u8], start: u32, end: u32| {
        bytes.get(start as usize..end as usize).is_some_and(|b| core::str::from_utf8(b).is_ok())
    };
    let customs = image.section(Section::CustomBytes);
    let good = |[a, b, c, d]: [u32; 4]| text(customs, a, b) && customs.get(c as usize..d as usize).is_some();
    ensure(image.rows::<4>(Section::Customs).iter().all(good), "a custom section is out of place")
}

fn check_info(info: &ModuleInfo, data_len: usize) -> Result<()> {
    let c = Info(info);
    ensure(c.counts(), "wrong number of imports")?;
    ensure(info.types.iter().all(|(i, t)| c.sub_type(i, t)), "a type refers to a missing type")?;
    ensure(info.funcs.values().all(|f| c.func_decl(f)), "a function refers to a missing type")?;
    ensure(c.rec_groups(), "recursion groups are out of order")?;
    ensure(info.tags.values().all(|&t| info.types.get(t).is_some()), "a tag refers to a missing type")?;
    let table = |t: &TableDecl| c.ref_type(t.ty.element) && t.init.as_ref().is_none_or(|e| c.expr(e));
    ensure(info.tables.values().all(table), "a table is inconsistent")?;
    ensure(info.memories.values().all(|m| m.page_size_log2 <= 16), "a memory is inconsistent")?;
    let global = |g: &GlobalDecl| c.val_type(g.ty.content) && g.init.as_ref().is_none_or(|e| c.expr(e));
    ensure(info.globals.values().all(global), "a global is inconsistent")?;
    ensure(info.imports.iter().all(|i| c.entity(i.entity)), "an import is inconsistent")?;
    ensure(info.exports.iter().all(|e| c.entity(e.entity)), "an export is inconsistent")?;
    ensure(info.start.is_none_or(|f| info.funcs.get(f).is_some()), "a missing start function")?;
    ensure(info.elems.values().all(|e| c.elem(e)), "an element segment is inconsistent")?;
    ensure(info.datas.values().all(|d| c.data(d, data_len)), "a data segment is inconsistent")
}

struct Info<'a>(&'a ModuleInfo);

impl Info<'_> {
    fn counts(&self) -> bool {
        let i = self.0;
        let count = |is: fn(&EntityIndex) -> bool| i.imports.iter().filter(|m| is(&m.entity)).count();
        let within = |n: u32, len: usize, imported: usize| n as usize <= len && n as usize == imported;
        within(i.num_imported_funcs, i.funcs.len(), count(|e| matches!(e, EntityIndex::Func(_))))
            && within(i.num_imported_tables, i.tables.len(), count(|e| matches!(e, EntityIndex::Table(_))))
            && within(i.num_imported_memories, i.memories.len(), count(|e| matches!(e, EntityIndex::Memory(_))))
            && within(i.num_imported_globals, i.globals.len(), count(|e| matches!(e, EntityIndex::Global(_))))
            && within(i.num_imported_tags, i.tags.len(), count(|e| matches!(e, EntityIndex::Tag(_))))
            && i.num_func_refs as usize <= i.funcs.len()
    }

    fn heap(&self, h: HeapType) -> bool {
        let Some(number) = h.concrete() else { return true };
        let ty = self.0.types.get(TypeIndex(number)).map(|t| &t.composite);
        matches!(
            (h, ty),
            (HeapType::ConcreteFunc(_), Some(CompositeType::Func(_)))
                | (HeapType::ConcreteStruct(_), Some(CompositeType::Struct(_)))
                | (HeapType::ConcreteArray(_), Some(CompositeType::Array(_)))
        )
    }

    fn ref_type(&self, r: RefType) -> bool {
        self.heap(r.heap)
    }

    fn val_type(&self, v: ValType) -> bool {
        !matches!(v, ValType::Ref(r) if !self.ref_type(r))
    }

    /// A supertype comes before its subtypes and is of their kind.
    fn sub_type(&self, index: TypeIndex, t: &SubType) -> bool {
        let kind = |t: &SubType| core::mem::discriminant(&t.composite);
        let parent = |s: u32| s < index.0 && self.0.types.get(TypeIndex(s)).is_some_and(|s| kind(s) == kind(t));
        let field = |f: &FieldType| !matches!(f.storage, StorageType::Val(v) if !self.val_type(v));
        t.supertype.is_none_or(parent)
            && t.fields().iter().all(field)
            && t.func().params.iter().chain(&t.func().results).all(|&v| self.val_type(v))
    }

    fn rec_groups(&self) -> bool {
        let mut last = 0;
        self.0.rec_groups.iter().all(|g| {
            let good = last <= g.start && g.start <= g.end && g.end as usize <= self.0.types.len();
            last = g.end;
            good
        })
    }

    fn func_decl(&self, f: &FuncDecl) -> bool {
        self.0.types.get(f.ty).is_some() && f.func_ref.is_none_or(|r| r.0 < self.0.num_func_refs)
    }

    fn entity(&self, e: EntityIndex) -> bool {
        let i = self.0;
        match e {
            EntityIndex::Func(f) => i.funcs.get(f).is_some(),
            EntityIndex::Table(t) => i.tables.get(t).is_some(),
            EntityIndex::Memory(m) => i.memories.get(m).is_some(),
            EntityIndex::Global(g) => i.globals.get(g).is_some(),
            EntityIndex::Tag(t) => i.tags.get(t).is_some(),
        }
    }

    fn expr(&self, e: &ConstExpr) -> bool {
        !e.0.is_empty()
            && e.0.iter().all(|op| match *op {
                ConstOp::GlobalGet(g) => self.0.globals.get(g).is_some(),
                ConstOp::RefFunc(f) => self.0.funcs.get(f).is_some_and(|f| f.func_ref.is_some()),
                ConstOp::RefNull(h) => self.heap(h),
                ConstOp::StructNew(t) | ConstOp::StructNewDefault(t) => {
                    self.0.types.get(t).is_some_and(|t| t.as_struct().is_some())
                }
                ConstOp::ArrayNew(t) | ConstOp::ArrayNewDefault(t) | ConstOp::ArrayNewFixed(t, _) => {
                    self.0.types.get(t).is_some_and(|t| t.as_array().is_some())
                }
                _ => true,
            })
    }

    fn elem(&self, e: &ElemSegment) -> bool {
        let mode = match &e.mode {
            SegmentMode::Active { target, offset } => self.0.tables.get(*target).is_some() && self.expr(offset),
            _ => true,
        };
        let func = |f: &FuncIndex| self.0.funcs.get(*f).is_some_and(|f| f.func_ref.is_some());
        let items = match &e.items {
            ElemItems::Funcs(f) => f.iter().all(func),
            ElemItems::Exprs(x) => x.iter().all(|x| self.expr(x)),
        };
        mode && items && self.ref_type(e.element)
    }

    fn data(&self, d: &DataSegment, data_len: usize) -> bool {
        let mode = match &d.mode {
            SegmentMode::Active { target, offset } => self.0.memories.get(*target).is_some() && self.expr(offset),
            _ => true,
        };
        mode && d.bytes.start <= d.bytes.end && d.bytes.end as usize <= data_len
    }
}

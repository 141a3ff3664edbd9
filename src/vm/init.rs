//! What a module's active segments put into fresh memories and tables, worked out once per module so that
//! instantiation neither copies bytes nor makes function references that nobody uses.
//!
//! Segments are applied in order, and one that cannot be worked out beforehand (its offset depends on an imported global, or
//! it does not fit) ends the plan of its memory or table: later ones are run at instantiation.

use super::MemoryImage;
use crate::base::index::*;
use crate::image::Image;
use crate::wasm::*;
use std::sync::{Arc, OnceLock};

/// Not a function: the element is null.
pub(super) const NULL: u32 = u32::MAX;
/// Images larger than this are not made from sparse data: segments are copied instead.
const MAX_IMAGE: u64 = 1 << 30;

/// One memory's planned segments: where each goes.
struct MemoryPlan {
    parts: Vec<(u64, DataIndex)>,
    image: OnceLock<Option<Arc<MemoryImage>>>,
}

pub(super) struct InitPlan {
    memories: Vec<MemoryPlan>,
    datas: Vec<Option<MemoryIndex>>,
    tables: Vec<Option<Arc<[u32]>>>,
    elems: Vec<bool>,
}

impl InitPlan {
    pub(super) fn new(image: &Image) -> InitPlan {
        let info = image.info();
        let mut plan = InitPlan {
            memories: (0..info.memories.len())
                .map(|_| MemoryPlan { parts: Vec::new(), image: OnceLock::new() })
                .collect(),
            datas: vec![None; info.datas.len()],
            tables: vec![None; info.tables.len()],
            elems: vec![false; info.elems.len()],
        };
        plan.plan_datas(info);
        plan.plan_elems(info);
        plan
    }

    fn plan_datas(&mut self, info: &ModuleInfo) {
        let mut closed = vec![false; info.memories.len()];
        for (d, segment) in info.datas.iter() {
            let SegmentMode::Active { target, offset } = &segment.mode else { continue };
            let i = target.index();
            let ty = info.memories[*target];
            let len = segment.bytes.len() as u64;
            let bytes = ty.min.saturating_mul(ty.page_size());
            let at = constant(offset).filter(|at| at.checked_add(len).is_some_and(|end| end <= bytes.min(MAX_IMAGE)));
            match at {
                Some(at) if !closed[i] && target.0 >= info.num_imported_memories => {
                    self.memories[i].parts.push((at, d));
                    self.datas[d.index()] = Some(*target);
                }
                _ => closed[i] = true,
            }
        }
    }

    fn plan_elems(&mut self, info: &ModuleInfo) {
        let mut closed: Vec<bool> = info.tables.iter().map(|(t, decl)| !can_be_lazy(info, t, decl)).collect();
        let mut images: Vec<Vec<u32>> = vec![Vec::new(); info.tables.len()];
        for (e, segment) in info.elems.iter() {
            let SegmentMode::Active { target, offset } = &segment.mode else { continue };
            let i = target.index();
            let len = segment.items.len() as u64;
            let min = info.tables[*target].ty.min;
            let at = constant(offset).filter(|at| at.checked_add(len).is_some_and(|end| end <= min));
            let (Some(at), Some(funcs), false) = (at, functions(&segment.items), closed[i]) else {
                closed[i] = true;
                continue;
            };
            let at = at as usize;
            let image = &mut images[i];
            if image.len() < at + funcs.len() {
                image.resize(at + funcs.len(), NULL);
            }
            image[at..at + funcs.len()].copy_from_slice(&funcs);
            self.elems[e.index()] = true;
        }
        for (slot, image) in self.tables.iter_mut().zip(images) {
            *slot = (!image.is_empty()).then(|| image.into());
        }
    }

    /// The functions that the lazily initialised elements at the front of a table stand for.
    pub(super) fn table(&self, t: TableIndex) -> Option<&Arc<[u32]>> {
        self.tables.get(t.index())?.as_ref()
    }

    pub(super) fn elem_is_lazy(&self, e: ElemIndex) -> bool {
        self.elems.get(e.index()).copied().unwrap_or(false)
    }

    pub(super) fn memory(&self, image: &Image, m: MemoryIndex) -> Option<Arc<MemoryImage>> {
        self.made(image, m)?.clone()
    }

    fn made(&self, image: &Image, m: MemoryIndex) -> Option<&Option<Arc<MemoryImage>>> {
        let plan = self.memories.get(m.index())?;
        Some(plan.image.get_or_init(|| build(image, &plan.parts)))
    }

    pub(super) fn data_is_imaged(&self, image: &Image, d: DataIndex) -> bool {
        match self.datas.get(d.index()) {
            Some(Some(m)) => self.made(image, *m).is_some_and(Option::is_some),
            _ => false,
        }
    }
}

/// `None` if there is nothing to map, or no file to be had: then segments are copied. Even a few bytes are worth a file, since
/// copying them takes a page fault per instance and page touched, which costs more than everything else.
fn build(image: &Image, parts: &[(u64, DataIndex)]) -> Option<Arc<MemoryImage>> {
    let info = image.info();
    let range = |d: DataIndex| &info.datas[d].bytes;
    if parts.iter().all(|(_, d)| range(*d).is_empty()) {
        return None;
    }
    let parts: Option<Vec<(usize, &[u8])>> = parts
        .iter()
        .map(|(at, d)| {
            let r = range(*d);
            Some((usize::try_from(*at).ok()?, image.data().get(r.start as usize..r.end as usize)?))
        })
        .collect();
    MemoryImage::new(&parts?).ok()
}

fn can_be_lazy(info: &ModuleInfo, t: TableIndex, decl: &TableDecl) -> bool {
    t.0 >= info.num_imported_tables && decl.init.is_none() && decl.ty.element.heap.family() == RefFamily::Func
}

/// The value of an offset that depends on nothing.
fn constant(e: &ConstExpr) -> Option<u64> {
    match e.0.as_slice() {
        [ConstOp::I32(x)] => Some(u64::from(*x as u32)),
        [ConstOp::I64(x)] => Some(*x as u64),
        _ => None,
    }
}

fn functions(items: &ElemItems) -> Option<Vec<u32>> {
    match items {
        ElemItems::Funcs(funcs) => Some(funcs.iter().map(|f| f.0).collect()),
        ElemItems::Exprs(exprs) => exprs
            .iter()
            .map(|e| match e.0.as_slice() {
                [ConstOp::RefFunc(f)] => Some(f.0),
                [ConstOp::RefNull(_)] => Some(NULL),
                _ => None,
            })
            .collect(),
    }
}

//! The engine's types, as a table that machine code indexes with a type id and that never moves.

use crate::base::{Error, ErrorKind, Result};
use crate::layout::*;
use crate::sys::mem::{Access, Mapping, address_space_limit};
use crate::wasm::{CompositeType, SubType, TypeId};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;

/// Types that a table has room for; fewer where address space is short.
const CAPACITY: usize = 1 << 22;
const SMALL_CAPACITY: usize = 1 << 18;
/// Bytes made accessible at a time.
const STEP: usize = 64 << 10;
const ROW: usize = size_of::<VmType>();

pub struct TypeTable {
    map: Mapping,
    /// Accessible bytes.
    accessible: Mutex<usize>,
    /// What does not fit into a row.
    deep: RwLock<HashMap<u32, Box<[TypeId]>>>,
    large: RwLock<HashMap<u32, Box<[u32]>>>,
}

impl TypeTable {
    pub fn new() -> Result<TypeTable> {
        let capacity = if address_space_limit().is_some() { SMALL_CAPACITY } else { CAPACITY };
        Ok(TypeTable {
            map: Mapping::reserve(capacity * ROW)?,
            accessible: Mutex::new(0),
            deep: RwLock::default(),
            large: RwLock::default(),
        })
    }

    /// The table's address for machine code; valid as long as the table.
    pub fn rows(&self) -> *const VmType {
        self.map.as_ptr().cast_const().cast()
    }

    /// Fills the row of a new type whose numbers are the engine's. `line` are its ancestors from the root on, itself last.
    pub fn insert(&self, id: TypeId, ty: &SubType, line: &[TypeId]) -> Result<()> {
        let end = (id.0 as usize + 1) * ROW;
        if end > self.map.len() {
            return Err(Error::new(ErrorKind::Limit, "too many different types in one engine"));
        }
        let mut row = VmType { depth: line.len() as u32 - 1, ..describe(ty) };
        for (slot, ancestor) in row.display.iter_mut().zip(line) {
            *slot = ancestor.0;
        }
        if line.len() > DISPLAY {
            self.deep.write().insert(id.0, line.into());
        }
        if row.kind == KIND_LARGE_STRUCT {
            self.large.write().insert(id.0, ref_offsets(ty).into());
        }
        let mut accessible = self.accessible.lock();
        if end > *accessible {
            let more = end.next_multiple_of(STEP).min(self.map.len()) - *accessible;
            self.map.protect(*accessible, more, Access::ReadWrite)?;
            *accessible += more;
        }
        // SAFETY: the row was just made accessible; nobody has its number yet, and the lock keeps other writers away.
        unsafe { self.map.as_ptr().cast::<VmType>().add(id.0 as usize).write(row) };
        Ok(())
    }

    /// The row of a type that was inserted.
    pub fn get(&self, id: u32) -> VmType {
        debug_assert!((id as usize) < self.map.len() / ROW);
        // SAFETY: ids come from `insert`, whose rows are never written again.
        unsafe { self.rows().add(id as usize).read() }
    }

    pub fn is_subtype(&self, sub: TypeId, sup: TypeId) -> bool {
        if sub == sup {
            return true;
        }
        let depth = self.get(sup.0).depth as usize;
        match self.get(sub.0).display.get(depth) {
            Some(ancestor) => *ancestor == sup.0,
            None => self.deep.read().get(&sub.0).is_some_and(|line| line.get(depth) == Some(&sup)),
        }
    }

    /// Calls `visit` with the offsets of a large struct's references.
    pub(super) fn large_refs(&self, id: u32, mut visit: impl FnMut(u32)) {
        if let Some(offsets) = self.large.read().get(&id) {
            offsets.iter().for_each(|o| visit(*o));
        }
    }
}

fn ref_offsets(ty: &SubType) -> Vec<u32> {
    let Some(fields) = ty.as_struct() else { return Vec::new() };
    let layout = StructLayout::new(fields);
    let refs = fields.fields.iter().zip(&layout.offsets).filter(|(f, _)| storage_is_ref(f.storage));
    refs.map(|(_, offset)| *offset).collect()
}

fn describe(ty: &SubType) -> VmType {
    let (kind, size, refs) = match &ty.composite {
        CompositeType::Func(_) => (KIND_FUNC, 0, 0),
        CompositeType::Array(e) => (KIND_ARRAY, storage_size(e.storage), u64::from(storage_is_ref(e.storage))),
        CompositeType::Struct(s) => {
            let offsets = ref_offsets(ty);
            let fits = offsets.iter().all(|o| *o < 256);
            let bits = offsets.iter().filter(|_| fits).map(|o| 1 << (o / 4)).sum();
            (if fits { KIND_STRUCT } else { KIND_LARGE_STRUCT }, StructLayout::new(s).size, bits)
        }
    };
    VmType { display: [0; DISPLAY], kind, size, refs, depth: 0, unused: [0; 3] }
}

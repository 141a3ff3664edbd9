//! `memory.copy` and `memory.fill`.
//!
//! Both ends are compared with the length before anything is written. Then a short run of bytes whose length is known
//! is moved in place, and any other by the C library, which needs neither vmctx nor exec and cannot fail. Shared memories,
//! whose length is not simply readable, go through builtins.

use super::memory::Address;
use super::support::Region;
use super::*;
use crate::base::TrapCode;
use crate::layout::{MemoryMode, off};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstructionData, Opcode, Type};
use smallvec::SmallVec;

/// Bytes up to which a run of known length is moved in place.
const SHORT: u64 = 64;

/// Pieces that cover a run: offset and type.
type Pieces = SmallVec<[(u64, Type); 5]>;

/// Covers `len` bytes by the widest accesses; the last may overlap the one before.
fn pieces(len: u64) -> Pieces {
    let mut out = Pieces::new();
    let mut at = 0;
    while at < len {
        let left = len - at;
        let ty = match left {
            16.. => I8X16,
            8.. => I64,
            4.. => I32,
            2.. => I16,
            _ => I8,
        };
        // A wider access that goes back over bytes already covered beats several narrow ones.
        let wider = [I8X16, I64, I32, I16].into_iter().rfind(|w| u64::from(w.bytes()) >= left && u64::from(w.bytes()) <= len);
        let (from, ty) = match wider {
            Some(w) => (len - u64::from(w.bytes()), w),
            None => (at, ty),
        };
        out.push((from, ty));
        at = from + u64::from(ty.bytes());
    }
    out
}

impl Translator<'_, '_> {
    pub(super) fn memory_copy(&mut self, dst: u32, src: u32) {
        let (dst_ty, src_ty) = (&self.info().memories[MemoryIndex(dst)], &self.info().memories[MemoryIndex(src)]);
        if dst_ty.shared || src_ty.shared {
            return self.bulk_copy(Builtin::MemoryCopy, dst, src);
        }
        let (to, from, len) = self.pop3();
        let short = self.short(len);
        let (to, from, len) = (self.widen(to), self.widen(from), self.widen(len));
        let to = self.run(MemoryIndex(dst), to, len);
        let from = self.run(MemoryIndex(src), from, len);
        let Some(short) = short else {
            self.takes_any_time();
            return self.b.call_memmove(self.m.isa.frontend_config(), to, from, len);
        };
        let loaded: SmallVec<[(u64, Value); 5]> =
            pieces(short).into_iter().map(|(at, ty)| (at, self.load_piece(ty, from, at))).collect();
        for (at, v) in loaded {
            self.store_piece(v, to, at);
        }
    }

    pub(super) fn memory_fill(&mut self, m: u32) {
        let (to, byte, len) = self.pop3();
        let short = self.short(len);
        let (to, len) = (self.widen(to), self.widen(len));
        if self.info().memories[MemoryIndex(m)].shared {
            let m = self.iconst(I32, m.into());
            self.call_builtin(Builtin::MemoryFill, &[m, to, byte, len]);
            return;
        }
        let to = self.run(MemoryIndex(m), to, len);
        let byte = self.b.ins().ireduce(I8, byte);
        let Some(short) = short else {
            self.takes_any_time();
            return self.b.call_memset(self.m.isa.frontend_config(), to, byte, len);
        };
        for (at, ty) in pieces(short) {
            let v = self.repeat(byte, ty);
            self.store_piece(v, to, at);
        }
    }

    /// The length if it is a small constant.
    fn short(&self, len: Value) -> Option<u64> {
        let dfg = &self.b.func.dfg;
        let inst = dfg.value_def(dfg.resolve_aliases(len)).inst()?;
        match dfg.insts[inst] {
            InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => {
                u64::try_from(imm.bits()).ok().filter(|n| *n <= SHORT)
            }
            _ => None,
        }
    }

    /// The address of `len` bytes at `index`; traps if the memory does not have them.
    fn run(&mut self, m: MemoryIndex, index: Value, len: Value) -> Value {
        let ty = self.info().memories[m];
        let code = TrapCode::MemoryOutOfBounds;
        let end = if ty.memory64 {
            self.b.ins().uadd_overflow_trap(index, len, abi::trap_code(code))
        } else {
            self.b.ins().iadd(index, len)
        };
        let record = self.memory_record(m);
        // The length before the base, as for single accesses.
        let size = self.load_record(Region::MemoryRecord, I64, record, off::MEMORY_LEN);
        let base = match self.m.tunables.mode_of(&ty) {
            MemoryMode::GuardPages => self.memory_base(m),
            MemoryMode::Explicit => self.load_record(Region::MemoryRecord, I64, record, off::MEMORY_BASE),
        };
        let out = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, size);
        self.trap_if(out, code);
        let start = self.b.ins().iadd(base, index);
        // Guard pages bound what can be reached ahead of the comparison.
        let guarded = self.m.tunables.mode_of(&ty) == MemoryMode::GuardPages;
        if guarded || !self.m.isa.flags().enable_heap_access_spectre_mitigation() {
            return start;
        }
        let null = self.iconst(I64, 0);
        self.b.ins().select_spectre_guard(out, null, start)
    }

    fn load_piece(&mut self, ty: Type, base: Value, at: u64) -> Value {
        let at = Address { base, offset: at as i32 };
        self.ins_load(Opcode::Load, ty, at)
    }

    fn store_piece(&mut self, v: Value, base: Value, at: u64) {
        let at = Address { base, offset: at as i32 };
        self.ins_store(Opcode::Store, v, at);
    }

    /// A value made of one byte.
    fn repeat(&mut self, byte: Value, ty: Type) -> Value {
        if ty == I8 {
            return byte;
        }
        if ty.is_vector() {
            return self.b.ins().splat(ty, byte);
        }
        let wide = self.b.ins().uextend(ty, byte);
        let ones = self.iconst(ty, 0x0101_0101_0101_0101 & (u64::MAX >> (64 - ty.bits())) as i64);
        self.b.ins().imul(wide, ones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_every_byte_of_a_run_and_no_other() {
        assert!(pieces(0).is_empty());
        for len in 1..=SHORT {
            let mut covered = vec![false; len as usize];
            for (at, ty) in pieces(len) {
                covered[at as usize..(at + u64::from(ty.bytes())) as usize].fill(true);
            }
            assert!(covered.iter().all(|c| *c), "{len}");
            assert!(pieces(len).len() <= 4, "{len}: {:?}", pieces(len));
        }
    }
}

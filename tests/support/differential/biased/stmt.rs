//! Statements.

use super::body::{Body, TYPES};
use super::ops::Op;
use super::{FIXED, SIGNATURES};
use wasm_encoder::Instruction as I;
use wasm_encoder::{BlockType, HeapType, MemArg, ValType};

/// Lengths of copies and fills: around the sizes of registers, of unrolled code and of pages.
const LENGTHS: [i32; 27] =
    [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 129, 255, 256, 4096, 65536];

/// Loads with the bytes they take.
const PROBES: [(fn(MemArg) -> Op, ValType, u64); 9] = [
    (I::I32Load8U, ValType::I32, 1),
    (I::I32Load16S, ValType::I32, 2),
    (I::I32Load, ValType::I32, 4),
    (I::I64Load8S, ValType::I64, 1),
    (I::I64Load16U, ValType::I64, 2),
    (I::I64Load32S, ValType::I64, 4),
    (I::I64Load, ValType::I64, 8),
    (I::F32Load, ValType::F32, 4),
    (I::F64Load, ValType::F64, 8),
];

impl Body<'_> {
    /// A load that ends where the memory does, or a byte before or behind it.
    pub fn probe(&mut self) {
        let (load, ty, size) = *self.rng.pick(&PROBES);
        let mut at = self.place();
        at.offset = at.offset.min(65520);
        let before = (at.offset + size + self.rng.below(3) - 1) as i64;
        let known = self.rng.chance(50);
        let start = (self.shape.pages * 65536) as i64 - before;
        self.code.extend(match (self.shape.memory64, known) {
            (false, true) => vec![I::I32Const(start as i32)],
            (true, true) => vec![I::I64Const(start)],
            (false, false) => vec![I::MemorySize(0), I::I32Const(16), I::I32Shl, I::I32Const(before as i32), I::I32Sub],
            (true, false) => vec![I::MemorySize(0), I::I64Const(16), I::I64Shl, I::I64Const(before), I::I64Sub],
        });
        self.code.push(load(at));
        self.canonical(ty);
        let local = self.local(ty);
        self.code.push(I::LocalSet(local));
    }

    pub fn statement(&mut self) {
        match self.rng.below(24) {
            0..5 => self.set_local(),
            5 | 6 => self.set_global(),
            7..10 => self.store(),
            10 | 11 => self.copy(),
            12 | 13 => self.fill(),
            14 => self.init(),
            15 => self.fork(),
            16 | 17 => self.repeat(),
            18 => self.leave(),
            19 => self.table(),
            20 if self.rng.chance(40) => self.grow(),
            _ if self.is_leaf() => self.store(),
            _ => self.call_and_drop(),
        }
    }

    fn set_local(&mut self) {
        let ty = *self.rng.pick(&TYPES);
        self.expr(ty, 4);
        let local = self.local(ty);
        self.code.push(I::LocalSet(local));
    }

    fn set_global(&mut self) {
        let ty = *self.rng.pick(&TYPES);
        self.expr(ty, 4);
        self.canonical(ty);
        let global = self.global(ty);
        self.code.push(I::GlobalSet(global));
    }

    fn store(&mut self) {
        let ty = *self.rng.pick(&TYPES);
        self.address(2);
        self.expr(ty, 3);
        self.canonical(ty);
        let at = self.place();
        let list: &[fn(MemArg) -> Op] = match ty {
            ValType::I32 => &[I::I32Store, I::I32Store8, I::I32Store16],
            ValType::I64 => &[I::I64Store, I::I64Store8, I::I64Store16, I::I64Store32],
            ValType::F32 => &[I::F32Store],
            _ => &[I::F64Store],
        };
        let op = self.rng.pick(list)(at);
        self.code.push(op);
    }

    /// A length as the memory takes it.
    fn length(&mut self) {
        if self.rng.chance(75) {
            let most = if self.rng.chance(90) { LENGTHS.len() - 2 } else { LENGTHS.len() };
            let length = *self.rng.pick(&LENGTHS[..most]);
            self.code.push(I::I32Const(length));
        } else {
            self.expr(ValType::I32, 2);
            let mask = *self.rng.pick(&[0x3f, 0x7f, 0xff, 0x1ff]);
            self.code.extend([I::I32Const(mask), I::I32And]);
        }
        if self.shape.memory64 {
            self.code.push(I::I64ExtendI32U);
        }
    }

    fn copy(&mut self) {
        if self.rng.chance(50) {
            self.address(2);
            self.address(2);
        } else {
            self.overlapping();
        }
        self.length();
        self.code.push(I::MemoryCopy { src_mem: 0, dst_mem: 0 });
    }

    /// Two addresses a few bytes apart.
    fn overlapping(&mut self) {
        let local = self.local(ValType::I32);
        let (a, b) = (self.rng.below(130) as i32, self.rng.below(130) as i32);
        for add in [a, b] {
            self.code.extend([I::LocalGet(local), I::I32Const(0x3fff), I::I32And, I::I32Const(add), I::I32Add]);
            if self.shape.memory64 {
                self.code.push(I::I64ExtendI32U);
            }
        }
    }

    fn fill(&mut self) {
        self.address(2);
        self.expr(ValType::I32, 2);
        self.length();
        self.code.push(I::MemoryFill(0));
    }

    fn init(&mut self) {
        self.address(2);
        let (from, len) = (self.rng.below(100) as i32, *self.rng.pick(&[0, 1, 8, 16, 29, 30, 31]));
        self.code.extend([I::I32Const(from), I::I32Const(len), I::MemoryInit { mem: 0, data_index: 2 }]);
        if self.rng.chance(5) {
            self.code.push(I::DataDrop(2));
        }
    }

    fn fork(&mut self) {
        self.compare(3);
        self.code.push(I::If(BlockType::Empty));
        self.statement();
        if self.rng.chance(50) {
            self.code.push(I::Else);
            self.statement();
        }
        self.code.push(I::End);
    }

    /// A loop of a few rounds, at most two deep.
    fn repeat(&mut self) {
        if self.loops == 2 {
            return self.set_local();
        }
        let counter = self.counter(self.loops);
        self.loops += 1;
        self.code.extend([I::I32Const(1 + self.rng.below(5) as i32), I::LocalSet(counter), I::Loop(BlockType::Empty)]);
        for _ in 0..1 + self.rng.below(3) {
            self.statement();
        }
        self.code.extend([I::LocalGet(counter), I::I32Const(1), I::I32Sub, I::LocalTee(counter), I::BrIf(0), I::End]);
        self.loops -= 1;
    }

    fn leave(&mut self) {
        self.code.push(I::Block(BlockType::Empty));
        self.compare(3);
        self.code.push(I::BrIf(0));
        self.statement();
        self.code.push(I::End);
    }

    fn table(&mut self) {
        let table = if self.shape.fixed_written { self.rng.below(2) as u32 } else { 1 };
        let function = self.rng.below(self.shape.functions.len() as u64) as u32;
        let reference =
            if self.shape.elements.concat().contains(&function) { I::RefFunc(function) } else { I::RefNull(HeapType::FUNC) };
        let index = I::I32Const(self.rng.below(u64::from(FIXED) / 2) as i32);
        match self.rng.below(4) {
            0 => self.code.extend([index, reference, I::TableSet(table)]),
            1 => self.code.extend([reference, I::I32Const(self.rng.below(4) as i32), I::TableGrow(1), I::Drop]),
            2 => self.code.extend([index, reference, I::I32Const(self.rng.below(3) as i32), I::TableFill(table)]),
            _ => {
                let copy = I::TableCopy { src_table: self.rng.below(2) as u32, dst_table: table };
                self.code.extend([index, I::I32Const(0), I::I32Const(self.rng.below(4) as i32), copy]);
            }
        }
    }

    fn grow(&mut self) {
        let pages = self.rng.below(3);
        self.code.push(if self.shape.memory64 { I::I64Const(pages as i64) } else { I::I32Const(pages as i32) });
        self.code.extend([I::MemoryGrow(0), I::Drop]);
    }

    fn call_and_drop(&mut self) {
        let callee = self.rng.below(self.shape.functions.len() as u64) as u32;
        let ty = self.shape.functions[callee as usize];
        self.arguments(ty, 3);
        self.code.push(I::Call(callee));
        if !SIGNATURES[ty as usize].1.is_empty() {
            self.code.push(I::Drop);
        }
    }
}

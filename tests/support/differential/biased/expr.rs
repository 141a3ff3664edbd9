//! Expressions of one type.

use super::body::{Body, TYPES};
use super::ops::{self, Op};
use super::{FIXED, HOST, SIGNATURES};
use wasm_encoder::Instruction as I;
use wasm_encoder::{BlockType, MemArg, MemArgTarget, ValType};

/// Offsets that loads and stores have as constants: small, at page edges, and around what guards catch.
const OFFSETS: [u64; 14] = [1, 2, 3, 4, 8, 16, 60, 64, 99, 100, 255, 4095, 65528, 65535];
const FAR: [u64; 8] = [65536, 131072, 0x1ff_fff8, 0x200_0000, 0x200_0001, 0x7fff_ffff, 0xffff_fff0, 0xffff_ffff];

impl Body<'_> {
    pub fn expr(&mut self, ty: ValType, depth: u32) {
        if depth == 0 || self.budget == 0 {
            return self.leaf(ty);
        }
        self.budget -= 1;
        let depth = depth - 1;
        match self.rng.below(20) {
            0 => self.leaf(ty),
            1..9 => self.operator(ty, depth),
            9 | 10 => self.load(ty, depth),
            11 => self.select(ty, depth),
            12 => self.branch(ty, depth),
            13 => self.switch(ty, depth),
            14 => self.convert(ty, depth),
            15..18 if !self.is_leaf() => self.call(ty, depth),
            18 if ty == ValType::I32 && (self.is_leaf() || self.rng.chance(50)) => self.sizes(),
            18 if ty == ValType::I32 => {
                self.expr(ty, depth);
                self.code.push(I::Call(HOST));
            }
            _ => self.operator(ty, depth),
        }
    }

    fn operator(&mut self, ty: ValType, depth: u32) {
        match ty {
            ValType::I32 => {
                self.integer(ty, depth, [ops::I32_BINARY, ops::I32_SHIFT, ops::I32_DIVIDE, ops::I32_UNARY], I::I32Const(31))
            }
            ValType::I64 => {
                self.integer(ty, depth, [ops::I64_BINARY, ops::I64_SHIFT, ops::I64_DIVIDE, ops::I64_UNARY], I::I64Const(63))
            }
            ValType::F32 => self.float(ty, depth, ops::F32_BINARY, ops::F32_UNARY, I::F32Copysign),
            _ => self.float(ty, depth, ops::F64_BINARY, ops::F64_UNARY, I::F64Copysign),
        }
    }

    fn integer(&mut self, ty: ValType, depth: u32, [binary, shift, divide, unary]: [&'static [Op]; 4], mask: Op) {
        let wide = ty == ValType::I64;
        let kind = self.rng.below(12);
        if kind == 11 && !wide {
            return self.compare(depth);
        }
        self.expr(ty, depth);
        match kind {
            0 | 1 => self.push_one(unary),
            2..5 => {
                self.expr(ty, depth);
                if self.rng.chance(50) {
                    self.code.extend([mask, if wide { I::I64And } else { I::I32And }]);
                }
                self.push_one(shift);
            }
            5 | 6 => {
                self.divisor(ty, depth);
                self.push_one(divide);
            }
            _ => {
                if self.rng.chance(40) {
                    self.constant(ty)
                } else {
                    self.expr(ty, depth)
                }
                self.push_one(binary);
            }
        }
    }

    /// Something to divide by that is seldom 0.
    fn divisor(&mut self, ty: ValType, depth: u32) {
        match self.rng.below(24) {
            0 => self.expr(ty, depth),
            1..8 => {
                self.constant(ty);
                // A constant 0 ends the guest.
                if matches!(self.code.last(), Some(I::I32Const(0) | I::I64Const(0))) && self.rng.chance(90) {
                    self.code.pop();
                    self.code.push(if ty == ValType::I64 { I::I64Const(-1) } else { I::I32Const(-1) });
                }
            }
            _ => {
                self.expr(ty, depth);
                self.code.extend(if ty == ValType::I64 { [I::I64Const(1), I::I64Or] } else { [I::I32Const(1), I::I32Or] });
            }
        }
    }

    fn float(&mut self, ty: ValType, depth: u32, binary: &'static [Op], unary: &'static [Op], copysign: Op) {
        self.expr(ty, depth);
        match self.rng.below(6) {
            0 | 1 => self.push_one(unary),
            2 => {
                self.expr(ty, depth);
                self.canonical(ty);
                self.code.push(copysign);
            }
            _ => {
                self.expr(ty, depth);
                self.push_one(binary);
            }
        }
    }

    fn push_one(&mut self, of: &'static [Op]) {
        let op = self.rng.pick(of).clone();
        self.code.push(op);
    }

    pub fn compare(&mut self, depth: u32) {
        let ty = *self.rng.pick(&TYPES);
        self.expr(ty, depth);
        self.expr(ty, depth);
        self.push_one(ops::comparisons(ty));
    }

    fn convert(&mut self, ty: ValType, depth: u32) {
        let (mut from, mut op) = self.rng.pick(ops::conversions(ty)).clone();
        let traps = matches!(op, I::I32TruncF64S | I::I32TruncF32U | I::I64TruncF32S | I::I64TruncF64U);
        if traps && self.rng.chance(70) {
            (from, op) = ops::conversions(ty)[0].clone();
        }
        self.expr(from, depth);
        if matches!(op, I::I32ReinterpretF32 | I::I64ReinterpretF64) {
            self.canonical(from);
        }
        self.code.push(op);
    }

    fn select(&mut self, ty: ValType, depth: u32) {
        self.expr(ty, depth);
        self.expr(ty, depth);
        if self.rng.chance(60) {
            self.compare(depth)
        } else {
            self.expr(ValType::I32, depth)
        }
        self.code.push(I::Select);
    }

    fn branch(&mut self, ty: ValType, depth: u32) {
        self.compare(depth);
        self.code.push(I::If(BlockType::Result(ty)));
        self.expr(ty, depth);
        self.code.push(I::Else);
        self.expr(ty, depth);
        self.code.push(I::End);
    }

    /// A `br_table` over three arms.
    fn switch(&mut self, ty: ValType, depth: u32) {
        self.code.extend([
            I::Block(BlockType::Result(ty)),
            I::Block(BlockType::Empty),
            I::Block(BlockType::Empty),
            I::Block(BlockType::Empty),
        ]);
        self.expr(ValType::I32, depth);
        if self.rng.chance(60) {
            self.code.extend([I::I32Const(3), I::I32And]);
        }
        let targets: Vec<u32> = (0..1 + self.rng.below(6)).map(|_| self.rng.below(3) as u32).collect();
        let default = self.rng.below(3) as u32;
        self.code.push(I::BrTable(targets.into(), default));
        for out in [2, 1] {
            self.code.push(I::End);
            self.expr(ty, depth);
            self.code.push(I::Br(out));
        }
        self.code.push(I::End);
        self.expr(ty, depth);
        self.code.push(I::End);
    }

    /// Sizes of tables and memories.
    fn sizes(&mut self) {
        let op = match self.rng.below(3) {
            0 if !self.shape.memory64 => I::MemorySize(0),
            0 | 1 => I::TableSize(1),
            _ => I::TableSize(0),
        };
        self.code.push(op);
    }

    /// Calls a function with this result, often itself, sometimes through a table.
    pub fn call(&mut self, ty: ValType, depth: u32) {
        let fits: Vec<u32> = (0..self.shape.functions.len() as u32).filter(|f| self.results(*f) == [ty]).collect();
        if self.rng.chance(35) || fits.is_empty() {
            return self.call_indirect(ty, depth);
        }
        let own = fits.contains(&self.function) && self.rng.chance(40);
        let callee = if own { self.function } else { *self.rng.pick(&fits) };
        self.arguments(self.shape.functions[callee as usize], depth);
        self.code.push(I::Call(callee));
    }

    fn call_indirect(&mut self, ty: ValType, depth: u32) {
        let table = self.rng.below(2) as u32;
        let types: Vec<u32> = (0..SIGNATURES.len() as u32).filter(|t| SIGNATURES[*t as usize].1 == [ty]).collect();
        let wanted = *self.rng.pick(&types);
        let elements = &self.shape.elements[table as usize];
        let there: Vec<usize> = (0..elements.len()).filter(|i| self.shape.functions[elements[*i] as usize] == wanted).collect();
        // Mostly a call that succeeds, else the guest is over at once.
        if there.is_empty() && self.rng.chance(95) {
            return self.leaf(ty);
        }
        self.arguments(wanted, depth);
        match self.rng.below(40) {
            0 => self.expr(ValType::I32, depth),
            1 => self.code.push(I::I32Const(FIXED as i32 - 1 + self.rng.below(6) as i32)),
            2 | 3 => {
                self.expr(ValType::I32, depth);
                self.code.extend([I::I32Const(3), I::I32And]);
            }
            _ if there.is_empty() => self.code.push(I::I32Const(0)),
            _ => {
                let index = *self.rng.pick(&there) as i32;
                self.code.push(I::I32Const(index));
            }
        }
        self.code.push(I::CallIndirect { type_index: wanted, table_index: table });
    }

    fn load(&mut self, ty: ValType, depth: u32) {
        self.address(depth);
        let at = self.place();
        let list: &[fn(MemArg) -> Op] = match ty {
            ValType::I32 => &[I::I32Load, I::I32Load8S, I::I32Load8U, I::I32Load16S, I::I32Load16U, I::I32Load],
            ValType::I64 => &[I::I64Load, I::I64Load8S, I::I64Load16U, I::I64Load32S, I::I64Load32U, I::I64Load],
            ValType::F32 => &[I::F32Load],
            _ => &[I::F64Load],
        };
        let op = self.rng.pick(list)(at);
        self.code.push(op);
        // Memory holds NaNs with any bits.
        self.canonical(ty);
    }

    pub fn place(&mut self) -> MemArg {
        let offset = match self.rng.below(40) {
            0 if self.rng.chance(40) => *self.rng.pick(&FAR),
            1..12 => *self.rng.pick(&OFFSETS),
            _ => 0,
        };
        MemArg { offset, align: 0, target: MemArgTarget::Memory(0), ordering: None }
    }

    /// An address as the memory takes it, mostly within its bounds.
    pub fn address(&mut self, depth: u32) {
        self.address32(depth);
        if self.shape.memory64 {
            self.code.push(I::I64ExtendI32U);
        }
    }

    fn address32(&mut self, depth: u32) {
        let end = (self.shape.pages * 65536) as i32;
        match self.rng.below(60) {
            0 => self.expr(ValType::I32, depth),
            1 => self.code.push(I::I32Const(end - self.rng.below(10) as i32)),
            2 => self.code.push(I::I32Const(-(self.rng.below(10) as i32))),
            3..12 => self.code.push(I::I32Const(end - 600 + self.rng.below(500) as i32)),
            12..30 => self.code.push(I::I32Const(self.rng.below(600) as i32)),
            30..38 => {
                let (local, add) = (self.local(ValType::I32), self.rng.below(40) as i32);
                self.code.extend([I::LocalGet(local), I::I32Const(0xfff), I::I32And, I::I32Const(add), I::I32Add]);
            }
            _ => {
                self.expr(ValType::I32, depth);
                let mask = *self.rng.pick(&[0xff, 0xfff, 0xfff8, 0x7fff]);
                self.code.extend([I::I32Const(mask), I::I32And]);
            }
        }
    }
}

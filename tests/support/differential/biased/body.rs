//! One function: its locals, its frame of fuel, and the pieces that statements and expressions are made of.

use super::ops::{self, Op};
use super::{SIGNATURES, Shape};
use crate::differential::rng::Rng;
use wasm_encoder::Instruction as I;
use wasm_encoder::{BlockType, Function, Ieee32, Ieee64, ValType};

/// Globals come twice by type, in this order; the fuel follows.
pub const TYPES: [ValType; 4] = [ValType::I32, ValType::I64, ValType::F32, ValType::F64];
pub const FUEL: u32 = 8;
const CONSTANT_GLOBAL: u32 = 9;

pub struct Body<'a> {
    pub rng: &'a mut Rng,
    pub shape: &'a Shape,
    pub function: u32,
    pub code: Vec<Op>,
    /// Expressions that may still be made.
    pub budget: u32,
    pub loops: u32,
}

impl<'a> Body<'a> {
    pub fn new(rng: &'a mut Rng, shape: &'a Shape, function: usize) -> Body<'a> {
        let leaf = shape.leaves[function];
        let budget = if leaf { 4 + rng.below(20) } else { 20 + rng.below(100) } as u32;
        Body { rng, shape, function: function as u32, code: Vec::new(), budget, loops: 0 }
    }

    pub fn finish(mut self) -> Function {
        if !self.is_leaf() {
            self.burn();
        }
        if self.is_leaf() && self.rng.chance(40) {
            self.probe();
        }
        let statements = if self.is_leaf() { self.rng.below(3) } else { 1 + self.rng.below(6) };
        for _ in 0..statements {
            self.statement();
        }
        self.result();
        self.code.push(I::End);
        let mut function = Function::new([
            (2, ValType::I32),
            (2, ValType::I64),
            (2, ValType::F32),
            (2, ValType::F64),
            (2, ValType::I32),
            (1, ValType::F32),
            (1, ValType::F64),
        ]);
        for instruction in &self.code {
            // The imported function comes before those of the module.
            function.instruction(&match instruction {
                I::Call(callee) => I::Call(callee.wrapping_add(1)),
                I::ReturnCall(callee) => I::ReturnCall(callee + 1),
                I::RefFunc(function) => I::RefFunc(function + 1),
                other => other.clone(),
            });
        }
        function
    }

    pub fn is_leaf(&self) -> bool {
        self.shape.leaves[self.function as usize]
    }

    fn signature(&self) -> (&'static [ValType], &'static [ValType]) {
        SIGNATURES[self.shape.functions[self.function as usize] as usize]
    }

    /// Returns early when the fuel is gone, else takes one.
    fn burn(&mut self) {
        self.code.extend([I::GlobalGet(FUEL), I::I32Eqz, I::If(BlockType::Empty)]);
        if let Some(ty) = self.signature().1.first() {
            self.constant(*ty);
        }
        self.code.extend([I::Return, I::End, I::GlobalGet(FUEL), I::I32Const(1), I::I32Sub, I::GlobalSet(FUEL)]);
    }

    fn result(&mut self) {
        let Some(ty) = self.signature().1.first() else {
            return;
        };
        if self.is_leaf() || !self.rng.chance(12) {
            return self.expr(*ty, 5);
        }
        let same: Vec<u32> = (0..self.shape.functions.len() as u32).filter(|f| self.results(*f).first() == Some(ty)).collect();
        let callee = *self.rng.pick(&same);
        self.arguments(self.shape.functions[callee as usize], 3);
        self.code.push(I::ReturnCall(callee));
    }

    pub fn results(&self, function: u32) -> &'static [ValType] {
        SIGNATURES[self.shape.functions[function as usize] as usize].1
    }

    pub fn arguments(&mut self, ty: u32, depth: u32) {
        for param in SIGNATURES[ty as usize].0 {
            self.expr(*param, depth);
        }
    }

    /// A parameter or local of this type.
    pub fn local(&mut self, ty: ValType) -> u32 {
        let params = self.signature().0;
        if self.rng.chance(60)
            && let Some(at) = params.iter().position(|p| *p == ty)
        {
            return at as u32;
        }
        params.len() as u32 + index(ty) * 2 + self.rng.below(2) as u32
    }

    /// The counter of the loop at this depth, of two.
    pub fn counter(&self, depth: u32) -> u32 {
        self.signature().0.len() as u32 + 8 + depth
    }

    pub fn global(&mut self, ty: ValType) -> u32 {
        self.rng.below(2) as u32 * 4 + index(ty)
    }

    /// Settles the bits of a NaN on the stack.
    pub fn canonical(&mut self, ty: ValType) {
        let first = self.signature().0.len() as u32 + 10;
        self.code.extend(ops::canonical(ty, first, first + 1));
    }

    pub fn constant(&mut self, ty: ValType) {
        let constant = match ty {
            ValType::I32 => I::I32Const(self.rng.i32()),
            ValType::I64 => I::I64Const(self.rng.i64()),
            ValType::F32 => I::F32Const(Ieee32::new(self.rng.f32())),
            _ => I::F64Const(Ieee64::new(self.rng.f64())),
        };
        self.code.push(constant);
    }

    pub fn leaf(&mut self, ty: ValType) {
        match self.rng.below(10) {
            0..3 => self.constant(ty),
            3 if ty == ValType::I32 => self.code.push(I::GlobalGet(CONSTANT_GLOBAL)),
            3..5 => {
                let global = self.global(ty);
                self.code.push(I::GlobalGet(global));
            }
            _ => {
                let local = self.local(ty);
                self.code.push(I::LocalGet(local));
            }
        }
    }
}

fn index(ty: ValType) -> u32 {
    TYPES.iter().position(|t| *t == ty).expect("a number") as u32
}

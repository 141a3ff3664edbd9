//! One function body to Cranelift's IR.
//!
//! [`dispatch`] and `simd::dispatch` are tables: one line per operator, grouped by shape. The families they
//! call are the other modules here. Every value on [`Translator::stack`] is in canonical form: vectors as
//! `I8X16`, function references as `I64` pointers, other references as `I32` handles that are declared to the
//! stack map pass when they are made.

mod atomic;
mod bulk;
mod calls;
mod control;
mod convert;
mod dispatch;
mod effects;
mod exception;
mod fill;
mod gc;
mod memory;
mod meter;
mod numeric;
mod reference;
mod simd;
mod support;
mod switch;
mod table;
mod variables;
mod wide;

use super::abi::{self, clif_type};
use super::brief::Effort;
use super::link::STUBS;
use crate::base::Result;
use crate::base::index::*;
use crate::layout::{Builtin, StructLayout, Tunables, VmCtxLayout};
use crate::wasm::{FuncType, ModuleInfo, SubType, ValType};
use control::Frame;
pub(super) use exception::tag_of;
use cranelift_codegen::ir::{AliasRegion, FuncRef, InstBuilder, MemFlags, SigRef, StackSlot, Value, types::*};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, Variable};
use meter::{EntryCheck, Fuel};
use std::collections::HashMap;
use wasmparser::Operator;

/// What all functions of a module share.
pub(super) struct Module<'a> {
    pub(super) info: &'a ModuleInfo,
    pub(super) layout: VmCtxLayout,
    /// Layouts of the struct types, by type index.
    pub(super) structs: Vec<Option<StructLayout>>,
    pub(super) tunables: &'a Tunables,
    pub(super) isa: &'a dyn TargetIsa,
    /// Sorted branch hints: function, offset in its body, taken.
    pub(super) hints: &'a [(u32, u32, bool)],
    /// Keep the code as text, too.
    pub(super) listing: bool,
}

/// The state of translating one function.
pub(super) struct Translator<'m, 'b> {
    m: &'m Module<'m>,
    b: FunctionBuilder<'b>,
    stack: Vec<Value>,
    frames: Vec<Frame>,
    /// Whether the operator at hand can be executed.
    reachable: bool,
    vmctx: Value,
    exec: Value,
    locals: Vec<(Variable, ValType)>,
    fuel: Option<Fuel>,
    /// What a call takes at most; `None` once that is unknown.
    effort: Option<Effort>,
    /// The epoch check at the function's entry, and how many operators there are; `None` once it is known to be needed.
    entry_check: Option<EntryCheck>,
    /// Hints of this function.
    hints: &'m [(u32, u32, bool)],
    /// Offset of the operator from the start of the body, for hints.
    body_offset: u32,
    /// What the validator knows of the operand that the operator at hand looks into.
    operand: Option<Operand>,
    cache: Cache,
    /// Rows of exception tables made so far.
    handler_rows: usize,
}

/// What is known of a reference at translation time.
#[derive(Clone, Copy)]
pub(super) struct Operand {
    pub(super) nullable: bool,
    /// A defined type: in the `any` hierarchy, an object.
    pub(super) concrete: bool,
}

/// Entities of the function that are made on first use.
#[derive(Default)]
struct Cache {
    signatures: HashMap<u32, SigRef>,
    functions: HashMap<u32, FuncRef>,
    builtins: [Option<SigRef>; Builtin::COUNT],
    stubs: [Option<FuncRef>; STUBS.len()],
    regions: HashMap<u32, AliasRegion>,
    heap_flags: Option<MemFlags>,
    /// Where the values of thrown exceptions are put together.
    throw_slot: Option<StackSlot>,
}

impl<'m, 'b> Translator<'m, 'b> {
    /// Starts the function: parameters become locals.
    pub(super) fn new(m: &'m Module<'m>, mut b: FunctionBuilder<'b>, func: FuncIndex) -> Translator<'m, 'b> {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        b.seal_block(entry);
        let params = b.block_params(entry).to_vec();
        let first = m.hints.partition_point(|h| h.0 < func.0);
        let last = m.hints.partition_point(|h| h.0 <= func.0);
        let mut t = Translator {
            m,
            b,
            stack: Vec::new(),
            frames: Vec::new(),
            reachable: true,
            vmctx: params[0],
            exec: params[1],
            locals: Vec::new(),
            fuel: None,
            effort: Some(Effort::default()),
            entry_check: None,
            hints: &m.hints[first..last],
            body_offset: 0,
            operand: None,
            cache: Cache::default(),
            handler_rows: 0,
        };
        t.spill_regions();
        let ty = m.info.func_type(func);
        for (&ty, &value) in ty.params.iter().zip(&params[2..]) {
            let var = t.declare_local(ty);
            t.b.def_var(var, value);
        }
        t.push_function_frame(m.info.funcs[func].ty);
        t.meter_entry(ty.takes_handles());
        t
    }

    /// Adds `count` locals with their default value.
    pub(super) fn define_locals(&mut self, count: u32, ty: ValType) {
        if count == 0 {
            return;
        }
        let zero = self.zero(ty);
        for _ in 0..count {
            let var = self.declare_local(ty);
            self.b.def_var(var, zero);
        }
    }

    /// Translates one operator that the validator has accepted. `offset` is from the start of the module,
    /// `body_offset` from the start of the body.
    pub(super) fn operator(&mut self, op: &Operator<'_>, offset: u32, body_offset: u32) -> Result<()> {
        self.b.set_srcloc(cranelift_codegen::ir::SourceLoc::new(offset));
        self.body_offset = body_offset;
        if !self.reachable {
            return self.unreachable_operator(op);
        }
        if let Some(effort) = &mut self.effort {
            effort.count_operator();
        }
        if let Some(check) = &mut self.entry_check {
            check.operators += 1;
        }
        self.meter_before(op);
        dispatch::operator(self, op)?;
        self.meter_after(op);
        self.check_handler_rows()
    }

    /// Whether the last `end` has been translated.
    pub(super) fn is_done(&self) -> bool {
        self.frames.is_empty()
    }

    /// What a call of the function takes at most, if that is known.
    pub(super) fn finish(mut self) -> Option<Effort> {
        self.b.seal_all_blocks();
        self.take_back_entry_check();
        self.b.finalize(self.m.isa.frontend_config());
        // Of a call that may ask the host nobody knows what it takes.
        self.effort.filter(|_| !self.m.tunables.epochs)
    }

    /// A call may take any time from here on.
    fn takes_any_time(&mut self) {
        self.effort = None;
    }

    /// The module's types.
    fn types(&self) -> &'m Map<TypeIndex, SubType> {
        &self.m.info.types
    }

    fn info(&self) -> &'m ModuleInfo {
        self.m.info
    }

    fn func_type(&self, ty: TypeIndex) -> &'m FuncType {
        self.m.info.types[ty].func()
    }

    fn declare_local(&mut self, ty: ValType) -> Variable {
        let var = self.b.declare_var(clif_type(ty));
        if ty.is_gc_ref() {
            self.b.declare_var_needs_stack_map(var);
        }
        self.locals.push((var, ty));
        var
    }

    /// The default value of a type; null for references.
    fn zero(&mut self, ty: ValType) -> Value {
        match clif_type(ty) {
            F32 => self.b.ins().f32const(0.0),
            F64 => self.b.ins().f64const(0.0),
            I8X16 => self.vector_const(&[0; 16]),
            int => self.b.ins().iconst(int, 0),
        }
    }
}

//! Exceptions: `try_table`, `throw`, `throw_ref`.
//!
//! A call inside a `try_table` is a `try_call`, whose exception table lists the clauses of all the function's tables
//! around it, innermost first. A clause has one landing block per function, made by the first call that may go there and
//! built at the end of its `try_table`: it takes the exception's values from memory and branches to the clause's label.

use super::control::Kind;
use super::*;
use crate::base::{Error, ErrorKind, TrapCode};
use crate::layout::ValRaw;
use cranelift_codegen::ir::{
    Block, BlockArg, BlockCall, ExceptionTable, ExceptionTableData, ExceptionTableItem, ExceptionTag, MemFlagsData,
    StackSlotData, StackSlotKind,
};
use smallvec::SmallVec;
use wasmparser::{Catch, TryTable};

/// Handlers of all the calls of a function.
const MAX_HANDLER_ROWS: usize = 1 << 20;

const SLOT: i32 = size_of::<ValRaw>() as i32;

/// One clause of a `try_table`.
pub(super) struct Clause {
    /// `None` catches everything.
    tag: Option<TagIndex>,
    with_ref: bool,
    /// From outside the `try_table`.
    depth: u32,
    landing: Option<Block>,
}

/// Where a call may go on but after it.
pub(super) struct Landing {
    tag: ExceptionTag,
    block: Block,
}

impl Clause {
    fn new(catch: &Catch) -> Clause {
        let (tag, with_ref, depth) = match *catch {
            Catch::One { tag, label } => (Some(TagIndex(tag)), false, label),
            Catch::OneRef { tag, label } => (Some(TagIndex(tag)), true, label),
            Catch::All { label } => (None, false, label),
            Catch::AllRef { label } => (None, true, label),
        };
        Clause { tag, with_ref, depth, landing: None }
    }

    /// The clause as Cranelift keeps it; [`tag_of`] is the way back.
    fn exception_tag(&self) -> ExceptionTag {
        let tag = self.tag.map_or(0, |t| t.0 + 1);
        // The validator allows a million tags.
        ExceptionTag::from_u32(tag << 1 | u32::from(self.with_ref))
    }
}

/// The tag of a clause, `None` if it catches everything, and whether it takes the exception itself.
pub(in crate::compile) fn tag_of(tag: ExceptionTag) -> (Option<TagIndex>, bool) {
    let number = tag.as_u32();
    ((number >> 1).checked_sub(1).map(TagIndex), number & 1 != 0)
}

impl Translator<'_, '_> {
    /// Every call repeats the clauses around it, so that a small body could ask for tables without end.
    pub(super) fn check_handler_rows(&self) -> Result<()> {
        if self.handler_rows <= MAX_HANDLER_ROWS {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Limit, "function is too large to compile: too many calls with too many handlers"))
    }

    pub(super) fn try_table(&mut self, table: &TryTable) -> Result<()> {
        let ty = self.signature(&table.ty)?;
        let clauses = table.catches.iter().map(Clause::new).collect();
        self.push_frame(Kind::Try { clauses }, ty);
        Ok(())
    }

    /// The clauses that see an exception of a call made here, in their order.
    pub(super) fn handlers(&mut self) -> SmallVec<[Landing; 4]> {
        let mut out = SmallVec::new();
        for frame in self.frames.iter_mut().rev() {
            let Kind::Try { clauses } = &mut frame.kind else { continue };
            for clause in clauses {
                let block = match clause.landing {
                    Some(block) => block,
                    None => new_landing(&mut self.b),
                };
                clause.landing = Some(block);
                out.push(Landing { tag: clause.exception_tag(), block });
                self.handler_rows += 1;
                if clause.tag.is_none() {
                    return out;
                }
            }
        }
        out
    }

    /// The table of a call and the block where it goes on if nothing is thrown, with the results as parameters.
    pub(super) fn exception_table(
        &mut self,
        sig: SigRef,
        context: Option<Value>,
        handlers: &[Landing],
    ) -> (ExceptionTable, Block) {
        let next = self.b.create_block();
        let types: SmallVec<[_; 4]> =
            self.b.func.dfg.signatures[sig].returns.iter().map(|r| r.value_type).collect();
        for ty in &types {
            self.b.append_block_param(next, *ty);
        }
        let lists = &mut self.b.func.dfg.value_lists;
        let normal = BlockCall::new(next, (0..types.len() as u32).map(BlockArg::TryCallRet), lists);
        let mut items: SmallVec<[ExceptionTableItem; 4]> = context.map(ExceptionTableItem::Context).into_iter().collect();
        for h in handlers {
            let call = BlockCall::new(h.block, [BlockArg::TryCallExn(0), BlockArg::TryCallExn(1)], lists);
            items.push(ExceptionTableItem::Tag(h.tag, call));
        }
        (self.b.func.dfg.exception_tables.push(ExceptionTableData::new(sig, normal, items)), next)
    }

    /// Builds the landing blocks of a `try_table` that has just been closed; leaves no block open.
    pub(super) fn fill_handlers(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            let Some(landing) = clause.landing else { continue };
            self.b.seal_block(landing);
            self.b.switch_to_block(landing);
            let (exception, slots) = (self.b.block_params(landing)[0], self.b.block_params(landing)[1]);
            let height = self.stack.len();
            if let Some(tag) = clause.tag {
                self.push_fields(tag, slots);
            }
            if clause.with_ref {
                let handle = self.b.ins().ireduce(I32, exception);
                self.push_typed(handle, ValType::EXNREF);
            }
            self.fuel_reload();
            self.br(clause.depth);
            self.stack.truncate(height);
        }
    }

    /// The values of a caught exception. They are read before anything else happens, since nobody keeps them.
    fn push_fields(&mut self, tag: TagIndex, slots: Value) {
        let ty = self.func_type(self.info().tags[tag]);
        for (i, &ty) in ty.params.iter().enumerate() {
            let v = self.b.ins().load(clif_type(ty), MemFlagsData::trusted(), slots, i as i32 * SLOT);
            self.push_typed(v, ty);
        }
    }

    pub(super) fn throw(&mut self, tag: TagIndex) {
        let n = self.func_type(self.info().tags[tag]).params.len();
        let slot = self.throw_slot(n);
        let at = self.stack.len() - n;
        let values: SmallVec<[Value; 8]> = self.stack.drain(at..).collect();
        for (i, v) in values.into_iter().enumerate() {
            self.b.ins().stack_store(I64, v, slot, i as i32 * SLOT);
        }
        let slots = self.b.ins().stack_addr(I64, slot, 0);
        let tag = self.iconst(I32, tag.0.into());
        self.call_throwing(Builtin::Throw, &[tag, slots]);
    }

    pub(super) fn throw_ref(&mut self) {
        let exception = self.pop();
        self.b.ins().trapz(exception, abi::trap_code(TrapCode::NullReference));
        self.call_throwing(Builtin::ThrowRef, &[exception]);
    }

    /// Room for `n` values, shared by all throws of the function.
    fn throw_slot(&mut self, n: usize) -> StackSlot {
        let size = n.max(1) as u32 * SLOT as u32;
        match self.cache.throw_slot {
            Some(slot) => {
                let data = &mut self.b.func.sized_stack_slots[slot];
                data.size = data.size.max(size);
                slot
            }
            None => {
                let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 4);
                *self.cache.throw_slot.insert(self.b.create_sized_stack_slot(data))
            }
        }
    }

    /// Calls a builtin that does not return.
    fn call_throwing(&mut self, builtin: Builtin, args: &[Value]) {
        let handlers = self.handlers();
        if handlers.is_empty() {
            self.call_builtin(builtin, args);
        } else {
            let (sig, code) = self.builtin_code(builtin);
            let mut all: SmallVec<[Value; 4]> = SmallVec::from_slice(&[self.vmctx, self.exec]);
            all.extend_from_slice(args);
            self.fuel_flush();
            // The builtin is told the vmctx.
            let (table, next) = self.exception_table(sig, None, &handlers);
            self.b.ins().try_call_indirect(code, &all, table);
            self.b.seal_block(next);
            self.b.set_cold_block(next);
            self.b.switch_to_block(next);
        }
        self.trap(TrapCode::Unreachable);
    }
}

/// Takes the two payload registers.
fn new_landing(b: &mut FunctionBuilder<'_>) -> Block {
    let block = b.create_block();
    b.set_cold_block(block);
    b.append_block_param(block, I64);
    b.append_block_param(block, I64);
    block
}

//! Blocks and branches.

use super::exception::Clause;
use super::*;
use crate::wasm::{heap_type, val_type};
use cranelift_codegen::ir::{Block, BlockArg, condcodes::IntCC};
use smallvec::SmallVec;
use wasmparser::{BlockType, Operator};

/// One open block, loop, if, or the function itself.
pub(super) struct Frame {
    pub(super) kind: Kind,
    ty: BlockSig,
    /// Values on the stack below its parameters.
    height: usize,
    /// Where branches to its end go; made by the first of them.
    exit: Option<Block>,
    /// Entered in code that cannot be executed; nothing was built for it.
    dead: bool,
}

pub(super) enum Kind {
    Function,
    Block,
    Loop { head: Block },
    /// The `else` part is not open yet; its parameters are kept for it.
    If { otherwise: Block, params: SmallVec<[Value; 2]> },
    Else,
    /// `try_table`: calls inside may go to its clauses.
    Try { clauses: Vec<Clause> },
}

#[derive(Clone, Copy)]
pub(super) enum BlockSig {
    Empty,
    Result(ValType),
    Func(TypeIndex),
}

impl BlockSig {
    fn params<'a>(&'a self, info: &'a ModuleInfo) -> &'a [ValType] {
        match self {
            BlockSig::Func(ty) => &info.types[*ty].func().params,
            _ => &[],
        }
    }

    fn results<'a>(&'a self, info: &'a ModuleInfo) -> &'a [ValType] {
        match self {
            BlockSig::Empty => &[],
            BlockSig::Result(ty) => core::slice::from_ref(ty),
            BlockSig::Func(ty) => &info.types[*ty].func().results,
        }
    }
}

impl Translator<'_, '_> {
    pub(super) fn push_function_frame(&mut self, ty: TypeIndex) {
        let frame = Frame { kind: Kind::Function, ty: BlockSig::Func(ty), height: 0, exit: None, dead: false };
        self.frames.push(frame);
    }

    /// Only the nesting of blocks matters in code that cannot be executed.
    pub(super) fn unreachable_operator(&mut self, op: &Operator<'_>) -> Result<()> {
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                let height = self.stack.len();
                self.frames.push(Frame { kind: Kind::Block, ty: BlockSig::Empty, height, exit: None, dead: true });
            }
            Operator::Else => self.r#else(),
            Operator::End => self.end(),
            // The only other block, of a proposal that is not there.
            Operator::Try { .. } => return Err(super::dispatch::unsupported(op)),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn signature(&self, ty: &BlockType) -> Result<BlockSig> {
        Ok(match *ty {
            BlockType::Empty => BlockSig::Empty,
            BlockType::Type(t) => BlockSig::Result(val_type(&self.info().types, t)?),
            BlockType::FuncType(i) => BlockSig::Func(TypeIndex(i)),
        })
    }

    pub(super) fn push_frame(&mut self, kind: Kind, ty: BlockSig) {
        let height = self.stack.len() - ty.params(self.info()).len();
        self.frames.push(Frame { kind, ty, height, exit: None, dead: false });
    }

    /// A block with a parameter for each type.
    fn block_with(&mut self, types: &[ValType]) -> Block {
        let block = self.b.create_block();
        for &ty in types {
            let v = self.b.append_block_param(block, clif_type(ty));
            self.note_handle(v, ty);
        }
        block
    }

    pub(super) fn block(&mut self, ty: &BlockType) -> Result<()> {
        let ty = self.signature(ty)?;
        self.push_frame(Kind::Block, ty);
        Ok(())
    }

    pub(super) fn r#loop(&mut self, ty: &BlockType) -> Result<()> {
        self.takes_any_time();
        let ty = self.signature(ty)?;
        let params = ty.params(self.info());
        let head = self.block_with(params);
        let args = self.top_args(params.len());
        self.b.ins().jump(head, &args);
        self.b.switch_to_block(head);
        self.push_frame(Kind::Loop { head }, ty);
        let height = self.frames.last().map_or(0, |f| f.height);
        self.stack.truncate(height);
        self.stack.extend_from_slice(self.b.block_params(head));
        self.meter_loop();
        Ok(())
    }

    pub(super) fn r#if(&mut self, ty: &BlockType) -> Result<()> {
        let ty = self.signature(ty)?;
        let condition = self.pop();
        let (then, otherwise) = (self.b.create_block(), self.b.create_block());
        self.hint_if(then, otherwise);
        self.b.ins().brif(condition, then, &[], otherwise, &[]);
        self.b.seal_block(then);
        self.b.seal_block(otherwise);
        self.b.switch_to_block(then);
        let n = ty.params(self.info()).len();
        let params = SmallVec::from_slice(&self.stack[self.stack.len() - n..]);
        self.push_frame(Kind::If { otherwise, params }, ty);
        Ok(())
    }

    pub(super) fn r#else(&mut self) {
        let depth = self.frames.len() - 1;
        if self.frames[depth].dead {
            return;
        }
        if self.reachable {
            self.jump_to(0);
        }
        let frame = &mut self.frames[depth];
        if let Kind::If { otherwise, params } = core::mem::replace(&mut frame.kind, Kind::Else) {
            self.stack.truncate(frame.height);
            self.stack.extend_from_slice(&params);
            self.b.switch_to_block(otherwise);
            self.reachable = true;
        }
    }

    pub(super) fn end(&mut self) {
        if matches!(self.frames.last(), Some(Frame { kind: Kind::If { .. }, dead: false, .. })) {
            // An `if` without `else`: what comes in goes out.
            self.r#else();
        }
        // Handlers are built out of line: what falls through has to be finished before.
        let ends_here = |f: &Frame| f.exit.is_some() || matches!(f.kind, Kind::Try { .. });
        if self.reachable && self.frames.last().is_some_and(ends_here) {
            self.jump_to(0);
        }
        let Some(frame) = self.frames.pop() else { return };
        if frame.dead {
            self.stack.truncate(frame.height);
            return;
        }
        if let Kind::Loop { head } = frame.kind {
            self.b.seal_block(head);
        }
        if let Kind::Try { clauses } = &frame.kind {
            self.fill_handlers(clauses);
        }
        if let Some(exit) = frame.exit {
            self.b.seal_block(exit);
            self.b.switch_to_block(exit);
            self.stack.truncate(frame.height);
            self.stack.extend_from_slice(self.b.block_params(exit));
            self.reachable = true;
        } else if !self.reachable {
            self.stack.truncate(frame.height);
        }
        if matches!(frame.kind, Kind::Function) && self.reachable {
            self.return_values();
        }
    }

    fn return_values(&mut self) {
        self.fuel_flush();
        self.b.ins().return_(&self.stack);
        self.stack.clear();
        self.reachable = false;
    }

    /// The block that a branch goes to, and how many values it takes.
    pub(super) fn target(&mut self, depth: u32) -> (Block, usize) {
        let i = self.frames.len() - 1 - depth as usize;
        let ty = self.frames[i].ty;
        if let Kind::Loop { head } = self.frames[i].kind {
            return (head, ty.params(self.info()).len());
        }
        let results = ty.results(self.m.info);
        let exit = match self.frames[i].exit {
            Some(exit) => exit,
            None => self.block_with(results),
        };
        self.frames[i].exit = Some(exit);
        (exit, results.len())
    }

    fn jump_to(&mut self, depth: u32) {
        let (exit, n) = self.exit_of(depth);
        let args = self.top_args(n);
        self.b.ins().jump(exit, &args);
        self.reachable = false;
    }

    /// Like `target`, but the end even of a loop.
    fn exit_of(&mut self, depth: u32) -> (Block, usize) {
        let i = self.frames.len() - 1 - depth as usize;
        let ty = self.frames[i].ty;
        let results = ty.results(self.m.info);
        let exit = match self.frames[i].exit {
            Some(exit) => exit,
            None => self.block_with(results),
        };
        self.frames[i].exit = Some(exit);
        (exit, results.len())
    }

    pub(super) fn br(&mut self, depth: u32) {
        let (block, n) = self.target(depth);
        let args = self.top_args(n);
        self.b.ins().jump(block, &args);
        self.reachable = false;
    }

    pub(super) fn br_if(&mut self, depth: u32) {
        let condition = self.pop();
        let (block, n) = self.target(depth);
        let args = self.top_args(n);
        self.branch(condition, block, &args);
    }

    /// Goes to `block` if `condition` holds and continues here otherwise.
    fn branch(&mut self, condition: Value, block: Block, args: &[BlockArg]) {
        let next = self.b.create_block();
        if self.hint() == Some(true) {
            self.b.set_cold_block(next);
        }
        self.b.ins().brif(condition, block, args, next, &[]);
        self.b.seal_block(next);
        self.b.switch_to_block(next);
    }

    pub(super) fn r#return(&mut self) {
        let n = self.frames.first().map_or(0, |f| f.ty.results(self.m.info).len());
        let results: SmallVec<[Value; 4]> = SmallVec::from_slice(&self.stack[self.stack.len() - n..]);
        self.b.ins().return_(&results);
        self.reachable = false;
    }

    /// `br_on_null`: the reference is dropped on the way to the target and stays otherwise.
    pub(super) fn br_on_null(&mut self, depth: u32) {
        let reference = self.pop();
        let is_null = self.b.ins().icmp_imm_s(IntCC::Equal, reference, 0);
        let (block, n) = self.target(depth);
        let args = self.top_args(n);
        self.branch(is_null, block, &args);
        self.push(reference);
    }

    /// `br_on_non_null`: the reference is carried to the target and dropped otherwise.
    pub(super) fn br_on_non_null(&mut self, depth: u32) {
        let reference = self.stack.last().copied();
        let (block, n) = self.target(depth);
        let args = self.top_args(n);
        if let Some(reference) = reference {
            let not_null = self.b.ins().icmp_imm_s(IntCC::NotEqual, reference, 0);
            self.branch(not_null, block, &args);
        }
        self.pop();
    }

    /// What the branch hint section says of the operator at hand.
    fn hint(&self) -> Option<bool> {
        let i = self.hints.binary_search_by_key(&self.body_offset, |h| h.1).ok()?;
        Some(self.hints[i].2)
    }

    fn hint_if(&mut self, then: Block, otherwise: Block) {
        match self.hint() {
            Some(true) => self.b.set_cold_block(otherwise),
            Some(false) => self.b.set_cold_block(then),
            None => {}
        }
    }

    /// The family of `ref.null`'s type decides the width of null.
    pub(super) fn ref_null(&mut self, ty: wasmparser::HeapType) -> Result<()> {
        let ty = ValType::Ref(crate::wasm::RefType { nullable: true, heap: heap_type(&self.info().types, ty)? });
        let null = self.zero(ty);
        self.push(null);
        Ok(())
    }
}

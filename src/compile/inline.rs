//! Small functions of a module take the place of calls to them.
//!
//! A trap or a call inside inlined code still belongs to two wasm frames. Cranelift's inliner forgets source
//! positions but copies debug tags and puts those of the call in front; so for the time of inlining every
//! instruction of a candidate is tagged with its position and every call with its own, and afterwards each pair
//! becomes one number: [`INLINED`] plus a row of a table (position in the callee, position of the call).

use super::abi::GUEST;
use crate::base::{Error, Result};
use cranelift_codegen::Context;
use cranelift_codegen::inline::{Inline, InlineCommand};
use cranelift_codegen::ir::{
    DebugTag, ExternalName, FuncRef, Function, Inst, InstructionData, Opcode, SourceLoc, Value,
};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Added to a row number to make a source position; module offsets stay below.
pub(super) const INLINED: u32 = 1 << 31;
/// Bytes of a body that is worth translating to see whether it can be inlined.
pub(super) const MAX_BODY: usize = 64;
/// Instructions of a candidate.
const MAX_INSTS: usize = 40;
/// Instructions that one caller takes in.
const BUDGET: usize = 1500;

/// Functions that can be inlined, by position among the defined ones; tagged.
#[derive(Default)]
pub(super) struct Candidates(HashMap<u32, Arc<Function>>);

/// Positions of inlined code: in the callee, and of the call.
pub(super) type Sites = Vec<(u32, u32)>;

impl Candidates {
    /// Considers a translated function, and tags it if it is taken.
    pub(super) fn offer(&mut self, index: u32, func: &Arc<Function>, body: u32) {
        let insts: Vec<Inst> = func.layout.blocks().flat_map(|b| func.layout.block_insts(b)).collect();
        let tail = |i: &Inst| matches!(func.dfg.insts[*i].opcode(), Opcode::ReturnCall | Opcode::ReturnCallIndirect);
        if insts.len() > MAX_INSTS || func.signature.call_conv != GUEST || insts.iter().any(tail) {
            return;
        }
        let mut tagged = Function::clone(func);
        for inst in insts {
            let at = func.srcloc(inst);
            let at = if at.is_default() { body } else { at.bits() };
            tagged.debug_tags.set(inst, [DebugTag::User(at)]);
        }
        self.0.insert(index, Arc::new(tagged));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn callee(&self, caller: &Function, callee: FuncRef) -> Option<&Function> {
        let ExternalName::User(name) = caller.dfg.ext_funcs[callee].name else { return None };
        self.0.get(&caller.params.user_named_funcs()[name].index).map(Arc::as_ref)
    }

    /// Inlines into the context's function; the result says what its new positions mean.
    pub(super) fn apply(&self, cx: &mut Context) -> Result<Sites> {
        if !self.tag_calls(&mut cx.func) {
            return Ok(Sites::new());
        }
        let inliner = Inliner { candidates: self, budget: BUDGET };
        let result = cx.inline(inliner);
        let sites = take_tags(&mut cx.func);
        result.map_err(|e| Error::internal(format!("inlining failed: {e}")))?;
        Ok(sites)
    }

    /// Tags calls of candidates; false if there are none.
    fn tag_calls(&self, func: &mut Function) -> bool {
        let mut any = false;
        let stencil = &mut func.stencil;
        let index_of = |name| func.params.user_named_funcs()[name].index;
        for block in stencil.layout.blocks() {
            for inst in stencil.layout.block_insts(block) {
                if let InstructionData::Call { opcode: Opcode::Call, func_ref, .. } = stencil.dfg.insts[inst]
                    && let ExternalName::User(name) = stencil.dfg.ext_funcs[func_ref].name
                    && self.0.contains_key(&index_of(name))
                {
                    let at = stencil.srclocs[inst].expand(func.params.base_srcloc());
                    stencil.debug_tags.set(inst, [DebugTag::User(at.bits())]);
                    any = true;
                }
            }
        }
        any
    }
}

/// Turns pairs of tags into positions, and removes all tags.
fn take_tags(func: &mut Function) -> Sites {
    let mut sites = Sites::new();
    let insts: Vec<Inst> = func.layout.blocks().flat_map(|b| func.layout.block_insts(b)).collect();
    for inst in insts {
        if let [DebugTag::User(call), DebugTag::User(at)] = *func.debug_tags.get(inst) {
            // Instructions of one operator come together.
            if sites.last() != Some(&(at, call)) {
                sites.push((at, call));
            }
            func.set_srcloc(inst, SourceLoc::new(INLINED + (sites.len() - 1) as u32));
        }
    }
    func.debug_tags.clear();
    sites
}

struct Inliner<'a> {
    candidates: &'a Candidates,
    budget: usize,
}

impl Inline for Inliner<'_> {
    fn inline(
        &mut self,
        caller: &Function,
        _call: Inst,
        opcode: Opcode,
        callee: FuncRef,
        _args: &[Value],
    ) -> InlineCommand<'_> {
        let Some(callee) = self.candidates.callee(caller, callee) else { return InlineCommand::KeepCall };
        let size = callee.dfg.num_insts();
        // A function that calls itself takes itself in once, too: half the calls of a recursion.
        if opcode != Opcode::Call || size > self.budget {
            return InlineCommand::KeepCall;
        }
        self.budget -= size;
        InlineCommand::Inline { callee: Cow::Borrowed(callee), visit_callee: false }
    }
}

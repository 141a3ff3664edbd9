//! Code between host and guest: one entry and one host trampoline per function type.

use super::abi::{self, clif_type, guest_signature, host_signature};
use super::context::Context;
use super::code::Code;
use crate::base::Result;
use crate::layout::{Builtin, VMCTX_MAGIC, ValRaw, off};
use crate::wasm::{FuncType, ValType};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, Value, types::*};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilder;

const SLOT: i32 = size_of::<ValRaw>() as i32;

/// `(callee vmctx, exec, code, slots)` in the host's convention; see `layout::EntryTrampoline`. With `epochs` it looks for what is due, since not
/// every function does. Those with references among their parameters do: the slots are not where a collection would look for them.
pub(super) fn entry(isa: &dyn TargetIsa, cx: &mut Context, ty: &FuncType, epochs: bool) -> Result<Code> {
    cx.begin(host_signature(&[I64, I64, I64, I64], None), None);
    let mut b = cx.builder();
    let block = first_block(&mut b);
    let [vmctx, exec, code, slots] = b.block_params(block)[..4].try_into().unwrap_or([Value::from_u32(0); 4]);
    let fp = b.ins().get_frame_pointer(I64);
    b.ins().store(MemFlagsData::trusted(), fp, exec, off::EXEC_ENTRY_FP);
    if epochs && !ty.takes_handles() {
        look_for_what_is_due(&mut b, vmctx, exec, code);
    }
    let mut args = vec![vmctx, exec];
    for (i, &t) in ty.params.iter().enumerate() {
        args.push(load_slot(&mut b, t, slots, i));
    }
    let sig = b.import_signature(guest_signature(ty));
    let call = b.ins().call_indirect(sig, code, &args);
    let results = b.inst_results(call).to_vec();
    for (i, (&t, &v)) in ty.results.iter().zip(&results).enumerate() {
        store_slot(&mut b, t, v, slots, i);
    }
    b.ins().return_(&[]);
    b.finalize(isa.frontend_config());
    cx.compile(isa, false)
}

/// A guest function whose "vmctx" is a `VmHostFunc`: calls its `native` with the parameters in slots.
pub(super) fn host(isa: &dyn TargetIsa, cx: &mut Context, ty: &FuncType) -> Result<Code> {
    cx.begin(guest_signature(ty), None);
    abi::set_stack_limit(cx.func());
    let mut b = cx.builder();
    let block = first_block(&mut b);
    let params = b.block_params(block).to_vec();
    let (func, exec) = (params[0], params[1]);
    let size = ty.slots().max(1) as u32 * SLOT as u32;
    let slot = b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, size, 4));
    let slots = b.ins().stack_addr(I64, slot, 0);
    for (i, (&t, &v)) in ty.params.iter().zip(&params[2..]).enumerate() {
        store_slot(&mut b, t, v, slots, i);
    }
    let native = b.ins().load(I64, MemFlagsData::trusted(), func, off::HOSTFUNC_NATIVE);
    let sig = b.import_signature(host_signature(&[I64, I64, I64], None));
    b.ins().call_indirect(sig, native, &[exec, func, slots]);
    let results: Vec<Value> = ty.results.iter().enumerate().map(|(i, &t)| load_slot(&mut b, t, slots, i)).collect();
    b.ins().return_(&results);
    b.finalize(isa.frontend_config());
    cx.compile(isa, false)
}

/// Calls `Builtin::NewEpoch` if something is due and the callee is a guest's function: host functions have no vmctx.
fn look_for_what_is_due(b: &mut FunctionBuilder<'_>, vmctx: Value, exec: Value, code: Value) {
    let [due, guest, go_on] = [(); 3].map(|()| b.create_block());
    let word = b.ins().load(I32, MemFlagsData::trusted(), exec, off::EXEC_DUE);
    b.ins().brif(word, due, &[], go_on, &[]);
    b.set_cold_block(due);
    b.switch_to_block(due);
    let load = |b: &mut FunctionBuilder<'_>, base, offset| b.ins().load(I64, MemFlagsData::trusted(), base, offset);
    let magic = load(b, vmctx, off::VMCTX_MAGIC);
    let expected = b.ins().iconst(I64, VMCTX_MAGIC as i64);
    let is_guest = b.ins().icmp(IntCC::Equal, magic, expected);
    b.ins().brif(is_guest, guest, &[], go_on, &[]);
    b.set_cold_block(guest);
    b.switch_to_block(guest);
    let builtins = load(b, vmctx, off::VMCTX_BUILTINS);
    let thunk = load(b, builtins, Builtin::NewEpoch as i32 * 8);
    let sig = b.import_signature(abi::builtin_signature(Builtin::NewEpoch));
    b.ins().call_indirect(sig, thunk, &[vmctx, exec, code]);
    b.ins().jump(go_on, &[]);
    b.switch_to_block(go_on);
    b.seal_all_blocks();
}

fn first_block(b: &mut FunctionBuilder<'_>) -> cranelift_codegen::ir::Block {
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    b.seal_block(block);
    block
}

fn load_slot(b: &mut FunctionBuilder<'_>, ty: ValType, slots: Value, i: usize) -> Value {
    b.ins().load(clif_type(ty), MemFlagsData::trusted(), slots, i as i32 * SLOT)
}

/// Narrow values fill the low half of a slot, so that readers never see what was there before.
fn store_slot(b: &mut FunctionBuilder<'_>, ty: ValType, value: Value, slots: Value, i: usize) {
    let value = match clif_type(ty) {
        I32 => b.ins().uextend(I64, value),
        F32 => {
            let bits = b.ins().bitcast(I32, MemFlagsData::new(), value);
            b.ins().uextend(I64, bits)
        }
        _ => value,
    };
    b.ins().store(MemFlagsData::trusted(), value, slots, i as i32 * SLOT);
}

//! The operand stack, loads and stores of engine records, and calls of builtins.

use super::*;
use crate::base::TrapCode;
use crate::image::LibCall;
use crate::layout::off;
use cranelift_codegen::ir::{AliasRegionData, BlockArg, MemFlagsData, Type};
use smallvec::SmallVec;

pub(super) type BlockArgs = SmallVec<[BlockArg; 4]>;

/// Disjoint parts of memory, told apart for the alias analysis. The numbers are unique per module, so that
/// functions can be inlined into each other.
#[derive(Clone, Copy)]
pub(super) enum Region {
    /// Never written while code runs: vmctx head, imports, function records.
    Constant,
    Exec,
    MemoryRecord,
    TableRecord,
    /// Contents of linear memories; two of them may be the same.
    Heap,
    TableElements,
    /// All imported globals, since two of them may be the same.
    ImportedGlobal,
    Spills,
    Epoch,
    DefinedGlobal(u32),
    /// Bump pointer and limit.
    GcRecord,
    /// Type ids of objects and lengths of arrays, which do not change.
    GcHeader,
    /// Fields of objects by class, elements of arrays apart.
    GcField(u32),
}

impl Region {
    fn id(self) -> u32 {
        match self {
            Region::Constant => 0,
            Region::Exec => 1,
            Region::MemoryRecord => 2,
            Region::TableRecord => 3,
            Region::Heap => 4,
            Region::TableElements => 5,
            Region::ImportedGlobal => 6,
            Region::Spills => 7,
            Region::Epoch => 8,
            Region::GcRecord => 12,
            Region::GcHeader => 13,
            Region::GcField(class) => 0x4000_0000 + class,
            Region::DefinedGlobal(g) => 16 + g,
        }
    }

    fn data(self) -> AliasRegionData {
        AliasRegionData { user_id: self.id(), description: "".into() }
    }
}

impl Translator<'_, '_> {
    /// The validator has seen to it that there is a value.
    pub(super) fn pop(&mut self) -> Value {
        match self.stack.pop() {
            Some(v) => v,
            None => unreachable!("the validator lets no operator pop from an empty stack"),
        }
    }

    pub(super) fn pop2(&mut self) -> (Value, Value) {
        let b = self.pop();
        (self.pop(), b)
    }

    pub(super) fn pop3(&mut self) -> (Value, Value, Value) {
        let c = self.pop();
        let (a, b) = self.pop2();
        (a, b, c)
    }

    pub(super) fn push(&mut self, v: Value) {
        self.stack.push(v);
    }

    /// Pushes a value whose type may be a handle.
    pub(super) fn push_typed(&mut self, v: Value, ty: ValType) {
        self.note_handle(v, ty);
        self.stack.push(v);
    }

    pub(super) fn note_handle(&mut self, v: Value, ty: ValType) {
        if ty.is_gc_ref() {
            self.b.declare_value_needs_stack_map(v);
        }
    }

    /// The topmost `n` values, which stay on the stack.
    pub(super) fn top_args(&self, n: usize) -> BlockArgs {
        self.stack[self.stack.len() - n..].iter().map(|&v| BlockArg::Value(v)).collect()
    }

    pub(super) fn type_of(&self, v: Value) -> Type {
        self.b.func.dfg.value_type(v)
    }

    pub(super) fn iconst(&mut self, ty: Type, n: i64) -> Value {
        self.b.ins().iconst(ty, n)
    }

    /// Zero-extends to 64 bits what may be 32 bits already.
    pub(super) fn widen(&mut self, v: Value) -> Value {
        if self.type_of(v) == I32 { self.b.ins().uextend(I64, v) } else { v }
    }

    /// Back from 64 bits to an index type.
    pub(super) fn narrow(&mut self, v: Value, is_64: bool) -> Value {
        if is_64 { v } else { self.b.ins().ireduce(I32, v) }
    }

    pub(super) fn region(&mut self, region: Region) -> AliasRegion {
        let regions = &mut self.b.func.dfg.alias_regions;
        *self.cache.regions.entry(region.id()).or_insert_with(|| regions.insert(region.data()))
    }

    /// Flags for an engine record that is always there and aligned.
    pub(super) fn record_flags(&mut self, region: Region) -> MemFlagsData {
        let region = self.region(region);
        MemFlagsData::trusted().with_alias_region(Some(region))
    }

    /// Flags for fields that do not change while any code of the instance runs.
    pub(super) fn constant_flags(&mut self) -> MemFlagsData {
        self.record_flags(Region::Constant).with_readonly().with_can_move()
    }

    /// A field that never changes.
    pub(super) fn load_constant(&mut self, ty: Type, base: Value, offset: i32) -> Value {
        let flags = self.constant_flags();
        self.b.ins().load(ty, flags, base, offset)
    }

    pub(super) fn load_record(&mut self, region: Region, ty: Type, base: Value, offset: i32) -> Value {
        let flags = self.record_flags(region);
        self.b.ins().load(ty, flags, base, offset)
    }

    pub(super) fn store_record(&mut self, region: Region, value: Value, base: Value, offset: i32) {
        let flags = self.record_flags(region);
        self.b.ins().store(flags, value, base, offset);
    }

    /// Spills around calls alias nothing else.
    pub(super) fn spill_regions(&mut self) {
        self.b.make_stack_map_alias_region(Box::new(|set, _, _, _| Some(set.insert(Region::Spills.data()))));
    }

    pub(super) fn trap_if(&mut self, condition: Value, code: TrapCode) {
        let (stop, go_on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(stop);
        self.b.ins().brif(condition, stop, &[], go_on, &[]);
        self.b.switch_to_block(stop);
        self.b.seal_block(stop);
        self.raise_aside(code);
        self.b.switch_to_block(go_on);
        self.b.seal_block(go_on);
    }

    /// Stops the guest on one of two paths: what is pending of the fuel is spent on both.
    pub(super) fn raise_aside(&mut self, code: TrapCode) {
        let pending = self.fuel.as_ref().map(Fuel::pending);
        self.raise(code);
        if let (Some(fuel), Some(pending)) = (&mut self.fuel, pending) {
            fuel.set_pending(pending);
        }
    }

    /// Stops the guest and ends the block. A call costs a hundredth of what a trapping instruction costs, whose
    /// signal goes through the kernel (and, for an undefined instruction, often through a hypervisor). It takes the code
    /// alone: with vmctx and exec these would live up to every trap.
    pub(super) fn raise(&mut self, code: TrapCode) {
        let number = self.iconst(I32, i64::from(code.as_u8()));
        let stub = self.stub(LibCall::RaiseTrap, &[I32]);
        self.fuel_flush();
        self.b.ins().call(stub, &[number]);
        self.b.ins().trap(abi::trap_code(code));
    }

    /// Calls what takes nothing, gives nothing and preserves every register: a path that is hardly ever taken needs nothing then that
    /// would have to live up to it.
    pub(super) fn call_bare(&mut self, call: LibCall) {
        let stub = self.stub(call, &[]);
        self.fuel_flush();
        self.b.ins().call(stub, &[]);
        self.fuel_reload();
    }

    /// The module's way to a function of the library, which the linker puts behind the last function.
    fn stub(&mut self, call: LibCall, params: &[Type]) -> FuncRef {
        let which = STUBS.iter().position(|s| *s == call).unwrap_or_default();
        if let Some(stub) = self.cache.stubs[which] {
            return stub;
        }
        let signature = self.b.import_signature(abi::stub_signature(call, params));
        let behind_last = self.info().num_defined_funcs() + which;
        let stub = self.near_function(behind_last as u32, signature);
        self.cache.stubs[which] = Some(stub);
        stub
    }

    /// Calls `builtin(vmctx, exec, args...)`.
    pub(super) fn call_builtin(&mut self, builtin: Builtin, args: &[Value]) -> Option<Value> {
        let (sig, code) = self.builtin_code(builtin);
        let mut all: SmallVec<[Value; 8]> = SmallVec::from_slice(&[self.vmctx, self.exec]);
        all.extend_from_slice(args);
        self.fuel_flush();
        let call = self.b.ins().call_indirect(sig, code, &all);
        let result = self.b.inst_results(call).first().copied();
        self.fuel_reload();
        result
    }

    /// Signature and address of a builtin's thunk.
    pub(super) fn builtin_code(&mut self, builtin: Builtin) -> (SigRef, Value) {
        self.takes_any_time();
        let row = builtin as usize;
        let sig = match self.cache.builtins[row] {
            Some(sig) => sig,
            None => self.b.import_signature(abi::builtin_signature(builtin)),
        };
        self.cache.builtins[row] = Some(sig);
        // Constant, but loaded where it is used: moved out of a loop it would take a register from the loop, for calls that
        // are hardly ever made.
        let table = self.load_record(Region::Constant, I64, self.vmctx, off::VMCTX_BUILTINS);
        (sig, self.load_record(Region::Constant, I64, table, row as i32 * 8))
    }

    /// A builtin that returns something.
    pub(super) fn builtin_value(&mut self, builtin: Builtin, args: &[Value]) -> Value {
        match self.call_builtin(builtin, args) {
            Some(v) => v,
            None => unreachable!("builtin {} has no result", builtin.name()),
        }
    }

    pub(super) fn vector_const(&mut self, bytes: &[u8; 16]) -> Value {
        self.typed_vector_const(I8X16, bytes)
    }

    pub(super) fn typed_vector_const(&mut self, ty: Type, bytes: &[u8; 16]) -> Value {
        let handle = self.b.func.dfg.constants.insert(bytes.to_vec().into());
        self.b.ins().vconst(ty, handle)
    }
}

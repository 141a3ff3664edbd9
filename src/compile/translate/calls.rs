//! Calls.

use super::exception::Landing;
use super::support::Region;
use super::*;
use crate::base::TrapCode;
use crate::layout::off;
use crate::wasm::HeapType;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{ExtFuncData, ExternalName, UserExternalName};
use smallvec::SmallVec;

type Args = SmallVec<[Value; 8]>;

/// What to call.
enum Callee {
    /// A function of this module.
    Direct(FuncRef),
    /// Code and its vmctx.
    Indirect { code: Value, vmctx: Value },
}

impl Translator<'_, '_> {
    pub(super) fn call(&mut self, f: FuncIndex, tail: bool) {
        let callee = match self.info().defined_func(f) {
            Some(defined) => {
                if let Some(effort) = &mut self.effort {
                    effort.count_call(defined.0);
                }
                Callee::Direct(self.function(f, defined))
            }
            None => self.import(f),
        };
        self.finish_call(callee, self.info().funcs[f].ty, tail);
    }

    fn import(&mut self, f: FuncIndex) -> Callee {
        let at = self.m.layout.func_import(f);
        let code = self.load_constant(I64, self.vmctx, at + off::FUNC_IMPORT_CODE);
        let vmctx = self.load_constant(I64, self.vmctx, at + off::FUNC_IMPORT_VMCTX);
        Callee::Indirect { code, vmctx }
    }

    pub(super) fn call_indirect(&mut self, ty: TypeIndex, table: TableIndex, tail: bool) {
        let index = self.pop();
        let func = self.table_load(table, index);
        let element = self.info().tables[table].ty.element;
        if matches!(element.heap, HeapType::ConcreteFunc(i) if self.info().declared_subtype(i, ty.0)) {
            return self.call_func_ref(func, ty, TrapCode::IndirectCallToNull, tail);
        }
        // The load of the type is also the test for null.
        let flags = self.constant_flags_trapping(TrapCode::IndirectCallToNull);
        let found = self.b.ins().load(I32, flags, func, off::FUNCREF_TYPE);
        if self.info().types[ty].is_final {
            let expected = self.type_id(ty);
            let differs = self.b.ins().icmp(IntCC::NotEqual, found, expected);
            self.trap_if(differs, TrapCode::BadSignature);
        } else {
            let (ok, fail) = (self.b.create_block(), self.b.create_block());
            self.b.set_cold_block(fail);
            self.test_type(found, ty, ok, fail);
            self.b.seal_block(fail);
            self.b.switch_to_block(fail);
            self.raise_aside(TrapCode::BadSignature);
            self.b.seal_block(ok);
            self.b.switch_to_block(ok);
        }
        let code = self.load_record(Region::Constant, I64, func, off::FUNCREF_CODE);
        self.call_with_vmctx(func, code, ty, tail);
    }

    pub(super) fn call_ref(&mut self, ty: TypeIndex, tail: bool) {
        let func = self.pop();
        self.call_func_ref(func, ty, TrapCode::NullReference, tail);
    }

    /// Calls a reference whose type is known; `null` is the trap if it is null.
    fn call_func_ref(&mut self, func: Value, ty: TypeIndex, null: TrapCode, tail: bool) {
        let flags = self.constant_flags_trapping(null);
        let code = self.b.ins().load(I64, flags, func, off::FUNCREF_CODE);
        self.call_with_vmctx(func, code, ty, tail);
    }

    fn call_with_vmctx(&mut self, func: Value, code: Value, ty: TypeIndex, tail: bool) {
        let vmctx = self.load_record(Region::Constant, I64, func, off::FUNCREF_VMCTX);
        self.finish_call(Callee::Indirect { code, vmctx }, ty, tail);
    }

    /// Flags of a load from a record that may be missing: the fault near address 0 is `code`.
    fn constant_flags_trapping(&mut self, code: TrapCode) -> cranelift_codegen::ir::MemFlagsData {
        self.record_flags(Region::Constant).with_readonly().with_trap_code(Some(abi::trap_code(code)))
    }

    /// Pops the arguments, calls, pushes the results.
    fn finish_call(&mut self, callee: Callee, ty: TypeIndex, tail: bool) {
        self.entry_check = None;
        let n = self.func_type(ty).params.len();
        let vmctx = match callee {
            Callee::Direct(_) => self.vmctx,
            Callee::Indirect { vmctx, .. } => {
                self.takes_any_time();
                self.store_record(Region::Exec, self.vmctx, self.exec, off::EXEC_CALLER);
                vmctx
            }
        };
        let mut args = Args::from_slice(&[vmctx, self.exec]);
        args.extend(self.stack.drain(self.stack.len() - n..));
        if tail {
            self.emit_tail_call(callee, ty, &args);
            self.reachable = false;
        } else {
            self.emit_call(callee, ty, &args);
        }
    }

    fn emit_call(&mut self, callee: Callee, ty: TypeIndex, args: &[Value]) {
        let handlers = self.handlers();
        if !handlers.is_empty() {
            let results = self.emit_try_call(callee, ty, args, &handlers);
            return self.push_results(&results, ty);
        }
        let call = match callee {
            Callee::Direct(f) => self.b.ins().call(f, args),
            Callee::Indirect { code, .. } => {
                let sig = self.guest_signature(ty);
                self.b.ins().call_indirect(sig, code, args)
            }
        };
        let results: Args = SmallVec::from_slice(self.b.inst_results(call));
        self.push_results(&results, ty);
    }

    fn push_results(&mut self, results: &[Value], ty: TypeIndex) {
        for (&v, &ty) in results.iter().zip(&self.func_type(ty).results) {
            self.push_typed(v, ty);
        }
    }

    fn emit_try_call(&mut self, callee: Callee, ty: TypeIndex, args: &[Value], handlers: &[Landing]) -> Args {
        let sig = self.guest_signature(ty);
        // Read by the unwinder: the tags of the handlers are this instance's.
        let (table, next) = self.exception_table(sig, Some(self.vmctx), handlers);
        match callee {
            Callee::Direct(f) => self.b.ins().try_call(f, args, table),
            Callee::Indirect { code, .. } => self.b.ins().try_call_indirect(code, args, table),
        };
        self.b.seal_block(next);
        self.b.switch_to_block(next);
        SmallVec::from_slice(self.b.block_params(next))
    }

    fn emit_tail_call(&mut self, callee: Callee, ty: TypeIndex, args: &[Value]) {
        match callee {
            Callee::Direct(f) => self.b.ins().return_call(f, args),
            Callee::Indirect { code, .. } => {
                let sig = self.guest_signature(ty);
                self.b.ins().return_call_indirect(sig, code, args)
            }
        };
    }

    fn guest_signature(&mut self, ty: TypeIndex) -> SigRef {
        if let Some(&sig) = self.cache.signatures.get(&ty.0) {
            return sig;
        }
        let sig = self.b.import_signature(abi::guest_signature(self.func_type(ty)));
        self.cache.signatures.insert(ty.0, sig);
        sig
    }

    /// A function of this module, near enough for a relative call.
    fn function(&mut self, f: FuncIndex, defined: DefinedFunc) -> FuncRef {
        if let Some(&func) = self.cache.functions.get(&defined.0) {
            return func;
        }
        let signature = self.guest_signature(self.info().funcs[f].ty);
        let func = self.near_function(defined.0, signature);
        self.cache.functions.insert(defined.0, func);
        func
    }

    /// Code of this module by the linker's number: that of a defined function, or how many there are plus the position of a stub.
    pub(super) fn near_function(&mut self, label: u32, signature: SigRef) -> FuncRef {
        let name = self.b.func.declare_imported_user_function(UserExternalName::new(0, label));
        let data = ExtFuncData { name: ExternalName::user(name), signature, colocated: true, patchable: false };
        self.b.import_function(data)
    }
}

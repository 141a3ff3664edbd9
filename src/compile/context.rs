//! Cranelift's working memory, kept from function to function.

use super::code::Code;
use super::inline::Candidates;
use super::translate::Module;
use crate::base::{Error, ErrorKind, Result};
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{Function, Signature, SourceLoc, UserFuncName};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CodegenError, ir};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use parking_lot::Mutex;
use wasmparser::FuncValidatorAllocations;

/// One thread's working memory.
#[derive(Default)]
pub(super) struct Context {
    codegen: CodegenContext,
    frontend: FunctionBuilderContext,
    pub(super) validator: FuncValidatorAllocations,
}

struct CodegenContext(cranelift_codegen::Context);

impl Default for CodegenContext {
    fn default() -> Self {
        CodegenContext(cranelift_codegen::Context::new())
    }
}

impl Context {
    /// Starts a function; `position` is the module offset that positions are relative to.
    pub(super) fn begin(&mut self, signature: Signature, position: Option<u32>) {
        self.codegen.0.clear();
        self.codegen.0.func.signature = signature;
        self.codegen.0.func.name = UserFuncName::user(0, 0);
        if let Some(p) = position {
            self.codegen.0.func.params.ensure_base_srcloc(SourceLoc::new(p));
        }
    }

    pub(super) fn func(&mut self) -> &mut Function {
        &mut self.codegen.0.func
    }

    pub(super) fn builder(&mut self) -> FunctionBuilder<'_> {
        FunctionBuilder::new(&mut self.codegen.0.func, &mut self.frontend)
    }

    pub(super) fn set_func(&mut self, func: Function) {
        self.codegen.0.clear();
        self.codegen.0.func = func;
    }

    /// Compiles what was built, with candidates inlined.
    pub(super) fn compile_inlining(&mut self, m: &Module<'_>, candidates: &Candidates) -> Result<Code> {
        self.codegen.0.set_disasm(m.listing);
        let sites = if candidates.is_empty() { Vec::new() } else { candidates.apply(&mut self.codegen.0)? };
        Ok(Code { inlined: sites, ..self.compile(m.isa, m.tunables.address_map)? })
    }

    /// Compiles what was built.
    pub(super) fn compile(&mut self, isa: &dyn TargetIsa, positions: bool) -> Result<Code> {
        let cx = &mut self.codegen.0;
        let result = cx.compile(isa, &mut ControlPlane::default());
        if let Err(e) = result {
            return Err(failure(&e.inner, e.func));
        }
        let compiled = cx.take_compiled_code().ok_or_else(|| Error::internal("no code after compiling"))?;
        Code::new(&compiled, &cx.func.params, positions)
    }
}

#[cold]
fn failure(e: &CodegenError, func: &ir::Function) -> Error {
    match e {
        CodegenError::ImplLimitExceeded | CodegenError::CodeTooLarge => {
            Error::new(ErrorKind::Limit, format!("function is too large to compile: {e}"))
        }
        CodegenError::Verifier(v) => {
            Error::internal(cranelift_codegen::print_errors::pretty_verifier_error(func, None, v.clone()))
        }
        other => Error::internal(format!("code generator failed: {other}")),
    }
}

/// Contexts that no thread is using.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<Box<Context>>>);

impl Pool {
    /// Runs `f` with a context, which returns to the pool unless `f` panics or fails (it may then be in any state).
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut Context) -> Result<T>) -> Result<T> {
        let mut context = self.0.lock().pop().unwrap_or_default();
        let result = f(&mut context)?;
        self.0.lock().push(context);
        Ok(result)
    }
}

//! Runs one script of the specification's test suite.

use super::setup::{HostCalls, Setup, Source};
use super::{spectest, value};
use std::collections::HashMap;
use tenon::base::{Error, ErrorKind, Result, TrapCode};
use tenon::layout::ValRaw;
use tenon::runtime::{Engine, Extern, GuestExec, Instance, Linker, Module, Step, Store, Val};
use wast::core::{WastArgCore, WastRetCore};
use wast::lexer::Lexer;
use wast::parser::ParseBuffer;
use wast::{QuoteWat, QuoteWatTest, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// What became of a script.
#[derive(Default)]
pub struct Report {
    pub passed: usize,
    /// Line and what went wrong.
    pub failed: Vec<(usize, String)>,
}

/// Why a directive did not come out as the script says.
type Fault = String;

/// Runs all directives of the script `text`.
pub fn run(setup: &Setup, engine: &Engine, text: &str) -> Report {
    let mut report = Report::default();
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true); // names.wast is made of it
    let parsed = ParseBuffer::new_with_lexer(lexer).map_err(|e| e.to_string());
    let buffer = match &parsed {
        Ok(buffer) => buffer,
        Err(e) => {
            report.failed.push((0, format!("the script has no tokens: {e}")));
            return report;
        }
    };
    let script = match wast::parser::parse::<Wast<'_>>(buffer) {
        Ok(script) => script,
        Err(e) => {
            report.failed.push((0, format!("the script does not parse: {e}")));
            return report;
        }
    };
    let mut runner = match Runner::new(setup, engine) {
        Ok(runner) => runner,
        Err(e) => {
            report.failed.push((0, format!("no store: {e}")));
            return report;
        }
    };
    for directive in script.directives {
        let line = directive.span().linecol_in(text).0 + 1;
        match runner.directive(directive) {
            Ok(()) => report.passed += 1,
            Err(fault) => report.failed.push((line, fault)),
        }
    }
    report
}

struct Runner<'a> {
    setup: &'a Setup,
    engine: &'a Engine,
    store: Store,
    linker: Linker,
    /// The exec that serves calls in setups where host functions yield.
    exec: Option<GuestExec>,
    /// Every instance by its script name, the newest under "".
    instances: HashMap<String, Instance>,
    definitions: HashMap<String, Module>,
}

impl<'a> Runner<'a> {
    fn new(setup: &'a Setup, engine: &'a Engine) -> Result<Runner<'a>> {
        let store = setup.store(engine);
        let mut linker = Linker::new(engine);
        linker.allow_shadowing(true);
        let threads = setup.config.features.has(tenon::wasm::Proposal::Threads);
        spectest::define(&mut linker, &store, setup.host_calls, threads)?;
        let exec = match setup.host_calls {
            HostCalls::Callback => None,
            HostCalls::Yield => Some(new_exec(setup, &store)?),
        };
        Ok(Runner { setup, engine, store, linker, exec, instances: HashMap::new(), definitions: HashMap::new() })
    }

    fn directive(&mut self, directive: WastDirective<'_>) -> Result<(), Fault> {
        match directive {
            WastDirective::Module(module) => self.module(module),
            WastDirective::ModuleDefinition(module) => self.define(module),
            WastDirective::ModuleInstance { instance, module, .. } => {
                self.instance_of(instance.map(|i| i.name()), module.map(|i| i.name()))
            }
            WastDirective::Register { name, module, .. } => self.register(name, module.map(|i| i.name())),
            WastDirective::Invoke(invoke) => self.invoke(&invoke)?.map(drop).map_err(|e| e.to_string()),
            WastDirective::AssertMalformed { module, .. } => self.refused(module, "malformed"),
            WastDirective::AssertInvalid { module, .. } => self.refused(module, "invalid"),
            WastDirective::AssertReturn { exec, results, .. } => self.returns(exec, &results),
            WastDirective::AssertTrap { exec, message, .. } => self.traps(exec, message),
            WastDirective::AssertException { exec, .. } => self.throws(exec),
            WastDirective::AssertExhaustion { call, message, .. } => self.exhausts(&call, message),
            WastDirective::AssertUnlinkable { module, message, .. } => self.unlinkable(module, message),
            other => Err(format!("this runner does not know the directive {:.60}", format!("{other:?}"))),
        }
    }

    /// Binary form of a module and whether it was text that Tenon's own reader turned into binary.
    fn binary(&self, mut module: QuoteWat<'_>) -> Result<Vec<u8>> {
        match module.to_test() {
            Ok(QuoteWatTest::Binary(bytes)) => Ok(bytes),
            Ok(QuoteWatTest::Text(text)) => tenon::wasm::text::parse_strict(&text),
            Err(e) => Err(Error::new(ErrorKind::Malformed, e.to_string())),
        }
    }

    fn compile(&self, bytes: &[u8]) -> Result<Module> {
        let module = Module::new(self.engine, bytes)?;
        match self.setup.source {
            Source::Compiled => Ok(module),
            Source::Image => Module::deserialize(self.engine, &module.serialize()),
        }
    }

    fn instantiate(&mut self, module: &Module) -> Result<Instance> {
        let Some(exec) = &mut self.exec else {
            return self.linker.instantiate(&self.store, module);
        };
        let (instance, mut step) = exec.link(&self.linker, module)?;
        while let Step::HostCall { .. } = step {
            step = exec.resume(Ok(()))?;
        }
        Ok(instance)
    }

    fn keep(&mut self, name: Option<&str>, instance: Instance) {
        self.instances.insert(String::new(), instance.clone());
        if let Some(name) = name {
            self.instances.insert(name.to_owned(), instance);
        }
    }

    fn module(&mut self, module: QuoteWat<'_>) -> Result<(), Fault> {
        let name = module.name().map(|id| id.name().to_owned());
        let instance = self.binary(module).and_then(|bytes| {
            self.engine.validate(&bytes)?;
            let module = self.compile(&bytes)?;
            self.instantiate(&module)
        });
        self.keep(name.as_deref(), instance.map_err(|e| format!("module: {e}"))?);
        Ok(())
    }

    fn define(&mut self, module: QuoteWat<'_>) -> Result<(), Fault> {
        let name = module.name().map_or(String::new(), |id| id.name().to_owned());
        let module = self.binary(module).and_then(|bytes| self.compile(&bytes)).map_err(|e| format!("module: {e}"))?;
        self.definitions.insert(String::new(), module.clone());
        self.definitions.insert(name, module);
        Ok(())
    }

    fn instance_of(&mut self, instance: Option<&str>, module: Option<&str>) -> Result<(), Fault> {
        let definition = self.definitions.get(module.unwrap_or("")).cloned().ok_or("no such module definition")?;
        let made = self.instantiate(&definition).map_err(|e| format!("instance: {e}"))?;
        self.keep(instance, made);
        Ok(())
    }

    fn instance(&self, name: Option<&str>) -> Result<&Instance, Fault> {
        self.instances.get(name.unwrap_or("")).ok_or_else(|| format!("no instance {name:?}"))
    }

    fn register(&mut self, name: &str, module: Option<&str>) -> Result<(), Fault> {
        let instance = self.instance(module)?.clone();
        self.linker.instance(&self.store, name, &instance).map_err(|e| e.to_string())
    }

    /// The outer result is about the script, the inner one about the guest.
    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Result<Vec<Val>>, Fault> {
        let instance = self.instance(invoke.module.map(|id| id.name()))?;
        let func = instance.func(&self.store, invoke.name).ok_or_else(|| format!("no function {}", invoke.name))?;
        let mut args = Vec::new();
        for arg in &invoke.args {
            let core: &WastArgCore<'_> = match arg {
                WastArg::Core(core) => core,
                other => return Err(format!("unknown argument {other:?}")),
            };
            let value = value::argument(&self.store, core).map_err(|e| e.to_string())?;
            args.push(value.ok_or_else(|| format!("unknown argument {core:?}"))?);
        }
        let Some(exec) = &mut self.exec else {
            let mut results = vec![Val::I32(0); func.ty(&self.store).results.len()];
            return Ok(func.call(&self.store, &args, &mut results).map(|()| results));
        };
        Ok(call_yielding(exec, &func, &args))
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Result<Vec<Val>>, Fault> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => {
                let made = self.binary(QuoteWat::Wat(module)).and_then(|b| self.compile(&b));
                let module = made.map_err(|e| format!("module: {e}"))?;
                Ok(self.instantiate(&module).map(|_| Vec::new()))
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module.map(|id| id.name()))?;
                match instance.export(&self.store, global) {
                    Some(Extern::Global(g)) => Ok(Ok(vec![g.get(&self.store)])),
                    _ => Err(format!("no global {global}")),
                }
            }
        }
    }

    fn returns(&mut self, exec: WastExecute<'_>, expected: &[WastRet<'_>]) -> Result<(), Fault> {
        let found = self.execute(exec)?.map_err(|e| format!("expected results, found error: {e}"))?;
        let expected: Vec<&WastRetCore<'_>> = expected
            .iter()
            .map(|ret| match ret {
                WastRet::Core(core) => Ok(core),
                other => Err(format!("unknown result {other:?}")),
            })
            .collect::<Result<_, Fault>>()?;
        if found.len() == expected.len() && found.iter().zip(&expected).all(|(f, e)| value::matches(&self.store, f, e)) {
            return Ok(());
        }
        let shown: Vec<String> = found.iter().map(value::show).collect();
        Err(format!("expected {expected:?}, found [{}]", shown.join(", ")))
    }

    fn traps(&mut self, exec: WastExecute<'_>, message: &str) -> Result<(), Fault> {
        match self.execute(exec)? {
            Ok(values) => Err(format!("expected trap {message:?}, found {} results", values.len())),
            Err(e) if e.kind() == ErrorKind::Trap && trap_text_fits(&e.to_string(), message) => Ok(()),
            Err(e) => Err(format!("expected trap {message:?}, found {e:?}")),
        }
    }

    fn throws(&mut self, exec: WastExecute<'_>) -> Result<(), Fault> {
        match self.execute(exec)? {
            Ok(values) => Err(format!("expected an exception, found {} results", values.len())),
            Err(e) if e.kind() == ErrorKind::Exception => Ok(()),
            Err(e) => Err(format!("expected an exception, found {e:?}")),
        }
    }

    fn exhausts(&mut self, call: &WastInvoke<'_>, message: &str) -> Result<(), Fault> {
        match self.invoke(call)? {
            Ok(_) => Err(format!("expected {message:?}, but the call returned")),
            Err(e) if e.trap_code() == Some(TrapCode::StackOverflow) && e.to_string().contains(message) => Ok(()),
            Err(e) => Err(format!("expected {message:?}, found {e:?}")),
        }
    }

    fn refused(&mut self, module: QuoteWat<'_>, what: &str) -> Result<(), Fault> {
        let outcome = self.binary(module).and_then(|bytes| {
            let checked = self.engine.validate(&bytes);
            let compiled = self.compile(&bytes);
            match (checked, compiled) {
                (Err(e), Err(_)) | (Ok(()), Err(e)) => Err(e),
                (Ok(()), Ok(_)) => Ok(()),
                (Err(e), Ok(_)) => Err(Error::internal(format!("compiled what is not valid: {e}"))),
            }
        });
        match outcome {
            Ok(()) => Err(format!("a module that is {what} was accepted")),
            // What is malformed for this version may belong to a later one, which is then named.
            Err(e) if matches!(e.kind(), ErrorKind::Malformed | ErrorKind::Invalid | ErrorKind::Unsupported) => Ok(()),
            Err(e) => Err(format!("expected a {what} module, found {e:?}")),
        }
    }

    fn unlinkable(&mut self, module: Wat<'_>, message: &str) -> Result<(), Fault> {
        let bytes = self.binary(QuoteWat::Wat(module)).map_err(|e| e.to_string())?;
        let module = self.compile(&bytes).map_err(|e| format!("module: {e}"))?;
        match self.instantiate(&module) {
            Ok(_) => Err(format!("expected {message:?}, but the module was linked")),
            Err(e) if e.kind() == ErrorKind::Link => Ok(()),
            Err(e) => Err(format!("expected {message:?}, found {e:?}")),
        }
    }
}

fn new_exec(setup: &Setup, store: &Store) -> Result<GuestExec> {
    let exec = GuestExec::new(store)?;
    if setup.config.tunables.fuel {
        exec.set_fuel(1 << 60);
    }
    Ok(exec)
}

/// Calls on a private stack; host functions print nothing and return nothing.
fn call_yielding(exec: &mut GuestExec, func: &tenon::runtime::Func, args: &[Val]) -> Result<Vec<Val>> {
    let store = exec.store().clone();
    let ty = func.ty(&store);
    let mut slots = vec![ValRaw::default(); ty.slots().max(args.len())];
    for ((slot, arg), ty) in slots.iter_mut().zip(args).zip(&ty.params) {
        arg.check(&store, *ty)?;
        *slot = arg.to_raw();
    }
    // SAFETY: as many slots as the type asks for, checked just above; they stay in place until the loop is over.
    let mut step = unsafe { exec.call(func, slots.as_mut_ptr(), slots.len()) }?;
    while let Step::HostCall { .. } = step {
        step = exec.resume(Ok(()))?;
    }
    Ok(ty.results.iter().zip(&slots).map(|(ty, slot)| Val::from_raw(&store, *slot, *ty)).collect())
}

/// Scripts give the start of the reference interpreter's message, which ours contain. Two differ: the interpreter
/// tells which element was not initialised, and what kind of reference was null.
fn trap_text_fits(found: &str, expected: &str) -> bool {
    let core = match expected {
        _ if expected.starts_with("uninitialized element") => "uninitialized element",
        "null function reference" | "null structure reference" | "null array reference" | "null i31 reference" => "null reference",
        other => other,
    };
    found.contains(core)
}

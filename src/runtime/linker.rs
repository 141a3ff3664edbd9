//! Imports by name.

use super::caller::Caller;
use super::engine::Engine;
use super::externs::{Extern, func_mismatch};
use super::func::{Func, HostCode, host_body, host_callback, host_raw, host_yield};
use super::instance::{Instance, default_value};
use super::module::{ImportType, Module};
use super::store::Store;
use crate::base::{Error, ErrorKind, Result};
use crate::layout::ValRaw;
use crate::vm::{HostBody, HostFunc, RawBody};
use crate::wasm::{ExternType, FuncType};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Definitions that modules are linked against. Defining is exclusive; instantiating may happen in parallel.
/// A clone has the same definitions and goes its own way from there.
#[derive(Clone)]
pub struct Linker {
    engine: Engine,
    definitions: HashMap<Arc<str>, HashMap<Arc<str>, Definition>>,
    shadowing: bool,
}

#[derive(Clone)]
enum Definition {
    /// Belongs to one store.
    Extern(u64, Extern),
    /// A host function that works in any store of the engine.
    Host(Arc<HostDefinition>),
}

struct HostDefinition {
    ty: FuncType,
    form: HostForm,
    /// Made when first linked.
    made: OnceLock<Arc<HostFunc>>,
}

enum HostForm {
    Callback(HostBody),
    Raw(Arc<RawBody>),
    Yield(u64, Option<Arc<dyn Any + Send + Sync>>),
}

impl Linker {
    pub fn new(engine: &Engine) -> Linker {
        Linker { engine: engine.clone(), definitions: HashMap::new(), shadowing: false }
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether later definitions may replace earlier ones of the same name. Off by default.
    pub fn allow_shadowing(&mut self, allow: bool) {
        self.shadowing = allow;
    }

    /// Whether an object of this engine can have to do with this linker.
    fn check_engine(&self, engine: &Engine, what: &str) -> Result<()> {
        if self.engine.same(engine) {
            return Ok(());
        }
        Err(Error::usage(format!("linker used with a {what} of another engine")))
    }

    /// Defines an item of `store`.
    pub fn define(&mut self, store: &Store, module: &str, name: &str, item: Extern) -> Result<()> {
        self.check_engine(store.engine(), "store")?;
        self.insert(module, name, Definition::Extern(store.id(), item))
    }

    /// Defines a host function for any store.
    pub fn func(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        body: impl Fn(&mut Caller<'_>, &mut [ValRaw]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        self.host(module, name, ty, HostForm::Callback(host_body(body)))
    }

    /// Defines a host function in C's convention for any store.
    pub fn func_raw(&mut self, module: &str, name: &str, ty: FuncType, body: RawBody) -> Result<()> {
        self.host(module, name, ty, HostForm::Raw(Arc::new(body)))
    }

    /// Defines a host function whose calls suspend the guest, for any store.
    pub fn func_yield(&mut self, module: &str, name: &str, ty: FuncType, id: u64) -> Result<()> {
        self.host(module, name, ty, HostForm::Yield(id, None))
    }

    /// [`Linker::func_yield`]; `keep` lives as long as the definition and the stores that use it.
    pub fn func_yield_keeping(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        id: u64,
        keep: Arc<dyn Any + Send + Sync>,
    ) -> Result<()> {
        self.host(module, name, ty, HostForm::Yield(id, Some(keep)))
    }

    fn host(&mut self, module: &str, name: &str, ty: FuncType, form: HostForm) -> Result<()> {
        let definition = HostDefinition { ty, form, made: OnceLock::new() };
        self.insert(module, name, Definition::Host(Arc::new(definition)))
    }

    /// Defines every export of `instance` under the module name `name`.
    pub fn instance(&mut self, store: &Store, name: &str, instance: &Instance) -> Result<()> {
        for index in 0..instance.module().info().exports.len() {
            if let Some((export, item)) = instance.export_nth(store, index) {
                self.define(store, name, export, item)?;
            }
        }
        Ok(())
    }

    /// Defines the exports of `module` under `name`. A reactor (no `_start`) is instantiated once, here, and its
    /// `_initialize` is called; a command gets a fresh instance for every call of its default function.
    pub fn module(&mut self, store: &Store, name: &str, module: &Module) -> Result<()> {
        self.check_engine(store.engine(), "store")?;
        self.check_engine(module.engine(), "module")?;
        if is_command(module) {
            return self.command(store, name, module);
        }
        let instance = self.instantiate(store, module)?;
        if let Some(init) = instance.func(store, "_initialize") {
            init.call(store, &[], &mut [])?;
        }
        self.instance(store, name, &instance)
    }

    /// Each exported function of a command instantiates the module anew and calls its namesake there.
    fn command(&mut self, store: &Store, name: &str, module: &Module) -> Result<()> {
        for export in module.exports() {
            let ExternType::Func(ty) = export.ty else { continue };
            let imports = self.resolve(store, module)?;
            let (module, callee) = (module.clone(), export.name.to_owned());
            self.func(name, export.name, ty, move |caller, slots| {
                let store = caller.store().clone();
                let instance = Instance::new(&store, &module, &imports)?;
                let func = instance.func(&store, &callee).ok_or_else(|| Error::internal("command lost its export"))?;
                func.call_slots(&store, slots)
            })?;
        }
        Ok(())
    }

    /// Makes every import of `module` that is a function and has no definition stop the guest when called.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<()> {
        self.check_engine(module.engine(), "module")?;
        for import in self.unknown(module) {
            let ExternType::Func(ty) = import.ty else { continue };
            let text = format!("unknown import: `{}::{}` has not been defined", import.module, import.name);
            self.func(import.module, import.name, ty, move |_, _| Err(Error::new(ErrorKind::Link, text.clone())))?;
        }
        Ok(())
    }

    /// Defines every import of `module` that has no definition: functions return zeros and nulls, other items
    /// are as small as their type allows.
    pub fn define_unknown_imports_as_default_values(&mut self, store: &Store, module: &Module) -> Result<()> {
        self.check_engine(store.engine(), "store")?;
        self.check_engine(module.engine(), "module")?;
        for import in self.unknown(module) {
            let item = match import.ty {
                ExternType::Func(ty) => {
                    ty.results.iter().try_for_each(|t| default_value(*t).map(drop))?;
                    self.func(import.module, import.name, ty, |_, slots| {
                        slots.fill(ValRaw::ZERO);
                        Ok(())
                    })?;
                    continue;
                }
                ExternType::Memory(ty) => Extern::Memory(super::Memory::new(store, &ty)?),
                ExternType::Table(ty) => {
                    let null = super::Val::null(ty.element.heap.family());
                    Extern::Table(super::Table::new(store, &ty, &null)?)
                }
                ExternType::Global(ty) => {
                    Extern::Global(super::Global::new(store, &ty, &default_value(ty.content)?)?)
                }
                ExternType::Tag(ty) => Extern::Tag(super::Tag::new(store, &ty)?),
            };
            self.define(store, import.module, import.name, item)?;
        }
        Ok(())
    }

    fn unknown<'m>(&self, module: &'m Module) -> Vec<ImportType<'m>> {
        module.imports().filter(|i| self.lookup(i.module, i.name).is_none()).collect()
    }

    /// Instantiates `module` with definitions from here and runs its start function.
    pub fn instantiate(&self, store: &Store, module: &Module) -> Result<Instance> {
        Instance::new(store, module, &self.resolve(store, module)?)
    }

    /// Looks the imports up once, for many instantiations. Needs host functions and no store's items.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre> {
        self.check_engine(module.engine(), "module")?;
        for (import, declared) in module.imports().zip(&module.info().imports) {
            let definition = self.lookup(import.module, import.name).ok_or_else(|| unknown_import(&import))?;
            if let (Definition::Host(host), ExternType::Func(want)) = (definition, &import.ty) {
                // A host function's type is final and extends nothing: only an equal type will do.
                let types = self.engine.types();
                let id = module.func_type_id(declared.entity);
                if Some(types.intern(&host.ty)?) != id {
                    let e = func_mismatch(want, &host.ty);
                    return Err(e.context(format!("incompatible import type for `{}::{}`", import.module, import.name)));
                }
            }
        }
        Ok(InstancePre { linker: self.clone(), module: module.clone() })
    }

    /// The definition as an item of `store`, or `None`.
    pub fn get(&self, store: &Store, module: &str, name: &str) -> Option<Extern> {
        self.item(store, self.lookup(module, name)?, None).ok()
    }

    /// What a command-line runner calls: the export "" or `_start` of `module`, or a function that does nothing.
    pub fn get_default(&self, store: &Store, module: &str) -> Result<Func> {
        self.check_engine(store.engine(), "store")?;
        for name in ["", "_start"] {
            match self.get(store, module, name) {
                Some(Extern::Func(f)) => return Ok(f),
                Some(_) => {
                    let message = format!("default export `{name}` of module `{module}` is not a function");
                    return Err(Error::new(ErrorKind::Link, message));
                }
                None => {}
            }
        }
        Func::new(store, &FuncType::default(), |_, _| Ok(()))
    }

    /// The items that `module` imports, in its order.
    pub(super) fn resolve(&self, store: &Store, module: &Module) -> Result<Vec<Extern>> {
        module
            .imports()
            .enumerate()
            .map(|(index, import)| {
                let found = self.lookup(import.module, import.name).ok_or_else(|| unknown_import(&import))?;
                self.item(store, found, module.import_code(index))
            })
            .collect()
    }

    /// `code`: trampolines for a host function that has none yet.
    fn item(&self, store: &Store, definition: &Definition, code: Option<HostCode>) -> Result<Extern> {
        match definition {
            Definition::Extern(id, item) if *id == store.id() => Ok(item.clone()),
            Definition::Extern(..) => Err(super::func::wrong_store("linker item")),
            Definition::Host(host) => {
                self.check_engine(store.engine(), "store")?;
                Ok(Extern::Func(Func::adopt_host(store, host.make(&self.engine, code)?)))
            }
        }
    }

    fn lookup(&self, module: &str, name: &str) -> Option<&Definition> {
        self.definitions.get(module)?.get(name)
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition) -> Result<()> {
        if !self.shadowing && self.lookup(module, name).is_some() {
            return Err(Error::new(ErrorKind::Link, format!("import of `{module}::{name}` defined twice")));
        }
        self.definitions.entry(module.into()).or_default().insert(name.into(), definition);
        Ok(())
    }
}

impl HostDefinition {
    fn make(&self, engine: &Engine, code: Option<HostCode>) -> Result<Arc<HostFunc>> {
        if let Some(made) = self.made.get() {
            return Ok(made.clone());
        }
        let func = match &self.form {
            HostForm::Callback(body) => host_callback(engine, &self.ty, body.clone(), code)?,
            HostForm::Raw(body) => host_raw(engine, &self.ty, body.clone(), code)?,
            HostForm::Yield(id, keep) => host_yield(engine, &self.ty, *id, code, keep.clone())?,
        };
        Ok(self.made.get_or_init(|| func).clone())
    }
}

#[cold]
fn unknown_import(import: &ImportType<'_>) -> Error {
    let text = format!("unknown import: `{}::{}` has not been defined", import.module, import.name);
    Error::new(ErrorKind::Link, text)
}

fn is_command(module: &Module) -> bool {
    module.exports().any(|e| e.name == "_start" && matches!(e.ty, ExternType::Func(_)))
}

/// A module whose imports are known to be defined.
pub struct InstancePre {
    linker: Linker,
    module: Module,
}

impl InstancePre {
    pub fn instantiate(&self, store: &Store) -> Result<Instance> {
        self.linker.instantiate(store, &self.module)
    }

    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The definitions.
    pub fn linker(&self) -> &Linker {
        &self.linker
    }
}

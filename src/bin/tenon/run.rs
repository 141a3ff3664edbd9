//! `tenon run`.

use super::args::RunArgs;
use super::failure::{Failure, Result, to_stdout};
use super::{load, values};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tenon::base::{Error, ErrorKind, TrapCode};
use tenon::runtime::{Func, Instance, Linker, Module, Store, Val};
use tenon::wasi::{self, Perms};
use tenon::wasm::ExternType;

/// What host functions may need of the stack beyond what the guest is given.
const HOST_STACK: usize = 2 << 20;

/// How long a guest whose time is up may take to notice.
const GRACE: Duration = Duration::from_secs(2);

/// Most names that an error lists.
const MANY: usize = 20;

/// Runs the program and returns its status.
pub(crate) fn run(args: RunArgs) -> Result<u8> {
    let mut config = load::config(&args.settings, args.fuel.is_some());
    config.max_wasm_stack = args.max_stack;
    let module = load::module(config, &args.file)?;
    let store = Store::new(module.engine());
    wasi::attach(&store, Arc::new(world(&args)?.build()?));
    if module.engine().config().tunables.fuel {
        store.set_fuel(args.fuel.unwrap_or(u64::MAX))?;
    }
    let (sender, outcome) = channel();
    let (timeout, guests) = (args.timeout, store.clone());
    // A thread of its own, since the first thread's stack has the size that the shell gave it.
    std::thread::Builder::new()
        .stack_size(args.max_stack + HOST_STACK)
        .spawn(move || sender.send(Guest { store: guests, module, args }.run()))
        .map_err(|e| Failure::new(format!("failed to make a stack for the program: {e}")))?;
    watch(&store, timeout, &outcome)
}

/// Waits for the guest and stops it when its time is up.
fn watch(store: &Store, timeout: Option<Duration>, outcome: &Receiver<Result<u8>>) -> Result<u8> {
    let lost = |_| Failure::new("the guest's thread ended without a result");
    let Some(timeout) = timeout else { return outcome.recv().map_err(lost)? };
    let wait = |time| match outcome.recv_timeout(time) {
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(Err(lost(std::sync::mpsc::RecvError))),
        Ok(result) => Some(result),
    };
    if let Some(result) = wait(timeout) {
        return result;
    }
    let interrupt = store.interrupt_handle();
    let end = Instant::now() + GRACE;
    let late = Error::trap(TrapCode::Interrupt);
    // Code without epoch checks may be on its way through the host: see `Interrupt::trigger`.
    while Instant::now() < end {
        interrupt.trigger();
        if let Some(result) = wait(Duration::from_millis(5)) {
            return result;
        }
    }
    Err(Failure::stopped(format!("no answer {GRACE:?} after its time was up"), &late))
}

/// What the program gets to see.
fn world(args: &RunArgs) -> Result<wasi::Config> {
    let mut config = wasi::Config::new();
    let name = args.argv0.as_deref().or(args.file.file_name()).unwrap_or(OsStr::new(""));
    let program = std::iter::once(name).chain(args.args.iter().map(OsString::as_os_str));
    config.set_args(program.map(OsStr::as_bytes))?;
    config.set_env(variables(args)?.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())))?;
    config.stdin_inherit()?;
    config.stdout_inherit()?;
    config.stderr_inherit()?;
    for dir in &args.dirs {
        let perms = if dir.read_only { Perms::READ_ONLY } else { Perms::READ_WRITE };
        config.preopen_dir(&dir.host, &dir.guest, perms).map_err(|e| {
            let failure = Failure::new(e);
            let single = dir.host.to_string_lossy().contains(':');
            if single { failure.hint("names are separated by two colons: --dir HOST::GUEST") } else { failure }
        })?;
    }
    Ok(config)
}

/// Later ones win.
fn variables(args: &RunArgs) -> Result<Vec<(OsString, OsString)>> {
    let mut all: Vec<(OsString, OsString)> = Vec::new();
    if args.inherit_env {
        all.extend(std::env::vars_os());
    }
    for variable in &args.env {
        let name = OsString::from(&variable.name);
        let value = variable.value.clone().or_else(|| std::env::var_os(&name));
        let value = value.ok_or_else(|| {
            Failure::usage(format!("--env {}: there is no such variable here to hand on", variable.name))
        })?;
        all.retain(|(n, _)| *n != name);
        all.push((name, value));
    }
    Ok(all)
}

/// A module in its store, on its own thread.
struct Guest {
    store: Store,
    module: Module,
    args: RunArgs,
}

impl Guest {
    fn run(self) -> Result<u8> {
        match self.args.invoke.as_deref() {
            Some(name) => self.invoke(name),
            None => self.start(),
        }
    }

    /// Runs a program from its start.
    fn start(&self) -> Result<u8> {
        let entry = ["_start", ""].into_iter().find(|name| self.type_of(name).is_some());
        if entry.is_none() && self.module.info().start.is_none() {
            let message = format!("`{}` is no program: it exports no `_start`", self.args.file.display());
            return Err(Failure::usage(message).hint(format!("--invoke calls one of its functions: {}", self.functions())));
        }
        let outcome = self.instantiate().and_then(|instance| match entry {
            Some(name) => self.func(&instance, name)?.call(&self.store, &[], &mut []),
            None => Ok(()),
        });
        self.status(outcome)
    }

    /// Calls one function and prints what it returns, a value per line.
    fn invoke(&self, name: &str) -> Result<u8> {
        let Some(ExternType::Func(ty)) = self.type_of(name) else {
            let message = format!("`{}` exports no function `{name}`", self.args.file.display());
            return Err(Failure::usage(message).hint(format!("it exports {}", self.functions())));
        };
        let texts: Vec<String> = self.args.args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
        let arguments = values::arguments(name, &ty, &texts)?;
        let mut results = vec![Val::I32(0); ty.results.len()];
        let outcome = self.instantiate().and_then(|instance| {
            self.initialise(&instance, name)?;
            self.func(&instance, name)?.call(&self.store, &arguments, &mut results)
        });
        let done = outcome.is_ok();
        let status = self.status(outcome)?;
        if done {
            to_stdout(|out| results.iter().try_for_each(|value| writeln!(out, "{}", values::Shown(value))))?;
        }
        Ok(status)
    }

    fn instantiate(&self) -> std::result::Result<Instance, Error> {
        let mut linker = Linker::new(self.store.engine());
        wasi::add_to_linker(&mut linker)?;
        linker.instantiate(&self.store, &self.module)
    }

    /// A library (no `_start`) is made ready before its first call.
    fn initialise(&self, instance: &Instance, name: &str) -> std::result::Result<(), Error> {
        const INITIALISE: &str = "_initialize";
        if name == INITIALISE || self.type_of("_start").is_some() || self.type_of(INITIALISE).is_none() {
            return Ok(());
        }
        self.func(instance, INITIALISE)?.call(&self.store, &[], &mut [])
    }

    fn func(&self, instance: &Instance, name: &str) -> std::result::Result<Func, Error> {
        instance.func(&self.store, name).ok_or_else(|| Error::internal(format!("export `{name}` is lost")))
    }

    /// The type of an exported function.
    fn type_of(&self, name: &str) -> Option<ExternType> {
        self.module.exports().find(|e| e.name == name && matches!(e.ty, ExternType::Func(_))).map(|e| e.ty)
    }

    /// Names of exported functions, for messages.
    fn functions(&self) -> String {
        let all = self.module.exports().filter(|e| matches!(e.ty, ExternType::Func(_)));
        let mut names: Vec<String> = all.map(|e| format!("`{}`", e.name)).collect();
        let more = names.len().saturating_sub(MANY);
        names.truncate(MANY);
        match (names.is_empty(), more) {
            (true, _) => "no functions".to_owned(),
            (_, 0) => names.join(", "),
            _ => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// What became of the guest, as a status or a message.
    fn status(&self, outcome: std::result::Result<(), Error>) -> Result<u8> {
        let Err(error) = outcome else { return Ok(0) };
        if let Some(status) = error.exit_status().and_then(|s| u8::try_from(s).ok()) {
            return Ok(status);
        }
        Err(match (error.kind(), error.trap_code()) {
            (_, Some(TrapCode::OutOfFuel)) => {
                let given = self.args.fuel.unwrap_or_default();
                let consumed = given.saturating_sub(self.store.fuel().unwrap_or_default());
                Failure::stopped(format!("{error} ({consumed} of {given} units)"), &error)
            }
            (_, Some(TrapCode::Interrupt)) => {
                let time = self.args.timeout.unwrap_or_default();
                Failure::stopped(format!("{error} (timed out after {time:?})"), &error)
            }
            (ErrorKind::Link, _) => Failure::from(error).hint(
                "`tenon run` provides wasi_snapshot_preview1 and wasi_unstable, no other imports; `tenon inspect` lists what a module needs",
            ),
            _ => error.into(),
        })
    }
}

//! WASI configurations: what a guest is given.

use super::ffi::{CBool, CVec, Finalizer, c_text, guard, guard_some, slice, truth};
use super::wasm::bytes::wasm_byte_vec_t;
use crate::base::Result;
use crate::runtime::{Linker, Store};
use crate::wasi::{self, Config, OutputStream, Perms};
use std::ffi::{c_char, c_void};
use std::io;
use std::sync::Arc;

/// What a guest is given: arguments, environment, streams and directories. By default nothing.
pub struct wasi_config_t {
    config: Config,
}

impl wasi_config_t {
    pub(super) fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    /// Gives the store this configuration.
    pub(super) fn attach(self, store: &Store) -> Result<()> {
        wasi::attach(store, Arc::new(self.config.build()?));
        Ok(())
    }
}

/// Defines the functions of preview 1.
pub(super) fn define(linker: &mut Linker) -> Result<()> {
    wasi::add_to_linker(linker)
}

/// Runs a setter: true if it was done.
fn done(
    config: Option<&mut wasi_config_t>,
    apply: impl FnOnce(&mut Config) -> Result<()>,
) -> bool {
    guard_some(|| Some(apply(&mut config?.config).is_ok()))
}

/// Runs a setter that has no way to report a failure: what could not be set stays as it was.
fn tried(
    config: Option<&mut wasi_config_t>,
    apply: impl FnOnce(&mut Config) -> Result<()>,
) {
    done(config, apply);
}

/// `count` NUL-terminated texts.
///
/// # Safety
/// - Unless `count` is 0, `texts` is null or points to that many pointers, each null or to a terminated text that
///   lives unchanged for `'a`.
unsafe fn texts<'a>(texts: *mut *const c_char, count: usize) -> Result<Vec<&'a str>> {
    // SAFETY: the caller's promise.
    let pointers = unsafe { slice(texts.cast_const(), count)? };
    // SAFETY: the caller's promise.
    pointers.iter().map(|p| unsafe { c_text(*p, "text") }).collect()
}

/// A configuration that gives nothing, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_new() -> Option<Box<wasi_config_t>> {
    guard(|| Some(Box::new(wasi_config_t { config: Config::new() })))
}

/// Frees a configuration; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_delete(config: Option<Box<wasi_config_t>>) {
    guard(|| drop(config));
}

/// Sets the arguments, the program's name first; false if one is no UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_argv(
    config: Option<&mut wasi_config_t>,
    argc: usize,
    argv: *mut *const c_char,
) -> bool {
    // SAFETY: the caller gives `argc` terminated texts.
    done(config, |c| c.set_args(unsafe { texts(argv, argc)? }))
}

/// Gives the guest this process's arguments.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_inherit_argv(config: Option<&mut wasi_config_t>) {
    guard(|| config.map(|c| c.config.inherit_args()).unwrap_or_default());
}

/// Sets the environment; false if a name or a value is no UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_env(
    config: Option<&mut wasi_config_t>,
    envc: usize,
    names: *mut *const c_char,
    values: *mut *const c_char,
) -> bool {
    done(config, |c| {
        // SAFETY: the caller gives `envc` terminated texts in both.
        let (names, values) = unsafe { (texts(names, envc)?, texts(values, envc)?) };
        c.set_env(names.into_iter().zip(values))
    })
}

/// Gives the guest this process's environment.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_inherit_env(config: Option<&mut wasi_config_t>) {
    guard(|| config.map(|c| c.config.inherit_env()).unwrap_or_default());
}

/// Lets the guest read from a file, which must exist.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stdin_file(
    config: Option<&mut wasi_config_t>,
    path: *const c_char,
) -> bool {
    // SAFETY: NULL or NUL-terminated.
    done(config, |c| c.stdin_file(unsafe { c_text(path, "path")? }))
}

/// Lets the guest read these bytes, which move into the configuration.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_set_stdin_bytes(
    config: Option<&mut wasi_config_t>,
    binary: Option<&mut wasm_byte_vec_t>,
) {
    guard(|| {
        let bytes = binary.map(CVec::take).unwrap_or_default();
        config.map(|c| c.config.stdin_bytes(bytes)).unwrap_or_default();
    });
}

/// Gives the guest this process's standard input.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_inherit_stdin(config: Option<&mut wasi_config_t>) {
    tried(config, Config::stdin_inherit);
}

/// Lets the guest write to a file, which is created or emptied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stdout_file(
    config: Option<&mut wasi_config_t>,
    path: *const c_char,
) -> bool {
    // SAFETY: NULL or NUL-terminated.
    done(config, |c| c.stdout_file(unsafe { c_text(path, "path")? }))
}

/// Gives the guest this process's standard output.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_inherit_stdout(config: Option<&mut wasi_config_t>) {
    tried(config, Config::stdout_inherit);
}

/// An output whose bytes go to a C function.
struct Callback {
    write: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> isize,
    data: Finalizer,
}

impl OutputStream for Callback {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: function and data were given to be used together; the bytes live through the call.
        match unsafe { (self.write)(self.data.env(), bytes.as_ptr(), bytes.len()) } {
            taken if taken >= 0 => Ok(taken.unsigned_abs().min(bytes.len())),
            failed => Err(io::Error::from_raw_os_error(i32::try_from(-failed).unwrap_or(i32::MAX))),
        }
    }
}

/// A custom output; without a function, none.
fn output(
    callback: Option<unsafe extern "C" fn(*mut c_void, *const u8, usize) -> isize>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> Option<Box<dyn OutputStream>> {
    let data = Finalizer::new(data, finalizer);
    Some(Box::new(Callback { write: callback?, data }))
}

/// Hands what the guest writes to `callback`, which returns how many bytes it took or minus an OS error.
/// `finalizer`, if given, is called with `data` when the output is replaced or its owner is gone.
/// `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_set_stdout_custom(
    config: Option<&mut wasi_config_t>,
    callback: Option<unsafe extern "C" fn(*mut c_void, *const u8, usize) -> isize>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard_some(|| {
        let stream = output(callback, data, finalizer)?;
        config?.config.stdout_custom(stream);
        Some(())
    });
}

/// Lets the guest write errors to a file, which is created or emptied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stderr_file(
    config: Option<&mut wasi_config_t>,
    path: *const c_char,
) -> bool {
    // SAFETY: NULL or NUL-terminated.
    done(config, |c| c.stderr_file(unsafe { c_text(path, "path")? }))
}

/// Gives the guest this process's standard error output.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_inherit_stderr(config: Option<&mut wasi_config_t>) {
    tried(config, Config::stderr_inherit);
}

/// Hands the errors that the guest writes to `callback`; otherwise as `wasi_config_set_stdout_custom`.
/// `finalizer` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_set_stderr_custom(
    config: Option<&mut wasi_config_t>,
    callback: Option<unsafe extern "C" fn(*mut c_void, *const u8, usize) -> isize>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard_some(|| {
        let stream = output(callback, data, finalizer)?;
        config?.config.stderr_custom(stream);
        Some(())
    });
}

/// Gives the guest a directory under the name `guest_path`, to change as well if `fs_mutable`; false if it cannot
/// be opened, which is done at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_preopen_dir(
    config: Option<&mut wasi_config_t>,
    host_path: *const c_char,
    guest_path: *const c_char,
    fs_mutable: CBool,
) -> bool {
    done(config, |c| {
        // SAFETY: NULL or NUL-terminated.
        let (host, guest) = unsafe { (c_text(host_path, "host_path")?, c_text(guest_path, "guest_path")?) };
        c.preopen_dir(host, guest, if truth(fs_mutable) { Perms::READ_WRITE } else { Perms::READ_ONLY })
    })
}

/// Lets the guest use the network: preview 1 has no way to open a connection, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_inherit_network(config: Option<&mut wasi_config_t>) {
    let _ = config;
}

/// Lets the guest look up names in the network: preview 1 has no way to, so this changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_allow_ip_name_lookup(config: Option<&mut wasi_config_t>, enable: CBool) {
    let _ = (config, enable);
}

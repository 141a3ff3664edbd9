//! Configurations, engines and stores of `wasm.h`.

use super::super::ffi::{EnginePtr, Shelf, guard};
use super::super::wasmtime::store::wasmtime_context_t;
use crate::runtime::{Config, Engine};
use std::ptr;
use std::sync::Arc;

/// Settings for an engine; `wasmtime/config.h` has the functions that change them.
pub struct wasm_config_t {
    pub(in crate::capi) config: Config,
    /// Why no engine can be made of this.
    pub(in crate::capi) refused: Option<String>,
    /// An engine was made of this, or it was deleted.
    consumed: bool,
}

/// A second use of the same settings is refused: their memory stays for as long as anybody may still hold the pointer.
static CONFIGS: Shelf<wasm_config_t> = Shelf::new();

impl wasm_config_t {
    fn new(consumed: bool) -> wasm_config_t {
        wasm_config_t { config: Config::default(), refused: None, consumed }
    }

    /// The settings, once.
    fn consume(&mut self) -> Option<wasm_config_t> {
        if self.consumed {
            return None;
        }
        let settings = std::mem::replace(self, wasm_config_t::new(true));
        CONFIGS.rest(self);
        Some(settings)
    }
}

/// A compiler with everything that stores share. Usable from all threads; stores, modules and linkers keep it
/// alive.
pub struct wasm_engine_t {
    engine: Engine,
}

/// The owner of instances and their parts. One thread at a time; its objects keep it alive.
pub struct wasm_store_t {
    ctx: Arc<wasmtime_context_t>,
}

impl wasm_engine_t {
    pub(in crate::capi) fn boxed(engine: Engine) -> Option<Box<wasm_engine_t>> {
        Some(Box::new(wasm_engine_t { engine }))
    }

    pub(in crate::capi) fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl wasm_store_t {
    pub(in crate::capi) fn ctx(&self) -> &Arc<wasmtime_context_t> {
        &self.ctx
    }
}

/// Default settings, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_config_new() -> *mut wasm_config_t {
    guard(|| CONFIGS.put(wasm_config_t::new(false)))
}

/// Frees settings; NULL is ignored, and so are settings that are gone already.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_config_delete(config: Option<&mut wasm_config_t>) {
    guard(|| drop(config.and_then(wasm_config_t::consume)));
}

/// An engine with default settings, owned by the caller; NULL if this machine is not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_engine_new() -> Option<Box<wasm_engine_t>> {
    guard(|| wasm_engine_t::boxed(Engine::new(&Config::default()).ok()?))
}

/// An engine with these settings, which are consumed; NULL if they do not go together, need something that this
/// library does not have, or were consumed already.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_engine_new_with_config(config: Option<&mut wasm_config_t>) -> Option<Box<wasm_engine_t>> {
    guard(|| {
        let config = config?.consume()?;
        if config.refused.is_some() {
            return None;
        }
        wasm_engine_t::boxed(Engine::new(&config.config).ok()?)
    })
}

/// Frees the handle; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_engine_delete(engine: Option<Box<wasm_engine_t>>) {
    guard(|| drop(engine));
}

/// A store, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_store_new(engine: EnginePtr<'_>) -> Option<Box<wasm_store_t>> {
    guard(|| {
        let ctx = wasmtime_context_t::shared(engine?.engine(), ptr::null_mut(), None);
        Some(Box::new(wasm_store_t { ctx }))
    })
}

/// Frees the handle; objects of the store stay usable. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_store_delete(store: Option<Box<wasm_store_t>>) {
    guard(|| drop(store));
}

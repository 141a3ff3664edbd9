//! Settings of components, which are not supported: none changes anything.

use crate::capi::ffi::CBool;
use crate::capi::wasm::engine::wasm_config_t;

/// Whether engines have concurrency of components: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_concurrency_support_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

/// Whether engines have components: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_component_model_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

/// Whether engines have maps in components: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_component_model_map_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

/// Whether engines have asynchronous components: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_component_model_async_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

/// Whether engines have asynchronous components with stacks of their own: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_component_model_async_stackful_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

/// Whether engines have further functions of asynchronous components: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_component_model_more_async_builtins_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

/// Whether engines have `implements` in components: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_component_model_implements_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

/// Whether engines have canonical names in components: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_component_model_canonical_names_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

/// Whether engines have accessors in components: changes nothing, since components are not supported.
#[unsafe(no_mangle)]
pub extern "C" fn wasmtime_config_wasm_component_model_accessors_set(
    config: Option<&mut wasm_config_t>,
    enable: CBool,
) {
    let _ = (config, enable);
}

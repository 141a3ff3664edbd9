//! `tenon compile`, `tenon validate`, `tenon wat2wasm`.

use super::args::{CompileArgs, ValidateArgs, Wat2wasmArgs};
use super::failure::{Failure, Result, to_stdout};
use super::load;
use tenon::runtime::Engine;
use tenon::wasm;

pub(crate) fn compile(args: &CompileArgs) -> Result<()> {
    let engine = Engine::new(&load::config(&args.settings, args.fuel))?;
    let module = load::compile(&engine, &args.file, load::read(&args.file)?)?;
    load::write(args.output.as_deref(), &args.file, "cwasm", &module.serialize())
}

/// Checks all files and fails if one is bad.
pub(crate) fn validate(args: &ValidateArgs) -> Result<()> {
    let features = load::features(&args.proposals);
    let mut bad = 0;
    for file in &args.files {
        let checked = load::read(file).and_then(|bytes| {
            let wasm = load::binary(file, bytes)?;
            wasm::validate(&wasm, &features).map_err(|e| load::about(file, &e))
        });
        match checked {
            Ok(()) => to_stdout(|out| writeln!(out, "{}: valid", file.display()))?,
            Err(failure) => {
                failure.report();
                bad += 1;
            }
        }
    }
    match bad {
        0 => Ok(()),
        _ => Err(Failure::new(format!("{bad} of {} not valid", args.files.len()))),
    }
}

pub(crate) fn wat2wasm(args: &Wat2wasmArgs) -> Result<()> {
    let wasm = load::binary(&args.file, load::read(&args.file)?)?;
    load::write(args.output.as_deref(), &args.file, "wasm", &wasm)
}

//! Files to bytes, bytes to modules.

use super::args::{Proposals, Settings};
use super::failure::{Failure, Result};
use super::progress::Meter;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tenon::base::ErrorKind;
use tenon::runtime::{Config, Engine, Module};
use tenon::wasm::{Features, Proposal, text};

/// Settings that this program and its compiled files have in common, whatever way it was built.
pub(crate) fn config(settings: &Settings, fuel: bool) -> Config {
    let mut config = Config::new();
    config.features = features(&settings.proposals);
    config.tunables.opt_level = settings.optimise;
    config.tunables.fuel = fuel;
    config.tunables.verify_ir = false;
    config
}

pub(crate) fn features(wanted: &Proposals) -> Features {
    let mut features = Features::default();
    for (names, on) in [(&wanted.enable, true), (&wanted.disable, false)] {
        for &proposal in Proposal::ALL.iter().filter(|p| names.iter().any(|n| n == p.name())) {
            features.set(proposal, on);
        }
    }
    features
}

fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The file's contents; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let outcome = match is_standard(path) {
        true => io::stdin().lock().read_to_end(&mut bytes).map(drop),
        false => std::fs::read(path).map(|read| bytes = read),
    };
    outcome.map_err(|e| Failure::new(format!("failed to read `{}`: {e}", path.display())))?;
    Ok(bytes)
}

/// A binary module from binary or text.
pub(crate) fn binary(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>> {
    if bytes.starts_with(b"\0asm") {
        return Ok(bytes);
    }
    if Module::is_serialized(&bytes) {
        let message = format!("`{}` is compiled already: expected a module in binary or text", path.display());
        return Err(Failure::new(message));
    }
    if bytes.contains(&0) || core::str::from_utf8(&bytes).is_err() {
        let message = format!("`{}` is no module: neither binary nor text nor compiled by tenon", path.display());
        return Err(Failure::new(message));
    }
    text::parse_file(path, &bytes).map_err(|e| about(path, &e))
}

/// The file as a module that can be run, with an engine that fits it.
pub(crate) fn module(config: Config, path: &Path) -> Result<Module> {
    let bytes = read(path)?;
    if !Module::is_serialized(&bytes) {
        return compile(&Engine::new(&config)?, path, bytes);
    }
    let wants_fuel = config.tunables.fuel;
    let module = compiled(config, path, &bytes)?;
    if wants_fuel && !module.engine().config().tunables.fuel {
        let failure = Failure::new(format!("`{}` was compiled without counting fuel", path.display()));
        return Err(failure.hint("`tenon compile --fuel` makes it anew"));
    }
    Ok(module)
}

/// A compiled module, with an engine that has the settings it was compiled with.
pub(crate) fn compiled(mut config: Config, path: &Path, bytes: &[u8]) -> Result<Module> {
    let mut load = || {
        config.tunables = Module::serialized_tunables(bytes)?;
        Module::deserialize(&Engine::new(&config)?, bytes)
    };
    load().map_err(|e| {
        about(path, &e).hint("compiled modules are for one machine and one version of tenon: `tenon compile` makes it anew")
    })
}

/// Compiles binary or text, showing progress.
pub(crate) fn compile(engine: &Engine, path: &Path, bytes: Vec<u8>) -> Result<Module> {
    let wasm = binary(path, bytes)?;
    let meter = Meter::new();
    Module::new_watched(engine, &wasm, &|done, total| meter.tell(done, total)).map_err(|e| about(path, &e))
}

/// The error with the file's name in front. Messages of the text format name it themselves.
pub(crate) fn about(path: &Path, e: &tenon::base::Error) -> Failure {
    if e.kind() == ErrorKind::Unsupported {
        let failure = Failure::new(format!("`{}`: {e}", path.display()));
        return failure.hint("--enable PROPOSAL allows more, where this library has it");
    }
    Failure::new(format!("`{}`: {e}", path.display()))
}

/// Writes to `to`, else to `path` with another extension; `-` is standard output.
pub(crate) fn write(to: Option<&Path>, path: &Path, extension: &str, bytes: &[u8]) -> Result<()> {
    let to = match to {
        Some(to) => to.to_owned(),
        None if is_standard(path) => PathBuf::from("-"),
        None => path.with_extension(extension),
    };
    if !is_standard(&to) {
        return std::fs::write(&to, bytes).map_err(|e| Failure::new(format!("failed to write `{}`: {e}", to.display())));
    }
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|e| Failure::new(format!("failed to write to stdout: {e}")))
}

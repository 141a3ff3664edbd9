//! `tenon`: runs WebAssembly programs from the command line, and compiles, checks, translates and shows modules.
//!
//! Built on the library's public interface alone; see `args` for what can be asked for.
#![forbid(unsafe_code)]

mod args;
mod build;
mod failure;
mod inspect;
mod load;
mod parse;
mod progress;
mod run;
mod values;

use args::{Cli, Command};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(args) => run::run(args),
        Command::Compile(args) => build::compile(&args).map(|()| 0),
        Command::Validate(args) => build::validate(&args).map(|()| 0),
        Command::Wat2wasm(args) => build::wat2wasm(&args).map(|()| 0),
        Command::Inspect(args) => inspect::inspect(&args).map(|()| 0),
    };
    ExitCode::from(outcome.unwrap_or_else(Failure::report))
}

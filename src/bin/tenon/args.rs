//! What can be asked for on the command line, with the help texts.

use super::parse::{self, Mapping, Variable};
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use tenon::wasm::Proposal;

const EXAMPLES: &str = "Examples:
  tenon run hello.wasm                         run a program
  tenon run --dir . --env TZ=UTC tool.wasm in  let it see this directory
  tenon run --invoke add math.wat 1 2          call one function
  tenon compile big.wasm                       compile once, to big.cwasm
  tenon run big.cwasm                          start at once

`tenon help <COMMAND>` says more about each command.";

const RUN_MORE: &str = "A program sees nothing of this machine but its arguments, the standard streams,
clocks and random numbers, unless --dir and --env give it more. No path, and no
symbolic link, leads out of a directory that --dir gives.

Exit status:
  of the program  it ended by itself: what it says, 0 if it says nothing
  1               the module cannot be read, compiled or linked, or a directory
                  cannot be opened
  2               the command line is wrong: an option, an argument of --invoke,
                  a function that does not exist
  134             the program was stopped, by a trap, --timeout or --fuel;
                  message and trace are on stderr

A program whose output nobody reads gets the error number `pipe` from its next
write. Ctrl-C ends it at once.

Examples:
  tenon run --dir data::/data:ro --dir out::/out convert.wasm /data/a /out/b
  tenon run --timeout 2s --fuel 1000000000 untrusted.wasm <input
  tenon run --invoke fac lib.wat 5";

/// Run WebAssembly programs, and compile, check, translate and show modules.
#[derive(Parser)]
#[command(name = "tenon", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a program (WASI preview 1), or call one function of a module
    #[command(after_help = RUN_MORE)]
    Run(RunArgs),
    /// Compile a module ahead of time, for `tenon run` on this machine
    Compile(CompileArgs),
    /// Check modules without running them
    Validate(ValidateArgs),
    /// Translate the text format to binary
    Wat2wasm(Wat2wasmArgs),
    /// Show a module's sections, imports and exports
    Inspect(InspectArgs),
}

#[derive(Args)]
pub(crate) struct RunArgs {
    /// Let the program use directory HOST as GUEST; `:ro`: read only
    #[arg(long = "dir", value_name = "HOST[::GUEST[:ro]]", value_parser = parse::mapping)]
    pub(crate) dirs: Vec<Mapping>,
    /// Set a variable; NAME alone takes the value it has here
    #[arg(long = "env", value_name = "NAME[=VALUE]", value_parser = parse::variable)]
    pub(crate) env: Vec<Variable>,
    /// Hand on all variables; --env goes on top
    #[arg(long)]
    pub(crate) inherit_env: bool,
    /// Call this export with ARGS and print its results
    #[arg(long, value_name = "FUNCTION")]
    pub(crate) invoke: Option<String>,
    /// Stop after this much work: about one unit per instruction
    #[arg(long, value_name = "UNITS", value_parser = parse::fuel)]
    pub(crate) fuel: Option<u64>,
    /// Stop after this time: `500ms`, `10s`, `2m`
    #[arg(long, value_name = "TIME", value_parser = parse::duration)]
    pub(crate) timeout: Option<Duration>,
    /// Stack for the program's calls: `512K`, `64M`
    #[arg(long, value_name = "SIZE", default_value = "8M", value_parser = parse::size)]
    pub(crate) max_stack: usize,
    /// The program's own name [default: the file's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) argv0: Option<OsString>,
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// The module: binary, text or compiled, told apart by content
    pub(crate) file: PathBuf,
    /// For the program, or for the function of --invoke
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct CompileArgs {
    /// Where to write; `-` is stdout [default: FILE with .cwasm]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Count work, for `tenon run --fuel`
    #[arg(long)]
    pub(crate) fuel: bool,
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// The module: binary or text; `-` is stdin
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) proposals: Proposals,
    /// Modules: binary or text; `-` is stdin
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Wat2wasmArgs {
    /// Where to write; `-` is stdout [default: FILE with .wasm]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The text; `-` is stdin
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) proposals: Proposals,
    /// The module: binary, text or compiled; `-` is stdin
    pub(crate) file: PathBuf,
}

/// What decides about machine code; a compiled module has these in it.
#[derive(Args, Clone)]
pub(crate) struct Settings {
    /// Optimise: 0 not at all, 1 for speed, 2 for speed and size
    #[arg(short = 'O', value_name = "LEVEL", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub(crate) optimise: u8,
    #[command(flatten)]
    pub(crate) proposals: Proposals,
}

fn proposals() -> PossibleValuesParser {
    PossibleValuesParser::new(Proposal::ALL.iter().map(|p| p.name()))
}

#[derive(Args, Clone)]
pub(crate) struct Proposals {
    /// Allow a proposal that is off by default
    #[arg(long, value_name = "PROPOSAL", value_parser = proposals(), hide_possible_values = true)]
    pub(crate) enable: Vec<String>,
    /// Refuse a proposal that is on by default
    #[arg(long, value_name = "PROPOSAL", value_parser = proposals(), hide_possible_values = true)]
    pub(crate) disable: Vec<String>,
}

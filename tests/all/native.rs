//! Building and running C and Go programs against the library that this test run has built.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The directory with the `libtenon.so` under test: Cargo puts it beside this program.
pub fn library_dir() -> PathBuf {
    let program = std::env::current_exe().expect("this program has a path");
    let dir = program.parent().expect("a directory").to_owned();
    assert!(dir.join("libtenon.so").exists(), "no libtenon.so in {}", dir.display());
    dir
}

/// Cargo's directory for everything that is built.
pub fn target_dir() -> PathBuf {
    library_dir().ancestors().nth(2).expect("target/<profile>/deps").to_owned()
}

/// A fresh directory of this test run.
pub fn scratch(name: &str) -> PathBuf {
    let dir = target_dir().join("test-scratch").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a scratch directory");
    dir
}

/// The command of a tool, fetched if the machine lacks it.
pub fn tool(name: &str) -> Vec<String> {
    let output = Command::new(root().join("tests/setup/tool.sh")).arg(name).output().expect("tool.sh runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect()
}

pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Compiles a C program and links it with the library.
pub fn compile_c(source: &Path, program: &Path) {
    let cc = tool("cc");
    let dir = library_dir();
    run(Command::new(&cc[0])
        .args(&cc[1..])
        .args(["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(root().join("include"))
        .arg("-o")
        .arg(program)
        .arg(source)
        .arg("-L")
        .arg(&dir)
        .args(["-ltenon", "-lpthread"])
        .arg(format!("-Wl,-rpath,{}", dir.display())));
}

/// A program that [`compile_c`] made. Cargo's own search path may name another, older library.
pub fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env("LD_LIBRARY_PATH", library_dir());
    command
}

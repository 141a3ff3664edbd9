//! The programs in README.md are real: they are taken from it, built and run.

use crate::native::{compile_c, library_dir, program, root, run, scratch, target_dir, tool};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fenced blocks of a document in this language, in order.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(document)).expect(document);
    let mut found = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(l)) if l == language => open = Some(String::new()),
            (Some(block), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            _ => {}
        }
    }
    found
}

/// The only program in this language; short enough to be a hello.
fn hello(language: &str) -> String {
    let program = only("README.md", language);
    assert!(program.lines().count() <= 25, "the {language} hello has {} lines", program.lines().count());
    program
}

/// The only program of a document in this language.
fn only(document: &str, language: &str) -> String {
    let mut blocks = blocks(document, language);
    assert_eq!(blocks.len(), 1, "{document} has {} {language} programs", blocks.len());
    blocks.remove(0)
}

/// Writes the program in this language that stands in the guide to a fresh directory.
fn in_guide(language: &str, file: &str) -> PathBuf {
    let dir = scratch(&format!("guide-{language}"));
    std::fs::write(dir.join(file), only("c-examples/LANGUAGES.md", language)).expect("a source file");
    dir
}

/// Whether a tool is there; says so if not.
fn has(tool: &str) -> bool {
    let there = Command::new(tool).arg("--version").output().is_ok_and(|o| o.status.success());
    if !there {
        eprintln!("skipped: no {tool}");
    }
    there
}

fn link_arguments() -> Vec<String> {
    let dir = library_dir();
    vec![format!("-L{}", dir.display()), "-ltenon".into(), format!("-Wl,-rpath,{}", dir.display())]
}

#[test]
fn the_cpp_hello_says_hello() {
    if !has("c++") {
        return;
    }
    let dir = in_guide("cpp", "hello.cpp");
    run(Command::new("c++")
        .args(["-std=c++17", "-Wall", "-Wextra", "-Werror", "-o", "hello", "hello.cpp"])
        .arg(format!("-I{}", root().join("include").display()))
        .args(link_arguments())
        .current_dir(&dir));
    let output = run(&mut program(&dir.join("hello")));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "6 * 7 = 42\n");
}

#[test]
fn the_python_hello_says_hello() {
    if !has("python3") {
        return;
    }
    let dir = in_guide("python", "hello.py");
    let output = run(program(Path::new("python3")).arg(dir.join("hello.py")));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "6 * 7 = 42\n");
}

/// Against the crate that this test run has built, without Cargo.
#[test]
fn the_rust_hello_says_hello() {
    if !has("rustc") {
        return;
    }
    let (dir, libs) = (in_guide("rust", "hello.rs"), library_dir());
    let mut crate_file = std::ffi::OsString::from("tenon=");
    crate_file.push(libs.join("libtenon.rlib"));
    run(Command::new("rustc")
        .args(["--edition", "2024", "hello.rs", "--extern"])
        .arg(crate_file)
        .arg("-L")
        .arg(format!("dependency={}", libs.display()))
        .current_dir(&dir));
    let output = run(&mut program(&dir.join("hello")));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "6 * 7 = 42\n");
}

#[test]
fn the_zig_hello_says_hello() {
    let (dir, zig) = (in_guide("zig", "hello.zig"), tool("zig"));
    run(Command::new(&zig[0])
        .args(["build-exe", "hello.zig", "-lc"])
        .args(&link_arguments()[..2])
        .env_remove("LD_LIBRARY_PATH")
        .current_dir(&dir));
    let output = run(&mut program(&dir.join("hello")));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "6 * 7 = 42\n");
}

#[test]
fn the_c_hello_says_hello() {
    let dir = scratch("readme-c");
    std::fs::write(dir.join("hello.c"), hello("c")).expect("a source file");
    compile_c(&dir.join("hello.c"), &dir.join("hello"));
    let output = run(&mut program(&dir.join("hello")));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "6 * 7 = 42\n");
}

#[test]
fn the_go_hello_says_hello() {
    // The bindings link with the release library of the clone.
    let release = target_dir().join("release/libtenon.so");
    assert!(release.exists(), "the Go bindings need `make lib` first");
    let bindings = root().join("go-bindings");
    let module = std::fs::read_to_string(bindings.join("go.mod")).expect("go.mod");
    let line = |word: &str| module.lines().find_map(|l| l.strip_prefix(word)).expect("module and go lines").trim();
    let (path, version) = (line("module "), line("go "));
    let dir = scratch("readme-go");
    std::fs::write(dir.join("main.go"), hello("go")).expect("a source file");
    let manifest = format!(
        "module hello\n\ngo {version}\n\nrequire {path} v0.0.0\n\nreplace {path} => {}\n",
        bindings.display()
    );
    std::fs::write(dir.join("go.mod"), manifest).expect("a manifest");
    let go = tool("go");
    let output = run(Command::new(&go[0]).args(["run", "."]).current_dir(&dir).env_remove("LD_LIBRARY_PATH"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "6 * 7 = 42\n");
}

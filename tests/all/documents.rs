//! The programs in README.md are real: they are taken from it, built and run.

use crate::native::{compile_c, program, root, run, scratch, target_dir, tool};
use std::process::Command;

/// Fenced blocks of `README.md` in this language, in order.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("README.md")).expect("README.md");
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
    let blocks = blocks(language);
    let [program] = blocks.as_slice() else { panic!("README.md has {} {language} programs", blocks.len()) };
    assert!(program.lines().count() <= 25, "the {language} hello has {} lines", program.lines().count());
    program.clone()
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

//! The command-line program. Each `tests/golden/cli/*.session` is a list of shell lines, each with what it prints (both
//! streams) and, if that is not 0, its status; `BLESS=1` rewrites them. The modules beside them are what they use.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const TENON: &str = env!("CARGO_BIN_EXE_tenon");

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cli")
}

/// A directory with the modules in it; goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("tenon-cli-test-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a scratch directory");
        for entry in fs::read_dir(golden()).expect("the sessions").flatten() {
            if entry.path().extension().is_some_and(|e| e == "wat") {
                fs::copy(entry.path(), path.join(entry.file_name())).expect("a copy");
            }
        }
        Scratch(path)
    }

    /// Runs a line by the shell and renders what came out.
    fn shell(&self, line: &str) -> String {
        let bin = Path::new(TENON).parent().expect("a directory").display();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec 2>&1; {line}")).current_dir(&self.0).stdin(Stdio::null());
        shell.env("PATH", format!("{bin}:{path}")).env("LC_ALL", "C").env_remove("COLUMNS");
        let output = shell.output().expect("a shell");
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str("<no newline>\n");
        }
        match output.status.code() {
            Some(0) => {}
            Some(status) => text.push_str(&format!("=> {status}\n")),
            None => text.push_str(&format!("=> {}\n", output.status)),
        }
        text
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
fn session(name: &str) {
    let file = golden().join(name).with_extension("session");
    let expected = fs::read_to_string(&file).expect("the session");
    let scratch = Scratch::new(name);
    let mut found = String::new();
    for line in expected.lines().filter_map(|l| l.strip_prefix("$ ")) {
        found.push_str(&format!("$ {line}\n{}", scratch.shell(line)));
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &found).expect("the session can be written");
        return;
    }
    for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(expected, found, "{}:{}: BLESS=1 takes what is found", file.display(), number + 1);
    }
    assert_eq!(expected.lines().count(), found.lines().count(), "{}", file.display());
}

#[test]
fn running_programs() {
    session("run");
}

#[test]
fn invoking_functions() {
    session("invoke");
}

#[test]
fn stopping_guests() {
    session("limits");
}

#[test]
fn compiling_validating_translating() {
    session("build");
}

#[test]
fn inspecting_modules() {
    session("inspect");
}

#[test]
fn bad_command_lines_and_help() {
    session("usage");
}

/// Sixty thousand functions take longer than the program waits before it shows anything.
fn large_module(scratch: &Scratch) {
    let body = "(func (param i32) (result i32) (i32.mul (i32.add (local.get 0) (i32.const 3)) (local.get 0)))\n";
    fs::write(scratch.0.join("large.wat"), format!("(module\n{})", body.repeat(60_000))).expect("a file");
}

/// What the terminal sees while `command` runs on one of its own.
fn on_a_terminal(scratch: &Scratch, command: &[&str]) -> String {
    let script = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let mut python = Command::new("python3");
    python.args(["-c", script]).args(command).current_dir(&scratch.0).stdin(Stdio::null());
    // One thread is slow enough on any machine.
    python.envs([("TERM", "xterm"), ("RAYON_NUM_THREADS", "1")]);
    let output = python.output().expect("python3");
    assert!(output.status.success(), "{:?}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_long_compilation_is_shown_on_a_terminal_only() {
    let scratch = Scratch::new("progress");
    large_module(&scratch);
    let shown = on_a_terminal(&scratch, &[TENON, "compile", "large.wat"]);
    assert!(shown.contains("compiling [") && shown.contains("/60000 functions"), "{shown:?}");
    assert_eq!(scratch.shell("tenon compile large.wat"), "");
    let quick = on_a_terminal(&scratch, &[TENON, "compile", "lib.wat"]);
    assert!(!quick.contains("functions"), "{quick:?}");
}

#[test]
fn a_timeout_does_not_wait_for_the_guest_to_agree() {
    let scratch = Scratch::new("timeout");
    let began = Instant::now();
    // It reads from a pipe that stays open and empty.
    let mut child = Command::new(TENON)
        .args(["run", "--timeout", "100ms", "cat.wat"])
        .current_dir(&scratch.0)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("tenon");
    let _held_open = child.stdin.take();
    let status = child.wait().expect("an end");
    assert_eq!(status.code(), Some(134));
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_signal_ends_the_guest_as_it_ends_any_program() {
    use std::os::unix::process::ExitStatusExt;
    const SIGINT: i32 = 2;
    let scratch = Scratch::new("signal");
    for args in [&["run", "wait.wat"][..], &["run", "--invoke", "spin", "wait.wat"]] {
        // Whoever runs the tests in the background has the signal ignored, and children inherit that.
        let mut child = Command::new("env")
            .args(["--default-signal=INT", TENON])
            .args(args)
            .current_dir(&scratch.0)
            .spawn()
            .expect("tenon");
        std::thread::sleep(Duration::from_millis(300));
        let kill = Command::new("kill").arg("-INT").arg(child.id().to_string()).status();
        assert!(kill.expect("kill").success());
        assert_eq!(child.wait().expect("an end").signal(), Some(SIGINT), "{args:?}");
    }
}

#[test]
fn what_is_written_comes_out_before_the_guest_is_stopped() {
    let scratch = Scratch::new("stopped");
    let mut child = Command::new(TENON)
        .args(["run", "--timeout", "500ms", "cat.wat"])
        .current_dir(&scratch.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tenon");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(b"early").expect("the guest reads");
    let output = child.wait_with_output().expect("an end");
    drop(input);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(134), b"early".as_slice()));
    assert!(String::from_utf8_lossy(&output.stderr).contains("timed out after 500ms"));
}

#[test]
fn the_library_brings_nothing_of_the_program_along() {
    let dir = Path::new(TENON).parent().expect("a directory");
    let built: Vec<PathBuf> = ["libtenon.so", "deps/libtenon.so"].iter().map(|n| dir.join(n)).filter(|p| p.exists()).collect();
    assert!(!built.is_empty(), "no libtenon.so below {}", dir.display());
    for lib in built {
        let bytes = fs::read(&lib).expect("a readable library");
        for name in ["clap_builder", "indicatif"] {
            assert!(!bytes.windows(name.len()).any(|w| w == name.as_bytes()), "{name} is in {}", lib.display());
        }
    }
}

//! Whole texts about bad input, which clients compare: `tests/data/*_messages.tsv` hold what libwasmtime 50.0.1 says.

use crate::native::{compile_c, program, root, scratch};
use std::io::Write;
use std::process::Stdio;

/// What the library says about each input, a line per input.
fn answers(name: &str, inputs: &str) -> Vec<String> {
    let dir = scratch(name);
    compile_c(&root().join("tests/data/messages.c"), &dir.join("messages"));
    let mut child = program(&dir.join("messages"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("a pipe").write_all(inputs.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

fn rows(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("tests/data").join(name)).expect("a table of facts");
    text.lines().skip(1).map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

fn compare(cases: &[(String, String)], answers: &[String]) {
    assert_eq!(cases.len(), answers.len());
    let differ: Vec<String> = cases
        .iter()
        .zip(answers)
        .filter(|((_, expected), found)| expected != *found)
        .map(|((case, expected), found)| format!("{case}:\n  expected {expected}\n  found    {found}"))
        .collect();
    assert!(differ.is_empty(), "{} of {} differ:\n{}", differ.len(), cases.len(), differ.join("\n"));
}

#[test]
fn bad_modules_get_the_texts_that_clients_know() {
    let rows = rows("module_messages.tsv");
    assert!(rows.len() >= 40, "{} rows", rows.len());
    let inputs: String = rows.iter().map(|r| format!("m{}\n", r[1])).collect();
    let cases: Vec<_> = rows.iter().map(|r| (r[0].clone(), format!("|{}||{}|", r[2], r[3]))).collect();
    compare(&cases, &answers("messages-modules", &inputs));
}

#[test]
fn bad_text_gets_the_messages_that_clients_know() {
    let rows = rows("text_messages.tsv");
    assert!(rows.len() >= 20, "{} rows", rows.len());
    let hex = |text: &str| -> String {
        let raw = text.replace("\\\\", "\0").replace("\\n", "\n").replace('\0', "\\");
        raw.bytes().map(|b| format!("{b:02x}")).collect()
    };
    let inputs: String = rows.iter().map(|r| format!("t{}\n", hex(&r[0]))).collect();
    let cases: Vec<_> = rows.iter().map(|r| (r[0].clone(), format!("|{}|", r[1]))).collect();
    compare(&cases, &answers("messages-texts", &inputs));
}

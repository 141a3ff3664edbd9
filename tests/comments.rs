//! Every function of the headers says what it does, who owns what comes out, and what NULL means where NULL may come in.
//!
//! What may be NULL and what is handed over, `tests/data/symbols.tsv` tells in its column `pass`. The rules here are about
//! words, so they find comments that forgot to say it, not comments that are wrong. An error that a function returns is
//! owned by whoever receives it, as `wasmtime/error.h` says once for all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn headers(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            headers(&path, found);
        } else if path.extension().is_some_and(|e| e == "h") {
            found.push(path);
        }
    }
}

/// Comment by function, lines joined.
fn comments() -> BTreeMap<String, String> {
    let (mut files, mut found) = (Vec::new(), BTreeMap::new());
    headers(&root().join("include"), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).expect("a header");
        let mut comment = String::new();
        for line in text.lines() {
            if let Some(more) = line.strip_prefix("//") {
                comment.push_str(more);
                continue;
            }
            if line.starts_with("WASM_API_EXTERN ") || line.starts_with("WASI_API_EXTERN ") {
                let before = line.split('(').next().unwrap_or_default();
                let name = before.rsplit([' ', '*']).next().unwrap_or_default();
                found.insert(name.to_owned(), comment.trim().to_owned());
            }
            comment.clear();
        }
    }
    found
}

/// How each function passes its result and arguments: `ret=own?;a0=ref`.
fn passing() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("tests/data/symbols.tsv")).expect("the facts");
    let row = |l: &str| {
        let columns: Vec<&str> = l.split('\t').collect();
        (columns[0].to_owned(), columns[4].to_owned())
    };
    text.lines().skip(1).map(row).collect()
}

fn fail_if_any(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}: {}\n  {}", faults.len(), faults.join("\n  "));
}

#[test]
fn every_function_has_a_comment() {
    let all = comments();
    assert!(all.len() >= 772, "{} functions", all.len());
    let bare: Vec<String> = all.iter().filter(|(_, c)| c.len() < 12 || !c.ends_with('.')).map(|(n, _)| n.clone()).collect();
    fail_if_any(&bare, "functions without a sentence about them");
}

#[test]
fn what_comes_out_owned_says_so() {
    let words = ["own", "free", "consum", "delete"];
    let passing = passing();
    let silent: Vec<String> = comments()
        .into_iter()
        .filter(|(name, _)| {
            let pass = passing.get(name).map_or("", String::as_str);
            pass.split(';').any(|p| matches!(p, "ret=own" | "ret=own?"))
        })
        .filter(|(_, comment)| !words.iter().any(|w| comment.to_lowercase().contains(w)))
        .map(|(name, comment)| format!("{name}: {comment}"))
        .collect();
    fail_if_any(&silent, "functions that do not say who owns their result");
}

#[test]
fn where_null_may_come_in_or_out_it_is_spoken_of() {
    let passing = passing();
    let silent: Vec<String> = comments()
        .into_iter()
        .filter(|(name, _)| {
            let pass = passing.get(name).map_or("", String::as_str);
            pass.split(';').any(|p| p.ends_with('?') && p != "ret=err?")
        })
        .filter(|(_, comment)| !comment.contains("NULL"))
        .map(|(name, comment)| format!("{name}: {comment}"))
        .collect();
    fail_if_any(&silent, "functions that do not speak of NULL");
}

//! Lists of known failures: a listed test may fail, but one that passes has to be taken off the list.

use std::collections::BTreeSet;
use std::path::Path;

/// Failures that `tests/known/<name>.failures` lists, one `suite/file:line` each; `#` starts a comment. A list
/// that does not exist is empty.
pub fn failures(name: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/known").join(format!("{name}.failures"));
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let entry = |line: &str| line.split('#').next().unwrap_or("").trim().to_owned();
    text.lines().map(entry).filter(|line| !line.is_empty()).collect()
}

//! Damage to modules as text.

use crate::differential::Rng;
use std::path::PathBuf;

/// Words that the format knows, and numbers that are hard on it.
const WORDS: [&str; 34] = [
    "(", ")", "(module", "(func", "(param", "(result", "(local", "(type", "(rec", "(sub", "(struct", "(array", "(table", "(memory",
    "(elem", "(data", "(import", "(export", "(ref null", "i32", "i64", "f32.const", "v128", "nan:0x0", "-0x1p-1074", "0xffffffffffffffff",
    "4294967296", "-1", "$a", "\"\\ff\"", "(;", ";;", "block", "end",
];

/// The texts of this repository: each shows something else.
pub fn texts() -> Vec<String> {
    let root = crate::campaign::root();
    let mut found: Vec<PathBuf> = ["c-examples", "tests/golden/code", "tests/golden/trap"]
        .iter()
        .filter_map(|dir| std::fs::read_dir(root.join(dir)).ok())
        .flat_map(|entries| entries.flatten().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "wat"))
        .collect();
    found.sort();
    let texts: Vec<String> = found.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    assert!(texts.len() > 20, "only {} texts were found", texts.len());
    texts
}

pub fn mutate(texts: &[String], rng: &mut Rng) -> Vec<u8> {
    let text = rng.pick(texts);
    let mut words: Vec<&str> = text.split_inclusive([' ', '\n', ')']).collect();
    for _ in 0..=rng.below(4) {
        let at = rng.below(words.len() as u64) as usize;
        let len = (1 + rng.below(12) as usize).min(words.len() - at);
        match rng.below(6) {
            0 => _ = words.drain(at..at + len),
            1 => words[at] = *rng.pick(&WORDS),
            2 => words.insert(at, *rng.pick(&WORDS)),
            3 => words.splice(at..at, words[at..at + len].to_vec()).for_each(drop),
            4 => {
                let other = rng.below(words.len() as u64) as usize;
                words.swap(at, other);
            }
            _ => {
                let foreign: Vec<&str> = rng.pick(texts).split_inclusive([' ', '\n', ')']).collect();
                let from = rng.below(foreign.len() as u64) as usize;
                words.splice(at..at, foreign[from..(from + len).min(foreign.len())].iter().copied()).for_each(drop);
            }
        }
        if words.is_empty() {
            words.push("(");
        }
    }
    let mut bytes = words.concat().into_bytes();
    if rng.chance(25) && !bytes.is_empty() {
        let at = rng.below(bytes.len() as u64) as usize;
        if rng.chance(50) { bytes.truncate(at) } else { bytes[at] = rng.next() as u8 }
    }
    bytes
}

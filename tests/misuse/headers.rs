//! What the headers say: each function with its parameters and its comment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub struct Parameter {
    /// As written, without the name: `const wasm_engine_t *`.
    pub ty: String,
    pub name: String,
}

pub struct Function {
    pub name: String,
    /// As C includes it.
    pub header: String,
    pub returns: String,
    pub parameters: Vec<Parameter>,
    /// The comment above it, on one line.
    pub comment: String,
}

impl Parameter {
    /// `const wasm_engine_t *` is one of a `wasm_engine_t`.
    pub fn base(&self) -> &str {
        self.ty.trim_start_matches("const ").trim_end_matches(['*', ' '])
    }

    pub fn is_pointer(&self) -> bool {
        self.ty.ends_with('*') || self.is_function()
    }

    pub fn is_function(&self) -> bool {
        self.ty.contains("(*") || self.ty.ends_with("_callback_t") || self.ty.ends_with("_hook_t") || self.ty.ends_with("_callback_with_env_t") || self.ty.ends_with("_destructor_t")
    }

    fn parse(text: &str) -> Parameter {
        if let Some((before, after)) = text.split_once("(*") {
            let (name, rest) = after.split_once(')').unwrap_or((after, ""));
            return Parameter { ty: format!("{before}(*){rest}"), name: name.to_owned() };
        }
        let text = text.replace("[]", "");
        let start = text.rfind([' ', '*']).map_or(0, |at| at + 1);
        Parameter { ty: text[..start].trim().to_owned(), name: text[start..].to_owned() }
    }
}

/// The headers below `folder`, by name as C includes them.
fn headers(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut todo: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).expect("include/ is there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("is below").display().to_string();
                found.insert(name, fs::read_to_string(&path).expect("a header is text"));
            }
        }
    }
    found
}

/// Texts between commas that are not inside parentheses.
fn split(list: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in list.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("has one").push(c);
    }
    parts.iter().map(|p| p.trim().to_owned()).filter(|p| !p.is_empty() && p != "void").collect()
}

fn function(header: &str, comment: &str, declaration: &str) -> Function {
    let (before, after) = declaration.split_once('(').expect("a declaration has parameters");
    let start = before.rfind([' ', '*']).expect("a declaration has a result") + 1;
    let list = after.trim_end().strip_suffix(");").expect("a declaration ends");
    Function {
        name: before[start..].to_owned(),
        header: header.to_owned(),
        returns: before[..start].trim().to_owned(),
        parameters: split(list).iter().map(|p| Parameter::parse(p)).collect(),
        comment: comment.to_owned(),
    }
}

/// Text on one line, with single spaces.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every function that a header declares, by name.
pub fn functions(folder: &Path) -> Vec<Function> {
    let mut found = Vec::new();
    for (header, text) in headers(folder) {
        let mut comment = String::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(more) = line.strip_prefix("//") {
                comment.push_str(more);
            } else if let Some(rest) = line.strip_prefix("WASM_API_EXTERN ").or(line.strip_prefix("WASI_API_EXTERN ")) {
                let mut declaration = rest.to_owned();
                while !declaration.ends_with(';') {
                    declaration = format!("{declaration} {}", lines.next().expect("a declaration ends").trim());
                }
                found.push(function(&header, &flat(&comment), &flat(&declaration)));
                comment.clear();
            } else {
                comment.clear();
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The comments of one header, on one line.
pub fn comments(folder: &Path, header: &str) -> String {
    let text = fs::read_to_string(folder.join(header)).expect("a header is text");
    let lines: Vec<&str> = text.lines().filter_map(|l| l.trim().strip_prefix("//")).collect();
    flat(&lines.join(" "))
}

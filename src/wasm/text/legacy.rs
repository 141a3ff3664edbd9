//! Finds spellings of older text formats and says what today's are.
//!
//! The pass works on tokens, so that strings and comments are never touched, and keeps a list of edits, so
//! that a position in the new text can be traced back to the old one.

use std::borrow::Cow;
use wast::lexer::{Lexer, TokenKind};

/// Replacements in ascending order of position.
#[derive(Default)]
pub(super) struct Edits(Vec<Edit>);

struct Edit {
    /// Bytes `at..at + len` of the old text become `new`.
    at: usize,
    len: usize,
    new: Cow<'static, str>,
}

impl Edits {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + self.0.len() * 8);
        let mut done = 0;
        for e in &self.0 {
            out.push_str(&text[done..e.at]);
            out.push_str(&e.new);
            done = e.at + e.len;
        }
        out.push_str(&text[done..]);
        out
    }

    /// Where in the old text a position of the new one is; inside an edit, its beginning.
    pub(super) fn original_offset(&self, offset: usize) -> usize {
        let (mut old, mut new) = (0, 0);
        for e in &self.0 {
            let start = new + (e.at - old);
            if offset < start {
                break;
            }
            if offset < start + e.new.len() {
                return e.at;
            }
            old = e.at + e.len;
            new = start + e.new.len();
        }
        old + (offset - new)
    }
}

/// A parenthesised list that is not closed yet.
#[derive(Default)]
struct List {
    start: usize,
    head: Head,
    /// Lists inside that are expressions, for an `if`.
    expressions: Vec<(usize, usize)>,
    /// Has something that no old `if` has.
    modern: bool,
}

#[derive(Default, PartialEq)]
enum Head {
    /// Nothing read yet.
    #[default]
    None,
    If,
    /// `param`, `result`, `type`.
    Signature,
    /// `then`, `else`.
    Arm,
    Other,
}

/// What must change for today's parser; empty for a text that is modern, or no text at all.
pub(super) fn edits(text: &str) -> Edits {
    let mut edits = Vec::new();
    let mut open: Vec<List> = Vec::new();
    for token in Lexer::new(text).iter(0) {
        let Ok(token) = token else { break };
        let (start, end) = (token.offset, token.offset + token.len as usize);
        match token.kind {
            TokenKind::LineComment | TokenKind::BlockComment | TokenKind::Whitespace => {}
            TokenKind::LParen => open.push(List { start, ..List::default() }),
            TokenKind::RParen => close(&mut open, end, &mut edits),
            TokenKind::Keyword | TokenKind::Reserved => {
                let word = &text[start..end];
                if let Some(new) = modern_name(word) {
                    edits.push(Edit { at: start, len: end - start, new });
                }
                if let Some(list) = open.last_mut() {
                    list.word(word);
                }
            }
            TokenKind::Id => {}
            _ => open.last_mut().into_iter().for_each(|l| l.modern = true),
        }
    }
    edits.sort_by_key(|e| e.at);
    Edits(edits)
}

impl List {
    fn word(&mut self, word: &str) {
        if self.head != Head::None {
            self.modern = true;
            return;
        }
        self.head = match word {
            "if" => Head::If,
            "param" | "result" | "type" => Head::Signature,
            "then" | "else" => Head::Arm,
            _ => Head::Other,
        };
    }
}

fn close(open: &mut Vec<List>, end: usize, edits: &mut Vec<Edit>) {
    let Some(list) = open.pop() else { return };
    if list.head == Head::If && !list.modern && matches!(list.expressions.len(), 2 | 3) {
        let arms = ["(then ", "(else "];
        for (&(start, end), arm) in list.expressions[1..].iter().zip(arms) {
            edits.push(Edit { at: start, len: 0, new: arm.into() });
            edits.push(Edit { at: end, len: 0, new: ")".into() });
        }
    }
    if let Some(parent) = open.last_mut() {
        match list.head {
            Head::Signature => {}
            Head::Arm => parent.modern = true,
            _ => parent.expressions.push((list.start, end)),
        }
    }
}

/// Today's name of an old keyword.
fn modern_name(word: &str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match word {
        "get_local" => "local.get",
        "set_local" => "local.set",
        "tee_local" => "local.tee",
        "get_global" => "global.get",
        "set_global" => "global.set",
        "current_memory" => "memory.size",
        "grow_memory" => "memory.grow",
        "anyfunc" => "funcref",
        _ => return modern_conversion(word).map(Cow::Owned),
    }))
}

/// `i32.trunc_s/f32` to `i32.trunc_f32_s`, `i32.trunc_s:sat/f32` to `i32.trunc_sat_f32_s`, `i32.wrap/i64` to
/// `i32.wrap_i64`.
fn modern_conversion(word: &str) -> Option<String> {
    let is_number = |t: &str| matches!(t, "i32" | "i64" | "f32" | "f64");
    let (left, from) = word.split_once('/')?;
    let (to, name) = left.split_once('.')?;
    if !is_number(to) || !is_number(from) {
        return None;
    }
    let (name, sat) = name.strip_suffix(":sat").map_or((name, ""), |n| (n, "_sat"));
    let (name, sign) = match name.strip_suffix("_s") {
        Some(n) => (n, "_s"),
        None => name.strip_suffix("_u").map_or((name, ""), |n| (n, "_u")),
    };
    let known = matches!(name, "trunc" | "convert" | "extend" | "wrap" | "demote" | "promote" | "reinterpret");
    known.then(|| format!("{to}.{name}{sat}_{from}{sign}"))
}

//! The text format's older spellings, accepted by a pass over the tokens before the parser.
//!
//! Texts of the years before the format settled say `get_local`, `anyfunc`, `i32.trunc_s/f32`, and leave `then`
//! out of a folded `if`. The pass turns those into today's words. All but `then` and `else` keep their length, so
//! positions stay; [`Rewritten::original`] undoes the insertions.

/// A text in today's words.
pub(super) struct Rewritten {
    pub(super) text: String,
    /// Where something was inserted: position in the new text, and its length, ascending.
    inserted: Vec<(usize, usize)>,
}

impl Rewritten {
    /// Where the byte at `offset` of the new text came from.
    pub(super) fn original(&self, offset: usize) -> usize {
        let mut shift = 0;
        for (at, len) in &self.inserted {
            if offset < *at {
                break;
            }
            shift += (*len).min(offset - at);
        }
        offset - shift
    }
}

/// Rewrites older spellings; `None` if there are none.
pub(super) fn modernise(text: &str) -> Option<Rewritten> {
    let tokens = tokens(text);
    let mut edits = Vec::new();
    for token in &tokens {
        if let TokenKind::Word = token.kind
            && let Some(word) = modern_word(&text[token.start..token.end])
        {
            edits.push(Edit { at: token.start, remove: token.end - token.start, insert: word });
        }
    }
    arms(text, &tokens, &mut edits);
    if edits.is_empty() { None } else { Some(apply(text, edits)) }
}

struct Edit {
    at: usize,
    remove: usize,
    insert: String,
}

fn apply(text: &str, mut edits: Vec<Edit>) -> Rewritten {
    edits.sort_by_key(|e| e.at);
    let mut out = Rewritten { text: String::with_capacity(text.len() + 64), inserted: Vec::new() };
    let mut done = 0;
    for edit in edits {
        out.text.push_str(&text[done..edit.at]);
        if edit.remove == 0 {
            out.inserted.push((out.text.len(), edit.insert.len()));
        }
        out.text.push_str(&edit.insert);
        done = edit.at + edit.remove;
    }
    out.text.push_str(&text[done..]);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Open,
    Close,
    /// Anything that is neither parenthesis, string, comment nor space.
    Word,
    String,
}

#[derive(Clone, Copy)]
struct Token {
    kind: TokenKind,
    start: usize,
    end: usize,
}

fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b'(' if bytes.get(at + 1) == Some(&b';') => {
                at = block_comment(bytes, at);
                continue;
            }
            b';' if bytes.get(at + 1) == Some(&b';') => {
                at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at);
                continue;
            }
            b if b.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'(' => TokenKind::Open,
            b')' => TokenKind::Close,
            b'"' => TokenKind::String,
            _ => TokenKind::Word,
        };
        at = match kind {
            TokenKind::String => string(bytes, at),
            TokenKind::Word => at + bytes[at..].iter().position(|b| ends_word(*b)).unwrap_or(bytes.len() - at).max(1),
            _ => at + 1,
        };
        found.push(Token { kind, start, end: at });
    }
    found
}

fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'(' | b')' | b'"' | b';')
}

/// The end of the string that starts at `at`, or of the text.
fn string(bytes: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    bytes.len()
}

/// The end of the block comment that starts at `at`; comments nest.
fn block_comment(bytes: &[u8], at: usize) -> usize {
    let (mut i, mut depth) = (at, 0usize);
    while i < bytes.len() {
        match (bytes[i], bytes.get(i + 1)) {
            (b'(', Some(b';')) => {
                depth += 1;
                i += 2;
            }
            (b';', Some(b')')) => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    bytes.len()
}

/// Today's spelling of the same length, if `word` is an old one.
fn modern_word(word: &str) -> Option<String> {
    let plain = match word {
        "get_local" => "local.get",
        "set_local" => "local.set",
        "tee_local" => "local.tee",
        "get_global" => "global.get",
        "set_global" => "global.set",
        "anyfunc" => "funcref",
        "grow_memory" => "memory.grow",
        // Padded, so that what follows stays where it is.
        "current_memory" => "memory.size   ",
        _ => return conversion(word),
    };
    Some(plain.to_owned())
}

/// `i32.trunc_s/f32` to `i32.trunc_f32_s`, `i32.trunc_s:sat/f32` to `i32.trunc_sat_f32_s`, `i32.wrap/i64` to
/// `i32.wrap_i64`.
fn conversion(word: &str) -> Option<String> {
    let (operator, source) = word.split_once('/')?;
    if !matches!(source, "i32" | "i64" | "f32" | "f64") {
        return None;
    }
    let (target, name) = operator.split_once('.')?;
    if !matches!(target, "i32" | "i64" | "f32" | "f64") {
        return None;
    }
    Some(match name {
        "wrap" | "demote" | "promote" | "reinterpret" => format!("{target}.{name}_{source}"),
        "trunc_s" | "convert_s" | "extend_s" => format!("{target}.{}_{source}_s", name.trim_end_matches("_s")),
        "trunc_u" | "convert_u" | "extend_u" => format!("{target}.{}_{source}_u", name.trim_end_matches("_u")),
        "trunc_s:sat" => format!("{target}.trunc_sat_{source}_s"),
        "trunc_u:sat" => format!("{target}.trunc_sat_{source}_u"),
        _ => return None,
    })
}

/// Wraps the arms of folded `if`s that have no `then`: the first expression is the condition, the second one arm,
/// the third the other.
fn arms(text: &str, tokens: &[Token], edits: &mut Vec<Edit>) {
    // Open lists: whether it is a folded `if`, and its child expressions as token ranges.
    let mut open: Vec<(bool, usize, Vec<(usize, usize)>)> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open => open.push((head(text, tokens, i) == "if", i, Vec::new())),
            TokenKind::Close => {
                let Some((is_if, start, children)) = open.pop() else { return };
                if is_if {
                    wrap(text, tokens, &children, edits);
                }
                if let Some((true, _, siblings)) = open.last_mut() {
                    siblings.push((start, i));
                }
            }
            _ => {}
        }
    }
}

/// The word after the parenthesis at token `open`.
fn head<'t>(text: &'t str, tokens: &[Token], open: usize) -> &'t str {
    match tokens.get(open + 1) {
        Some(t) if t.kind == TokenKind::Word => &text[t.start..t.end],
        _ => "",
    }
}

fn wrap(text: &str, tokens: &[Token], children: &[(usize, usize)], edits: &mut Vec<Edit>) {
    let is = |child: &(usize, usize), words: &[&str]| words.contains(&head(text, tokens, child.0));
    if children.iter().any(|c| is(c, &["then"])) {
        return;
    }
    let exprs = children.iter().filter(|c| !is(c, &["type", "param", "result"]));
    for (child, arm) in exprs.skip(1).zip(["(then ", "(else "]) {
        if is(child, &["else"]) {
            continue;
        }
        edits.push(Edit { at: tokens[child.0].start, remove: 0, insert: arm.to_owned() });
        edits.push(Edit { at: tokens[child.1].end, remove: 0, insert: ")".to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modern(text: &str) -> String {
        modernise(text).map_or_else(|| text.to_owned(), |r| r.text)
    }

    #[test]
    fn old_words_become_new_ones_of_the_same_length() {
        let old = "get_local 0 set_global $get_local tee_local 1 i32.trunc_s/f32 i32.wrap/i64 i64.trunc_u:sat/f64";
        let new = "local.get 0 global.set $get_local local.tee 1 i32.trunc_f32_s i32.wrap_i64 i64.trunc_sat_f64_u";
        assert_eq!(modern(old), new);
        assert_eq!(old.len(), new.len());
    }

    #[test]
    fn strings_and_comments_stay() {
        let text = r#"(data "get_local \" anyfunc") ;; get_local
            (; anyfunc (; nested get_local ;) ;)"#;
        assert!(modernise(text).is_none());
    }

    #[test]
    fn folded_if_gets_its_arms() {
        assert_eq!(
            modern("(if (result i32) (c) (a (x)) (b))"),
            "(if (result i32) (c) (then (a (x))) (else (b)))"
        );
        assert_eq!(modern("(if (c) (if (d) (e)))"), "(if (c) (then (if (d) (then (e)))))");
        assert_eq!(modern("(if (c) (then (a)) (else (b)))"), "(if (c) (then (a)) (else (b)))");
        assert_eq!(modern("(if $l (c) (a) (else (b)))"), "(if $l (c) (then (a)) (else (b)))");
    }

    #[test]
    fn positions_point_into_the_users_text() {
        let text = "(if (c) (a)) oops";
        let new = modernise(text).unwrap();
        assert_eq!(new.original(new.text.find("oops").unwrap()), text.find("oops").unwrap());
        assert_eq!(new.original(new.text.find("(a)").unwrap()), text.find("(a)").unwrap());
    }
}

//! Just enough JSON for the descriptions of test programs.

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn parse(text: &str) -> Json {
        let mut parser = Parser { rest: text };
        let value = parser.value();
        parser.space();
        assert!(parser.rest.is_empty(), "more after the value: {}", parser.rest);
        value
    }

    pub fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Json::Text(t) => t,
            other => panic!("expected a string, found {other:?}"),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes `token` if it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Json {
        if self.take("{") {
            return Json::Object(self.items("}", |p| {
                let key = p.value().text().to_owned();
                assert!(p.take(":"), "expected `:` at {}", p.rest);
                (key, p.value())
            }));
        }
        if self.take("[") {
            return Json::List(self.items("]", Parser::value));
        }
        if self.take("\"") {
            return Json::Text(self.string());
        }
        for (word, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))] {
            if self.take(word) {
                return value;
            }
        }
        let end = self.rest.find(|c: char| !"+-.eE0123456789".contains(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        Json::Number(number.parse().unwrap_or_else(|_| panic!("expected a value at {number}{rest}")))
    }

    fn items<T>(&mut self, end: &str, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(item(self));
            let more = self.take(",");
            assert!(more || self.rest.trim_start().starts_with(end), "expected `{end}` at {}", self.rest);
        }
        items
    }

    /// What follows an opening quote.
    fn string(&mut self) -> String {
        let mut out = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next().expect("an unfinished string") {
                '"' => break,
                '\\' => out.push(match chars.next().expect("an unfinished escape") {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => {
                        let code: String = chars.by_ref().take(4).collect();
                        u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).expect("a code point")
                    }
                    other => other,
                }),
                other => out.push(other),
            }
        }
        self.rest = chars.as_str();
        out
    }
}

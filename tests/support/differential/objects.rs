//! Modules whose objects live wherever a collector could forget them: in locals, on the operand stack while others are
//! allocated, across calls, loops and exceptions, in tables, globals, arrays and fields. No reference is compared with
//! another engine; a forgotten one gives a wrong sum or a crash.

use super::rng::Rng;
use std::fmt::Write;

/// Types, helpers and places. `$next` and `$sum` take null; `$burn` says when there is enough.
const PRELUDE: &str = r#"(module
(rec
  (type $n (sub (struct (field (mut i64)) (field (mut (ref null $n))) (field (mut (ref null $a))) (field (mut anyref)))))
  (type $m (sub $n (struct (field (mut i64)) (field (mut (ref null $n))) (field (mut (ref null $a))) (field (mut anyref)) (field (mut i32)))))
  (type $a (array (mut (ref null $n)))))
(type $f (func (param i64 (ref null $n)) (result i64)))
(import "h" "f" (func $host (param i32) (result i32)))
(tag $e (param (ref null $n) i64))
(table $t 8 20 (ref null $n))
(table $x 4 20 externref)
(global $g (mut (ref null $n)) (ref.null $n))
(global $y (mut anyref) (ref.null any))
(global $fuel (export "fuel") (mut i32) (i32.const 0))
(func $burn (result i32)
  (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
  (i32.lt_s (global.get $fuel) (i32.const 0)))
(func $next (param $p (ref null $n)) (result (ref null $n))
  (if (result (ref null $n)) (ref.is_null (local.get $p)) (then (ref.null $n)) (else (struct.get $n 1 (local.get $p)))))
(func $element (param $p (ref null $a)) (param $i i64) (result (ref null $n))
  (if (ref.is_null (local.get $p)) (then (return (ref.null $n))))
  (if (i32.eqz (array.len (local.get $p))) (then (return (ref.null $n))))
  (array.get $a (local.get $p) (i32.rem_u (i32.wrap_i64 (local.get $i)) (array.len (local.get $p)))))
(func $sum (param $p (ref null $n)) (param $steps i32) (result i64)
  (if (result i64) (i32.or (ref.is_null (local.get $p)) (i32.eqz (local.get $steps)))
    (then (i64.const 7))
    (else (i64.add
      (i64.rotl (struct.get $n 0 (local.get $p)) (i64.extend_i32_u (local.get $steps)))
      (i64.xor
        (i64.mul (i64.const 31) (call $sum (struct.get $n 1 (local.get $p)) (i32.sub (local.get $steps) (i32.const 1))))
        (i64.add (call $sum (call $element (struct.get $n 2 (local.get $p)) (i64.const 1)) (i32.sub (local.get $steps) (i32.const 1)))
          (call $value (struct.get $n 3 (local.get $p)))))))))
(func $value (param $p anyref) (result i64)
  (if (ref.test (ref i31) (local.get $p)) (then (return (i64.extend_i32_s (i31.get_s (ref.cast (ref i31) (local.get $p)))))))
  (if (ref.test (ref $m) (local.get $p)) (then (return (i64.extend_i32_s (struct.get $m 4 (ref.cast (ref $m) (local.get $p)))))))
  (if (ref.test (ref $n) (local.get $p)) (then (return (struct.get $n 0 (ref.cast (ref $n) (local.get $p))))))
  (if (ref.test (ref $a) (local.get $p)) (then (return (i64.extend_i32_s (array.len (ref.cast (ref $a) (local.get $p)))))))
  (i64.const 13))
"#;

struct Writer<'r> {
    rng: &'r mut Rng,
    functions: u64,
    labels: u32,
    /// Expressions that may still be made.
    budget: u32,
}

pub fn module(rng: &mut Rng) -> Vec<u8> {
    let functions = 1 + rng.below(4);
    let mut writer = Writer { rng, functions, labels: 0, budget: 0 };
    let mut text = String::from(PRELUDE);
    for function in 0..functions {
        text.push_str(&writer.function(function));
        let _ = writeln!(
            text,
            "(func (export \"f{function}\") (param i64) (result i64) (global.set $fuel (i32.const 30))
               (call $f{function} (local.get 0) (global.get $g)))"
        );
    }
    let names: String = (0..functions).map(|f| format!(" $f{f}")).collect();
    let _ = write!(text, "(table $calls funcref (elem{names})))");
    tenon::wasm::text::parse(text.as_bytes()).unwrap_or_else(|e| panic!("the generator's text: {e}\n{text}"))
}

impl Writer<'_> {
    fn function(&mut self, number: u64) -> String {
        self.budget = 120;
        let mut text = format!(
            "(func $f{number} (param $s i64) (param $r0 (ref null $n)) (result i64)
               (local $r1 (ref null $n)) (local $r2 (ref null $n)) (local $a0 (ref null $a)) (local $y0 anyref) (local $i i32)
               (if (call $burn) (then (return (local.get $s))))\n"
        );
        for _ in 0..2 + self.rng.below(7) {
            text.push_str(&self.statement(3));
        }
        let tail = self.node(3);
        let _ = writeln!(
            text,
            "(i64.add (local.get $s) (i64.add (call $sum {tail} (i32.const 5)) (i64.add (call $sum (local.get $r1) (i32.const 4))
               (i64.add (call $sum (local.get $r2) (i32.const 3)) (i64.add (call $value (local.get $y0)) (call $sum (call $element (local.get $a0) (i64.const 1)) (i32.const 3))))))))"
        );
        text
    }

    fn local(&mut self) -> &'static str {
        *self.rng.pick(&["$r0", "$r1", "$r2"])
    }

    fn label(&mut self) -> u32 {
        self.labels += 1;
        self.labels
    }

    /// Whether an expression should be a simple one.
    fn leaf(&mut self, depth: u32) -> bool {
        self.budget = self.budget.saturating_sub(1);
        depth == 0 || self.budget == 0
    }

    /// A reference to a node, or null.
    fn node(&mut self, depth: u32) -> String {
        if self.leaf(depth) {
            let local = self.local();
            return match self.rng.below(6) {
                0 => "(global.get $g)".into(),
                1 => "(ref.null $n)".into(),
                2 => format!("(struct.new_default ${})", self.rng.pick(&["n", "m"])),
                _ => format!("(local.get {local})"),
            };
        }
        let d = depth - 1;
        match self.rng.below(14) {
            0..4 => format!("(struct.new $n {} {} {} {})", self.number(d), self.node(d), self.array(d), self.any(d)),
            4 | 5 => format!("(struct.new $m {} {} {} {} (i32.const {}))", self.number(d), self.node(d), self.array(d), self.any(d), self.rng.i32()),
            6 => format!("(call $next {})", self.node(d)),
            7 => format!("(call $element {} {})", self.array(d), self.number(d)),
            8 => format!("(table.get $t (i32.const {}))", self.rng.below(8)),
            9 => format!("(local.tee {} {})", self.local(), self.node(d)),
            10 => format!("(select (result (ref null $n)) {} {} {})", self.node(d), self.node(d), self.condition(d)),
            11 => {
                let (label, any) = (self.label(), self.any(d));
                format!("(block $b{label} (result (ref null $n)) (drop (br_on_cast $b{label} anyref (ref null $n) {any})) {})", self.node(d))
            }
            12 => {
                let (condition, yes, no) = (self.condition(d), self.node(d), self.node(d));
                format!("(if (result (ref null $n)) {condition} (then {yes}) (else {no}))")
            }
            _ => self.node(0),
        }
    }

    fn array(&mut self, depth: u32) -> String {
        if self.leaf(depth) {
            return self.rng.pick(&["(local.get $a0)", "(ref.null $a)", "(array.new_default $a (i32.const 3))"]).to_string();
        }
        let d = depth - 1;
        match self.rng.below(4) {
            0 => format!("(array.new $a {} (i32.const {}))", self.node(d), self.rng.below(6)),
            1 => format!("(array.new_fixed $a 3 {} {} {})", self.node(d), self.node(d), self.node(d)),
            2 => format!("(local.tee $a0 {})", self.array(d)),
            _ => self.array(0),
        }
    }

    fn any(&mut self, depth: u32) -> String {
        if self.leaf(depth) {
            return self.rng.pick(&["(local.get $y0)", "(global.get $y)", "(ref.null any)", "(ref.i31 (i32.const -5))"]).to_string();
        }
        let d = depth - 1;
        match self.rng.below(5) {
            0 => format!("(ref.i31 (i32.wrap_i64 {}))", self.number(d)),
            1 => self.array(d),
            2 => format!("(any.convert_extern (extern.convert_any {}))", self.any(d)),
            _ => self.node(d),
        }
    }

    fn number(&mut self, depth: u32) -> String {
        if self.leaf(depth) {
            return if self.rng.chance(50) { "(local.get $s)".into() } else { format!("(i64.const {})", self.rng.i64()) };
        }
        let d = depth - 1;
        match self.rng.below(9) {
            0 | 1 => format!("(i64.{} {} {})", self.rng.pick(&["add", "xor", "mul", "sub"]), self.number(d), self.number(d)),
            2 => format!("(call $sum {} (i32.const 3))", self.node(d)),
            3 => format!("(call $value {})", self.any(d)),
            4 => format!("(i64.extend_i32_u (ref.eq {} {}))", self.node(d), self.node(d)),
            5 => format!("(call $f{} {} {})", self.rng.below(self.functions), self.number(d), self.node(d)),
            6 => {
                let (value, node) = (self.number(d), self.node(d));
                format!("(call_indirect $calls (type $f) {value} {node} (i32.const {}))", self.rng.below(self.functions))
            }
            7 => format!("(i64.extend_i32_s (call $host (i32.wrap_i64 {})))", self.number(d)),
            _ => format!("(struct.get $n 0 (struct.new $n {} {} (ref.null $a) {}))", self.number(d), self.node(d), self.any(d)),
        }
    }

    fn condition(&mut self, depth: u32) -> String {
        match self.rng.below(3) {
            0 => format!("(ref.is_null {})", self.node(depth)),
            1 => format!("(ref.test (ref $m) {})", self.any(depth)),
            _ => format!("(i64.lt_s {} {})", self.number(depth), self.number(depth)),
        }
    }

    fn statement(&mut self, depth: u32) -> String {
        let d = depth.saturating_sub(1);
        let text = match self.rng.below(if depth == 0 { 9 } else { 14 }) {
            0 | 1 => format!("(local.set {} {})", self.local(), self.node(3)),
            2 => format!("(local.set $s {})", self.number(3)),
            3 => format!("(local.set $y0 {})", self.any(3)),
            4 => format!("(global.set $g {})", self.node(3)),
            5 => format!("(global.set $y {})", self.any(3)),
            6 => format!("(table.set $t (i32.const {}) {})", self.rng.below(8), self.node(3)),
            7 => self.store(),
            8 => self.grow(),
            9 | 10 => self.protected(d),
            11 => {
                let (condition, body) = (self.condition(2), self.statement(d));
                format!("(if {condition} (then {body}))")
            }
            12 => {
                let (label, body, more) = (self.label(), self.statement(d), self.statement(d));
                format!("(loop $l{label} {body} {more} (br_if $l{label} (i32.eqz (call $burn))))")
            }
            _ => format!("{} {}", self.statement(d), self.statement(d)),
        };
        text + "\n"
    }

    /// Writes a field or an element; the reference written to is held while the value is made.
    fn store(&mut self) -> String {
        let (label, target) = (self.label(), self.node(2));
        let (value, field) = match self.rng.below(4) {
            0 => (self.number(3), 0),
            1 => (self.node(3), 1),
            2 => (self.array(3), 2),
            _ => (self.any(3), 3),
        };
        format!("(block $b{label} (struct.set $n {field} (br_on_null $b{label} {target}) {value}))")
            .replace(&format!("(br_on_null $b{label} {target})"), &format!("(block (result (ref $n)) (br_on_null $b{label} {target}))"))
    }

    fn grow(&mut self) -> String {
        match self.rng.below(4) {
            0 => format!("(drop (table.grow $t {} (i32.const {})))", self.node(3), self.rng.below(3)),
            1 => format!("(table.fill $t (i32.const {}) {} (i32.const 3))", self.rng.below(5), self.node(3)),
            2 => format!("(table.copy $t $t (i32.const {}) (i32.const {}) (i32.const 3))", self.rng.below(5), self.rng.below(5)),
            _ => format!("(drop (table.grow $x (extern.convert_any {}) (i32.const {})))", self.any(3), self.rng.below(3)),
        }
    }

    /// Statements whose exceptions are caught with the references they carry.
    fn protected(&mut self, depth: u32) -> String {
        let (label, body) = (self.label(), self.statement(depth));
        let throw = if self.rng.chance(60) { format!("(throw $e {} {})", self.node(3), self.number(2)) } else { String::new() };
        let guard = self.condition(2);
        let (node, number) = (self.node(2), self.number(2));
        format!(
            "(block $h{label} (result (ref null $n) i64)
               (try_table (catch $e $h{label}) {body} (if {guard} (then {throw}))) {node} {number})
             (local.set $s) (local.set {})",
            self.local()
        )
    }
}

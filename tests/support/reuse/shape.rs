//! What tenants are made of, and the module's text.

use crate::differential::Rng;
use std::fmt::Write;

pub const PAGE: usize = 65536;

/// A module. All its numbers are those that the next tenant has to find.
pub struct Shape {
    pub memory64: bool,
    pub pages: usize,
    pub max: usize,
    /// Offsets and bytes of active segments.
    pub data: Vec<(usize, Vec<u8>)>,
    /// Whether a last segment does not fit, so that the instance never comes to be.
    pub broken: bool,
    /// Elements of the table of functions, and which of them are there from the start.
    pub elements: Vec<bool>,
    /// Elements of the table of objects.
    pub objects: usize,
    pub globals: [u64; 3],
}

impl Shape {
    pub fn new(rng: &mut Rng) -> Shape {
        let pages = rng.below(4) as usize;
        let mut data = Vec::new();
        if pages > 0 {
            for _ in 0..rng.below(4) {
                let longest = if rng.chance(20) { 9000 } else { 60 };
                let len = 1 + rng.below(longest) as usize;
                let at = rng.below((pages * PAGE - len) as u64) as usize;
                data.push((at, rng.bytes(len).into_iter().map(|b| b & 0x7f).collect()));
            }
        }
        let (funcs, filled) = (rng.below(30) as usize, rng.below(100));
        Shape {
            memory64: rng.chance(20),
            pages,
            max: pages + rng.below(8) as usize,
            data,
            broken: rng.chance(10),
            elements: (0..funcs).map(|_| rng.chance(filled)).collect(),
            objects: rng.below(20) as usize,
            globals: [rng.next(), rng.next(), rng.next()],
        }
    }

    /// What the memory holds at the start.
    pub fn memory(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.pages * PAGE];
        for (at, part) in &self.data {
            bytes[*at..*at + part.len()].copy_from_slice(part);
        }
        bytes
    }

    /// The module. `soil` overwrites what there is with bytes of 0xee and references; `grow` makes more of everything.
    pub fn text(&self) -> String {
        let (index, ty) = if self.memory64 { ("i64", "i64 ") } else { ("i32", "") };
        let mut text = String::from("(module (type $f (func)) (type $a (array (mut i64))) (type $s (struct (field (mut i64) (mut anyref) (mut f64))))\n");
        let _ = writeln!(text, "(memory (export \"m\") {ty}{} {})", self.pages, self.max);
        let _ = writeln!(text, "(table (export \"t\") {} 200 funcref) (table (export \"o\") {} 200 anyref)", self.elements.len(), self.objects);
        let [a, b, c] = self.globals;
        let _ = writeln!(text, "(global (export \"g0\") (mut i64) (i64.const {a})) (global (export \"g1\") (mut v128) (v128.const i64x2 {b} {c}))");
        text.push_str("(global (export \"g2\") (mut anyref) (ref.null any)) (func $self (export \"self\"))\n");
        for (i, _) in self.elements.iter().enumerate().filter(|(_, there)| **there) {
            let _ = writeln!(text, "(elem (table 0) (i32.const {i}) func $self)");
        }
        for (at, bytes) in &self.data {
            let bytes: String = bytes.iter().map(|b| format!("\\{b:02x}")).collect();
            let _ = writeln!(text, "(data ({index}.const {at}) \"{bytes}\")");
        }
        if self.broken {
            let _ = writeln!(text, "(data ({index}.const {}) \"\\ee\\ee\")", (self.pages * PAGE).saturating_sub(1));
        }
        let (peek, grown) = if self.memory64 { ("local.get 0", "i64.add (i64.const 0)") } else { ("i32.wrap_i64 (local.get 0)", "i64.extend_i32_s") };
        text.push_str(&FUNCTIONS.replace("INDEX", index).replace("PEEK", peek).replace("GROWN", grown));
        text
    }
}

const FUNCTIONS: &str = r#"
(elem declare func $self)
(func (export "peek") (param i64) (result i32) (i32.load8_u (PEEK)))
(func (export "soil")
  (local $i i32) (local $a (ref null $a))
  (memory.fill (INDEX.const 0) (i32.const 0xee) (INDEX.mul (memory.size) (INDEX.const 65536)))
  (table.fill 0 (i32.const 0) (ref.func $self) (table.size 0))
  (table.fill 1 (i32.const 0) (ref.i31 (i32.const 77)) (table.size 1))
  (global.set 0 (i64.const 0xeeeeeeeeeeeeeeee))
  (global.set 1 (v128.const i64x2 0xeeeeeeeeeeeeeeee 0xeeeeeeeeeeeeeeee))
  (loop $more
    (local.set $a (array.new $a (i64.const 0xeeeeeeeeeeeeeeee) (i32.const 500)))
    (global.set 2 (struct.new $s (i64.const 0xeeeeeeeeeeeeeeee) (local.get $a) (f64.const 1)))
    (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20)))))
(func (export "grow") (param $pages INDEX) (param $elements i32) (result i64)
  (drop (table.grow 0 (ref.null func) (local.get $elements)))
  (drop (table.grow 1 (ref.null any) (local.get $elements)))
  (GROWN (memory.grow (local.get $pages))))
(func (export "fresh") (result i64)
  (local $a (ref $a)) (local $s (ref $s)) (local $i i32) (local $sum i64)
  (local.set $a (array.new_default $a (i32.const 3000)))
  (local.set $s (struct.new_default $s))
  (loop $more
    (local.set $sum (i64.or (local.get $sum) (array.get $a (local.get $a) (local.get $i))))
    (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000))))
  (i64.or (i64.or (local.get $sum) (struct.get $s 0 (local.get $s)))
    (i64.or (i64.extend_i32_u (i32.eqz (ref.is_null (struct.get $s 1 (local.get $s)))))
            (i64.reinterpret_f64 (struct.get $s 2 (local.get $s))))))
(func (export "trap") (param i32)
  (if (local.get 0) (then (call_indirect 0 (type $f) (i32.const 100000))))
  unreachable))
"#;

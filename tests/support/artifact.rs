//! Damaged images: refused with the right kind of error, or the very bytes that were written; and where somebody has put the
//! checksum right again, nothing worse than an error.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use tenon::base::ErrorKind;
use tenon::base::index::{DefinedFunc, FuncIndex, TypeIndex};
use tenon::compile::Compiler;
use tenon::image::{Fingerprint, Image, ImageBytes};
use tenon::layout::Tunables;
use tenon::wasm::{Features, text};

/// Where the header keeps the checksum, and where the bytes begin that it covers; see `src/image/format.rs`.
const CHECKSUM: usize = 16;
const COVERED: usize = 32;

const SAMPLE: &str = r#"(module $sample
  (import "host" "f" (func $f (param i32) (result i32)))
  (memory 1)
  (table 2 funcref)
  (global $g (mut i64) (i64.const 5))
  (elem (i32.const 0) $double $f)
  (data (i32.const 3) "sample data")
  (func $double (export "double") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 2)))
  (func $both (export "both") (param i32 externref) (result externref)
    (drop (call_indirect (param i32) (result i32) (local.get 0) (i32.const 1)))
    (drop (i32.div_s (i32.const 7) (i32.load (local.get 0))))
    (local.get 1)))"#;

pub fn sample() -> (Compiler, Image) {
    let compiler = Compiler::new(&Tunables::default()).expect("a compiler");
    let wasm = text::parse(SAMPLE.as_bytes()).expect("the sample's text");
    let image = compiler.compile(&wasm, &Features::default()).expect("the sample compiles");
    (compiler, image)
}

/// A small generator, so that a failure can be repeated from its number.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        Random(hasher.finish() | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn put_u64(bytes: &mut [u8], at: usize, value: u64) {
    if let Some(slot) = bytes.get_mut(at..at + 8) {
        slot.copy_from_slice(&value.to_le_bytes());
    }
}

/// A damaged copy. What kind of damage is the generator's choice.
fn mutate(original: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = original.to_vec();
    match random.below(6) {
        0 => {
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
        1 => bytes.truncate(random.below(original.len())),
        2 => {
            // Splice: part of the image over another part.
            let len = 1 + random.below(256);
            let (from, to) = (random.below(original.len() - len), random.below(original.len() - len));
            bytes[to..to + len].copy_from_slice(&original[from..from + len]);
        }
        3 => {
            // Splice: a part taken out or repeated, the length put right.
            let len = 1 + random.below(64);
            let at = random.below(original.len() - len);
            if random.below(2) == 0 {
                bytes.drain(at..at + len);
            } else {
                bytes.splice(at..at, original[at..at + len].iter().copied());
            }
            let total = bytes.len() as u64;
            put_u64(&mut bytes, COVERED, total);
        }
        4 => {
            // Cut or lengthened, the length put right.
            bytes.resize(random.below(original.len() * 2), random.next() as u8);
            let total = bytes.len() as u64;
            put_u64(&mut bytes, COVERED, total);
        }
        _ => {
            // A number of the header or of a table replaced by a treacherous one.
            let at = if random.below(2) == 0 { random.below(40) * 8 } else { random.below(original.len() / 4) * 4 };
            let value = [0, 1, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 1 << 63, original.len() as u64][random.below(7)];
            put_u64(&mut bytes, at.min(original.len() - 8), value);
        }
    }
    bytes
}

/// Makes the checksum right again, as somebody would who means harm.
pub fn seal(bytes: &mut [u8]) {
    if bytes.len() > COVERED {
        let sum = twox_hash::XxHash3_128::oneshot(&bytes[COVERED..]);
        bytes[CHECKSUM..COVERED].copy_from_slice(&sum.to_le_bytes());
    }
}

/// Looks everything up that running and tracing would look up.
pub fn walk(image: &Image) -> usize {
    let info = image.info();
    let mut seen = image.data().len() + image.custom_sections().count() + image.libcalls().count();
    for i in 0..info.num_defined_funcs() as u32 + 1 {
        seen += image.func(DefinedFunc(i)).len() + image.body_offset(DefinedFunc(i)) as usize;
    }
    for i in 0..info.funcs.len() as u32 + 1 {
        seen += image.func_name(FuncIndex(i)).map_or(0, str::len);
    }
    for i in 0..info.types.len() as u32 + 1 {
        seen += usize::from(image.entry_trampoline(TypeIndex(i)).is_some());
        seen += usize::from(image.host_trampoline(TypeIndex(i)).is_some());
    }
    for at in 0..image.text().len() as u32 + 4 {
        seen += usize::from(image.trap_at(at).is_some()) + usize::from(image.func_at(at).is_some());
        seen += image.wasm_offset_at(at).unwrap_or(0) as usize;
        seen += usize::from(image.stack_map_at(at).is_some());
    }
    seen
}

/// Refused with the right kind of error, or the very bytes that were written. Answers whether nothing was changed.
pub fn check_mutation(number: u64, original: &[u8], fingerprint: &Fingerprint) -> Result<bool, String> {
    let bytes = mutate(original, &mut Random::new(number));
    let same = bytes == original;
    match Image::load(ImageBytes::from(bytes), fingerprint) {
        Ok(_) if !same => Err(format!("mutation {number} was accepted")),
        Err(e) if same => Err(format!("mutation {number} changed nothing and was refused: {e}")),
        Err(e) => proper(number, &e).map(|()| same),
        Ok(_) => Ok(same),
    }
}

/// A mutation with a checksum that is right: refused with the right kind of error, or loaded. Nothing is run: a checksum is no
/// signature, and code from a stranger is code from a stranger. With `walks` everything is looked up that can be.
pub fn check_sealed(number: u64, original: &[u8], fingerprint: &Fingerprint, walks: bool) -> Result<bool, String> {
    let mut bytes = mutate(original, &mut Random::new(number));
    seal(&mut bytes);
    match Image::load(ImageBytes::from(bytes), fingerprint) {
        Ok(image) => {
            if walks {
                std::hint::black_box(walk(&image));
            }
            Ok(true)
        }
        Err(e) => proper(number, &e).map(|()| false),
    }
}

fn proper(number: u64, error: &tenon::base::Error) -> Result<(), String> {
    match error.kind() {
        ErrorKind::Artifact if !error.to_string().is_empty() => Ok(()),
        kind => Err(format!("mutation {number} is refused as {kind:?}: {error}")),
    }
}

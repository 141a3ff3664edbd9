//! Serialised modules: what loads is what was written, and nothing that anybody does to the bytes can do harm.

use crate::common::{engine, engine_with, module};
use rayon::prelude::*;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use tenon::base::ErrorKind;
use tenon::base::index::{DefinedFunc, FuncIndex, TypeIndex};
use tenon::compile::Compiler;
use tenon::image::{Fingerprint, Image, ImageBytes};
use tenon::layout::{MemoryMode, Tunables};
use tenon::runtime::{Instance, Module, Store, Val};
use tenon::wasm::{Features, text};

const MUTATIONS: usize = 100_000;

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

fn sample() -> (Compiler, Image) {
    let compiler = Compiler::new(&Tunables::default()).expect("a compiler");
    let wasm = text::parse(SAMPLE.as_bytes()).expect("the sample's text");
    let image = compiler.compile(&wasm, &Features::default()).expect("the sample compiles");
    (compiler, image)
}

/// A small generator, so that a failure can be repeated from its number.
struct Random(u64);

impl Random {
    fn new(seed: usize) -> Random {
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
fn seal(bytes: &mut [u8]) {
    if bytes.len() > COVERED {
        let sum = twox_hash::XxHash3_128::oneshot(&bytes[COVERED..]);
        bytes[CHECKSUM..COVERED].copy_from_slice(&sum.to_le_bytes());
    }
}

/// Looks everything up that running and tracing would look up.
fn walk(image: &Image) -> usize {
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

/// Refused with the right kind of error, or the very bytes that were written.
fn check_mutation(number: usize, original: &[u8], fingerprint: &Fingerprint) -> bool {
    let mut random = Random::new(number);
    let bytes = mutate(original, &mut random);
    let same = bytes == original;
    match Image::load(ImageBytes::from(bytes), fingerprint) {
        Ok(_) => assert!(same, "mutation {number} was accepted"),
        Err(e) => {
            assert!(!same, "mutation {number} changed nothing and was refused: {e}");
            assert_eq!(e.kind(), ErrorKind::Artifact, "mutation {number}: {e}");
            assert!(!e.to_string().is_empty());
        }
    }
    same
}

#[test]
fn a_hundred_thousand_mutations_are_refused_or_equal() {
    let (compiler, image) = sample();
    let original = image.as_bytes();
    let fingerprint = compiler.fingerprint();
    let equal = (0..MUTATIONS).into_par_iter().filter(|n| check_mutation(*n, original, fingerprint)).count();
    assert!(equal < MUTATIONS / 2, "{equal} mutations changed nothing");
}

#[test]
fn mutations_with_a_correct_checksum_do_not_crash_the_loader() {
    let (compiler, image) = sample();
    let original = image.as_bytes();
    let accepted = AtomicUsize::new(0);
    (0..MUTATIONS / 2).into_par_iter().for_each(|number| {
        let mut random = Random::new(number);
        let mut bytes = mutate(original, &mut random);
        seal(&mut bytes);
        match Image::load(ImageBytes::from(bytes), compiler.fingerprint()) {
            // Nothing is run: a checksum is no signature, and code from a stranger is code from a stranger.
            Ok(image) => {
                if accepted.fetch_add(1, Ordering::Relaxed) < 2_000 {
                    std::hint::black_box(walk(&image));
                }
            }
            Err(e) => assert_eq!(e.kind(), ErrorKind::Artifact, "mutation {number}: {e}"),
        }
    });
}

#[test]
fn what_is_loaded_is_what_was_written() {
    let (compiler, image) = sample();
    let loaded = Image::load(ImageBytes::from(image.as_bytes().to_vec()), compiler.fingerprint()).expect("it loads");
    assert_eq!(loaded.as_bytes(), image.as_bytes());
    assert_eq!(walk(&loaded), walk(&image));
    assert_eq!(format!("{:?}", loaded.info()), format!("{:?}", image.info()));
}

#[test]
fn compiling_twice_gives_the_same_bytes() {
    let (_, first) = sample();
    let (_, second) = sample();
    assert!(first.as_bytes() == second.as_bytes(), "images differ");
}

#[test]
fn a_loaded_module_runs() {
    let bytes = module(&engine(), r#"(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))"#)
        .serialize();
    let engine = engine();
    let store = Store::new(&engine);
    let loaded = Module::deserialize(&engine, &bytes).expect("it loads");
    let instance = Instance::new(&store, &loaded, &[]).expect("an instance");
    let mut result = [Val::I32(0)];
    instance.func(&store, "f").expect("f").call(&store, &[Val::I32(41)], &mut result).expect("no trap");
    assert_eq!(result[0].i32(), Some(42));

    let path = std::env::temp_dir().join(format!("tenon-image-{}", std::process::id()));
    std::fs::write(&path, &bytes).expect("a temporary file");
    assert!(Module::deserialize_file(&engine, &path).is_ok());
    std::fs::remove_file(&path).expect("the file is ours");
    let error = Module::deserialize_file(&engine, &path).err().expect("no such file");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

#[test]
fn an_image_for_other_settings_is_refused() {
    let bytes = module(&engine(), "(module (func))").serialize();
    let changes: [fn(&mut Tunables); 3] =
        [|t| t.fuel = true, |t| t.epochs = true, |t| t.memory_mode = MemoryMode::Explicit];
    for change in changes {
        let other = engine_with(|c| change(&mut c.tunables));
        let error = Module::deserialize(&other, &bytes).err().expect("other settings");
        assert_eq!(error.kind(), ErrorKind::Artifact, "{error}");
    }
    for foreign in [&b""[..], b"\0asm\x01\0\0\0", b"\x7fELF"] {
        let error = Module::deserialize(&engine(), foreign).err().expect("no image");
        assert_eq!(error.kind(), ErrorKind::Artifact, "{error}");
    }
}

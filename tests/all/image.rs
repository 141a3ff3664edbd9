//! Serialised modules: what loads is what was written, and nothing that anybody does to the bytes can do harm.

use crate::artifact::{check_mutation, check_sealed, sample, walk};
use crate::common::{engine, engine_with, module};
use rayon::prelude::*;
use tenon::base::ErrorKind;
use tenon::image::{Image, ImageBytes};
use tenon::layout::{MemoryMode, Tunables};
use tenon::runtime::{Instance, Module, Store, Val};

const MUTATIONS: u64 = 100_000;

#[test]
fn a_hundred_thousand_mutations_are_refused_or_equal() {
    let (compiler, image) = sample();
    let (original, fingerprint) = (image.as_bytes(), compiler.fingerprint());
    let check = |n| check_mutation(n, original, fingerprint).unwrap_or_else(|fault| panic!("{fault}"));
    let equal = (0..MUTATIONS).into_par_iter().filter(|n| check(*n)).count() as u64;
    assert!(equal < MUTATIONS / 2, "{equal} mutations changed nothing");
}

#[test]
fn mutations_with_a_correct_checksum_do_not_crash_the_loader() {
    let (compiler, image) = sample();
    let (original, fingerprint) = (image.as_bytes(), compiler.fingerprint());
    (0..MUTATIONS / 2).into_par_iter().for_each(|number| {
        check_sealed(number, original, fingerprint, number % 8 == 0).unwrap_or_else(|fault| panic!("{fault}"));
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

#[test]
fn an_image_tells_the_settings_that_load_it() {
    let made = engine_with(|c| (c.tunables.fuel, c.tunables.opt_level) = (true, 0));
    let bytes = module(&made, "(module (func (export \"f\")))").serialize();
    assert!(Module::is_serialized(&bytes) && !Module::is_serialized(b"\0asm"));
    assert_eq!(Module::deserialize(&engine(), &bytes).err().map(|e| e.kind()), Some(ErrorKind::Artifact));
    let tunables = Module::serialized_tunables(&bytes).expect("settings");
    assert!(tunables.fuel && tunables.opt_level == 0);
    let fitting = engine_with(|c| c.tunables = tunables);
    assert_eq!(Module::deserialize(&fitting, &bytes).expect("a module").exports().len(), 1);
    for end in 0..bytes.len() {
        assert!(Module::serialized_tunables(&bytes[..end]).is_err(), "cut at {end}");
    }
}

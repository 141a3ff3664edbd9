//! Round trips, and damage of every kind.

use super::format::*;
use super::*;
use crate::base::index::*;
use crate::base::{ErrorKind, TrapCode};
use crate::layout::Tunables;
use crate::wasm::*;
use twox_hash::XxHash3_128;

fn fingerprint() -> Fingerprint {
    Fingerprint::new("here".into(), "fast=true\n".into(), Tunables::default())
}

fn info() -> ModuleInfo {
    let mut info = ModuleInfo::default();
    let ty = info.types.push(FuncType::new([ValType::I32], [ValType::FUNCREF]).into());
    let import = info.funcs.push(FuncDecl { ty, func_ref: None });
    info.num_imported_funcs = 1;
    info.imports.push(Import { module: "m".into(), name: "n".into(), entity: EntityIndex::Func(import) });
    info.num_func_refs = 1;
    let f = info.funcs.push(FuncDecl { ty, func_ref: Some(FuncRefIndex(0)) });
    info.funcs.push(FuncDecl { ty, func_ref: None });
    info.exports.push(Export { name: "f".into(), entity: EntityIndex::Func(f) });
    let init = Some(ConstExpr(vec![ConstOp::V128(7)]));
    info.globals.push(GlobalDecl { ty: GlobalType { content: ValType::V128, mutable: true }, init });
    let memory = info.memories.push(MemoryType::new(1, Some(2)));
    let mode = SegmentMode::Active { target: memory, offset: ConstExpr(vec![ConstOp::I32(0)]) };
    info.tags.push(ty);
    info.datas.push(DataSegment { mode, bytes: 1..4 });
    info
}

fn builder() -> ImageBuilder {
    let map = |return_address, offsets| StackMapEntry { return_address, frame_size: 32, offsets };
    let handler = |tag: &Option<u32>| Handler { tag: tag.map(TagIndex), with_ref: tag.is_none(), landing: 33 };
    let site = |return_address, context, tags: &[Option<u32>]| {
        let handlers = tags.iter().map(handler).collect();
        CatchSiteEntry { return_address, frame_size: 32, context, handlers }
    };
    ImageBuilder {
        info: info(),
        features: Features::default(),
        text: (0..100).map(|i| if (30..38).contains(&i) { 0 } else { i }).collect(),
        funcs: vec![FuncEntry { start: 0, end: 40, body: 70 }, FuncEntry { start: 48, end: 60, body: 90 }],
        brief: vec![false, true],
        trampolines: vec![(Some(64), None)],
        traps: vec![(5, TrapCode::Unreachable), (50, TrapCode::StackOverflow)],
        positions: vec![(0, Some(71)), (10, Some(75)), (20, Some(INLINED)), (40, None), (48, Some(91)), (60, None)],
        inlined: vec![(91, 71)],
        stack_maps: vec![map(12, vec![4, 8]), map(20, vec![]), map(55, vec![28])],
        catch_sites: vec![site(12, Some(16), &[Some(0), None]), site(55, None, &[None])],
        libcalls: vec![(30, LibCall::FmaF64)],
        func_names: vec![(0, "imported".into()), (2, "zwei-ü".into())],
        customs: vec![("producers".into(), vec![1, 2, 3])],
        data: vec![9, 8, 7, 6],
    }
}

fn load(bytes: Vec<u8>) -> crate::base::Result<Image> {
    Image::load(ImageBytes::from(bytes), &fingerprint())
}

/// Asks every question, so that a test can see that none panics.
fn query(image: &Image) -> usize {
    let mut found = 0;
    for at in 0..200 {
        found += usize::from(image.func_at(at).is_some()) + usize::from(image.trap_at(at).is_some());
        found += image.wasm_offset_at(at).map_or(0, |_| 1) + image.frames_at(at).count();
        found += image.catch_site_at(at).map_or(0, |s| s.handlers().len() + s.context().map_or(0, |c| c as usize));
        found += image.stack_map_at(at).map_or(0, |m| m.offsets().sum::<u32>() as usize + m.frame_size() as usize);
    }
    for i in 0..4 {
        found += image.func(DefinedFunc(i)).len() + image.body_offset(DefinedFunc(i)) as usize;
        found += image.func_name(FuncIndex(i)).map_or(0, str::len);
        found += image.entry_trampoline(TypeIndex(i)).map_or(0, |_| 1);
        found += image.host_trampoline(TypeIndex(i)).map_or(0, |_| 1);
    }
    found + image.libcalls().count() + image.custom_sections().count() + image.data().len() + image.text().len()
}

#[test]
fn round_trip() {
    let built = builder().finish(&fingerprint()).unwrap();
    let image = load(built.as_bytes().to_vec()).unwrap();
    assert_eq!(query(&built), query(&image));
    assert_eq!(image.func_at(39), Some(DefinedFunc(0)));
    assert_eq!(image.func_at(40), None);
    assert_eq!(image.func(DefinedFunc(1)), 48..60);
    assert_eq!([0, 1, 2, 100].map(|f| image.is_brief(DefinedFunc(f))), [false, true, false, false]);
    assert_eq!(image.trap_at(5), Some(TrapCode::Unreachable));
    assert_eq!(image.trap_at(6), None);
    assert_eq!(image.wasm_offset_at(9), Some(71));
    assert_eq!(image.wasm_offset_at(45), None);
    let frames = |at| image.frames_at(at).map(|(f, at)| (f.0, at)).collect::<Vec<_>>();
    assert_eq!(frames(10), [(0, Some(75))]);
    assert_eq!(frames(25), [(1, Some(91)), (0, Some(71))]);
    assert_eq!(frames(45), []);
    let offsets = |at| image.stack_map_at(at).map(|m| m.offsets().collect::<Vec<_>>());
    assert_eq!(offsets(12), Some(vec![4, 8]));
    assert_eq!(offsets(20), Some(vec![]));
    assert_eq!(offsets(55), Some(vec![28]));
    assert_eq!(offsets(13), None);
    let site = image.catch_site_at(12).unwrap();
    assert_eq!((site.frame_size(), site.context()), (32, Some(16)));
    let handlers: Vec<_> = site.handlers().map(|h| (h.tag, h.with_ref, h.landing)).collect();
    assert_eq!(handlers, [(Some(TagIndex(0)), false, 33), (None, true, 33)]);
    assert_eq!(image.catch_site_at(55).map(|s| (s.context(), s.handlers().len())), Some((None, 1)));
    assert!(image.catch_site_at(13).is_none());
    assert_eq!(image.libcalls().collect::<Vec<_>>(), [(30, LibCall::FmaF64)]);
    assert_eq!(image.func_name(FuncIndex(2)), Some("zwei-ü"));
    assert_eq!(image.func_name(FuncIndex(1)), None);
    assert_eq!(image.custom_section("producers"), Some(&[1, 2, 3][..]));
    assert_eq!(image.entry_trampoline(TypeIndex(0)), Some(64));
    assert_eq!(image.proposals(), Features::default().bits());
    assert_eq!(image.info().imports[0].module, "m");
}

#[test]
fn text_is_on_a_page_of_the_file() {
    let image = builder().finish(&fingerprint()).unwrap();
    let at = image.text().as_ptr() as usize - image.as_bytes().as_ptr() as usize;
    assert_eq!(at % 4096, 0);
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    let bytes = builder().finish(&fingerprint()).unwrap().as_bytes().to_vec();
    for i in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[i] ^= 1 << (i % 8);
        let e = load(damaged).expect_err("a flipped bit");
        assert_eq!(e.kind(), ErrorKind::Artifact);
    }
    for len in (0..bytes.len()).step_by(7) {
        assert_eq!(load(bytes[..len].to_vec()).expect_err("a cut").kind(), ErrorKind::Artifact);
    }
    let mut long = bytes;
    long.push(0);
    assert!(load(long).is_err());
}

/// A damaged image whose checksum has been made right again must still do no harm.
#[test]
fn damage_behind_a_right_checksum_never_panics() {
    let bytes = builder().finish(&fingerprint()).unwrap().as_bytes().to_vec();
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        seed >> 33
    };
    let content = bytes.iter().rposition(|&b| b != 0).map_or(0, |p| p + 1);
    let (mut refused, mut accepted) = (0, 0);
    for round in 0..20_000 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + round % 3 {
            let at = TOTAL + 8 + next() as usize % (content - TOTAL - 8);
            damaged[at] = [next() as u8, 0, 1, 0xff, 0x7f, 0x80][next() as usize % 6];
        }
        let sum = XxHash3_128::oneshot(&damaged[COVERED..]);
        damaged[CHECKSUM..CHECKSUM + 16].copy_from_slice(&sum.to_le_bytes());
        match load(damaged) {
            Ok(image) => accepted += 1 + query(&image) % 2,
            Err(e) => {
                assert_eq!(e.kind(), ErrorKind::Artifact);
                refused += 1;
            }
        }
    }
    assert!(refused > 1000 && accepted > 1000, "{refused} {accepted}");
}

#[test]
fn foreign_images_are_refused_with_the_difference() {
    let bytes = builder().finish(&fingerprint()).unwrap().as_bytes().to_vec();
    let other = Fingerprint::new("elsewhere".into(), "fast=true\n".into(), Tunables::default());
    let e = Image::load(ImageBytes::from(bytes.clone()), &other).expect_err("another target");
    assert!(e.to_string().contains("target expected elsewhere, found here"), "{e}");
    let tunables = Tunables { fuel: true, ..Tunables::default() };
    let other = Fingerprint::new("here".into(), "fast=true\n".into(), tunables);
    assert!(Image::load(ImageBytes::from(bytes), &other).is_err());
    assert_eq!(load(b"\0asm\x01\0\0\0".to_vec()).expect_err("wasm").kind(), ErrorKind::Artifact);
}

#[test]
fn inconsistent_tables_are_refused() {
    let refuse = |change: fn(&mut ImageBuilder)| {
        let mut b = builder();
        change(&mut b);
        let bytes = b.finish(&fingerprint()).unwrap().as_bytes().to_vec();
        assert_eq!(load(bytes).expect_err("inconsistent").kind(), ErrorKind::Artifact);
    };
    refuse(|b| b.funcs[1].end = 1000);
    refuse(|b| b.funcs[1].start = 39);
    refuse(|b| b.funcs.truncate(1));
    refuse(|b| b.trampolines[0].0 = Some(100));
    refuse(|b| b.traps.swap(0, 1));
    refuse(|b| b.brief = vec![false; 9]);
    refuse(|b| b.brief.push(true));
    refuse(|b| b.text[35] = 1);
    refuse(|b| b.stack_maps[0].offsets[0] = 29);
    refuse(|b| b.libcalls[0].0 = 93);
    refuse(|b| b.catch_sites.swap(0, 1));
    refuse(|b| b.catch_sites[0].context = Some(25));
    refuse(|b| b.catch_sites[0].handlers[0].tag = Some(TagIndex(1)));
    refuse(|b| b.catch_sites[0].handlers[0].landing = 100);
    refuse(|b| b.info.num_imported_funcs = 2);
    refuse(|b| b.info.start = Some(FuncIndex(3)));
    refuse(|b| b.data.truncate(3));
    refuse(|b| b.func_names.swap(0, 1));
}

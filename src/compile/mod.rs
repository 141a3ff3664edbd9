//! `ModuleInfo` and function bodies to an [`Image`]. The only user of Cranelift.
//!
//! A module is read once, its bodies are compiled in parallel, each validated as it is translated, and the
//! results are linked in order, so that the image does not depend on the number of threads.

mod abi;
mod brief;
mod code;
mod context;
mod function;
mod inline;
mod isa;
mod link;
mod placement;
mod spread;
#[cfg(test)]
mod tests;
mod trampoline;
mod translate;

use crate::base::index::*;
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::image::{Fingerprint, FuncEntry, Image, ImageBuilder, LibCall};
use crate::layout::{StructLayout, Tunables, VmCtxLayout};
use crate::wasm::{self, Body, EntityIndex, Features, FuncType, ModuleInfo, ParsedModule};
use code::Code;
use cranelift_codegen::isa::OwnedTargetIsa;
use function::Work;
use inline::Candidates;
use link::{Linker, STUBS};
use spread::{spread, threads_are_there};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of bodies below which spreading over threads costs more than it gains: these take about a millisecond, and a thread
/// wakes up in a twentieth of one.
const PARALLEL_FROM: usize = 2 << 10;

/// Told after each function how many are done and how many there are: by any of the compiling threads, several at a
/// time, so that a smaller count may arrive after a larger one.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Compiles modules for this machine with fixed settings. Shared freely between threads.
pub struct Compiler {
    isa: OwnedTargetIsa,
    tunables: Tunables,
    fingerprint: Fingerprint,
    contexts: context::Pool,
    /// Whether a module's functions may be compiled on several threads.
    parallel: bool,
}

/// Machine code by which host and guest functions of one type call each other.
#[derive(Debug, Clone)]
pub struct Trampolines {
    pub text: Vec<u8>,
    /// Offset in `text` of the entry trampoline (see `layout::EntryTrampoline`).
    pub entry: u32,
    /// Offset in `text` of the host trampoline (guest convention).
    pub host: u32,
    /// Sorted offsets in `text` of instructions that may fault.
    pub traps: Vec<(u32, TrapCode)>,
    /// Offsets in `text` of 8-byte absolute addresses to fill in.
    pub libcalls: Vec<(u32, LibCall)>,
}

impl Compiler {
    /// A compiler for the machine it runs on. Fails for unknown `extra_flags`.
    pub fn new(tunables: &Tunables) -> Result<Compiler> {
        let isa = isa::build(tunables)?;
        let fingerprint = isa::fingerprint(&isa, tunables);
        Ok(Compiler { isa, tunables: tunables.clone(), fingerprint, contexts: context::Pool::default(), parallel: true })
    }

    /// Whether large modules are compiled on all cores, as they are by default.
    pub fn set_parallel(&mut self, parallel: bool) {
        self.parallel = parallel;
    }

    /// What images made by this compiler carry.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Validates and compiles a binary module.
    pub fn compile(&self, bytes: &[u8], features: &Features) -> Result<Image> {
        self.compile_watched(bytes, features, &|_, _| {})
    }

    /// [`Compiler::compile`] that says how far it is.
    pub fn compile_watched(&self, bytes: &[u8], features: &Features, progress: Progress<'_>) -> Result<Image> {
        let mut parsed = wasm::read(bytes, features).map_err(|e| e.context("failed to parse WebAssembly module"))?;
        let bodies = core::mem::take(&mut parsed.bodies);
        let starts: Vec<u32> = bodies.iter().map(|b| b.body.range().start as u32).collect();
        let codes = self.compile_bodies(&parsed, bodies, false, progress).map_err(|(func, e)| in_function(e, func, &parsed))?;
        let mut linker = Linker::new(&*self.isa, codes.len() + STUBS.len());
        let mut funcs = Vec::with_capacity(codes.len());
        for (code, body) in codes.iter().zip(starts) {
            let (start, end) = linker.append(code, true)?;
            funcs.push(FuncEntry { start, end, body });
        }
        STUBS.iter().try_for_each(|&call| linker.append_stub(call))?;
        let trampolines = self.module_trampolines(&parsed.info, &mut linker)?;
        let (text, tables) = linker.finish();
        let builder = ImageBuilder {
            features: *features,
            text,
            funcs,
            trampolines,
            traps: tables.traps,
            positions: tables.positions,
            stack_maps: tables.stack_maps,
            catch_sites: tables.catch_sites,
            libcalls: tables.libcalls,
            inlined: tables.inlined,
            func_names: parsed.func_names.iter().map(|n| (n.0, n.1.to_owned())).collect(),
            customs: parsed.customs.iter().map(|c| (c.0.to_owned(), c.1.to_owned())).collect(),
            data: parsed.data.concat(),
            brief: brief::brief(&codes.iter().map(|c| c.effort.as_ref()).collect::<Vec<_>>()),
            info: parsed.info,
        };
        builder.finish(&self.fingerprint)
    }

    /// The code of each defined function in the code generator's own notation, for tests of what code comes out.
    pub fn listing(&self, bytes: &[u8], features: &Features) -> Result<Vec<String>> {
        let mut parsed = wasm::read(bytes, features)?;
        let bodies = core::mem::take(&mut parsed.bodies);
        let codes = self.compile_bodies(&parsed, bodies, true, &|_, _| {}).map_err(|(func, e)| in_function(e, func, &parsed))?;
        Ok(codes.into_iter().map(|code| code.listing).collect())
    }

    /// Code for functions that belong to no module.
    pub fn trampolines(&self, ty: &FuncType) -> Result<Trampolines> {
        let (entry, host) = self.contexts.with(|cx| {
            Ok((self.entry_trampoline(cx, ty)?, trampoline::host(&*self.isa, cx, ty)?))
        })?;
        let mut linker = Linker::new(&*self.isa, 0);
        let (entry, _) = linker.append(&entry, false)?;
        let (host, _) = linker.append(&host, false)?;
        let (text, tables) = linker.finish();
        Ok(Trampolines { text, entry, host, traps: tables.traps, libcalls: tables.libcalls })
    }

    fn compile_bodies(
        &self,
        parsed: &ParsedModule<'_>,
        bodies: Vec<Body<'_>>,
        listing: bool,
        progress: Progress<'_>,
    ) -> Result<Vec<Code>, (u32, Error)> {
        let module = translate::Module {
            info: &parsed.info,
            layout: VmCtxLayout::new(&parsed.info),
            structs: parsed.info.types.values().map(|t| t.as_struct().map(StructLayout::new)).collect(),
            tunables: &self.tunables,
            isa: &*self.isa,
            hints: &parsed.hints,
            listing,
        };
        let sizes: Vec<usize> = bodies.iter().map(|b| b.body.as_bytes().len()).collect();
        let is_small = |size: usize| size <= inline::MAX_BODY;
        let parallel = |sum: usize| self.parallel && sum >= PARALLEL_FROM && threads_are_there();
        let starts: Vec<u32> = bodies.iter().map(|b| b.body.range().start as u32).collect();
        // Without positions nothing would tell inlined frames from others.
        let inlining = self.tunables.inlining && self.tunables.address_map && self.tunables.opt_level > 0;
        let small = if inlining { sizes.iter().filter(|&&size| is_small(size)).sum() } else { 0 };
        let work = spread(parallel(small), &sizes, bodies, |body| {
            if !inlining || !is_small(body.body.as_bytes().len()) {
                return Ok(Work::Body(body));
            }
            self.contexts.with(|cx| function::translate_apart(&module, cx, body)).map(|(func, effort)| Work::Translated(func, effort))
        })?;
        let mut candidates = Candidates::default();
        for (index, (item, start)) in work.iter().zip(starts).enumerate() {
            if let Work::Translated(func, _) = item {
                candidates.offer(index as u32, func, start);
            }
        }
        let (done, total) = (AtomicUsize::new(0), work.len());
        spread(parallel(sizes.iter().sum()), &sizes, work, |item| {
            let code = self.contexts.with(|cx| function::compile(&module, cx, &candidates, item));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            code
        })
    }

    fn entry_trampoline(&self, cx: &mut context::Context, ty: &FuncType) -> Result<Code> {
        trampoline::entry(&*self.isa, cx, ty, self.tunables.epochs)
    }

    /// Entry trampolines for functions the host can reach, both kinds for imported functions. Equal
    /// types share one.
    fn module_trampolines(&self, info: &ModuleInfo, linker: &mut Linker) -> Result<Vec<(Option<u32>, Option<u32>)>> {
        let mut wanted = vec![(false, false); info.types.len()];
        for func in info.funcs.values().filter(|f| f.func_ref.is_some()) {
            wanted[func.ty.index()].0 = true;
        }
        for import in &info.imports {
            if let EntityIndex::Func(f) = import.entity {
                // Both ways: a host function made for this import is called by the host too.
                wanted[info.funcs[f].ty.index()] = (true, true);
            }
        }
        let mut made: HashMap<(&FuncType, bool), u32> = HashMap::new();
        let mut make = |ty: TypeIndex, host: bool| -> Result<u32> {
            let ty = info.types[ty].func();
            if let Some(&at) = made.get(&(ty, host)) {
                return Ok(at);
            }
            let code = self.contexts.with(|cx| match host {
                true => trampoline::host(&*self.isa, cx, ty),
                false => self.entry_trampoline(cx, ty),
            })?;
            let (at, _) = linker.append(&code, false)?;
            made.insert((ty, host), at);
            Ok(at)
        };
        let mut out = Vec::with_capacity(wanted.len());
        for (ty, (entry, host)) in info.types.keys().zip(wanted) {
            let entry = entry.then(|| make(ty, false)).transpose()?;
            out.push((entry, host.then(|| make(ty, true)).transpose()?));
        }
        Ok(out)
    }
}

/// What is wrong with a defined function, in the words and layers of libwasmtime, whose clients compare them.
#[cold]
fn in_function(e: Error, defined: u32, parsed: &ParsedModule<'_>) -> Error {
    let index = parsed.info.func_index(DefinedFunc(defined)).0;
    let mut which = format!("failed to compile: wasm[0]::function[{index}]");
    if let Ok(at) = parsed.func_names.binary_search_by_key(&index, |n| n.0) {
        which = format!("{which}::{}", parsed.func_names[at].1);
    }
    match (e.kind(), e.offset()) {
        (ErrorKind::Invalid | ErrorKind::Unsupported, Some(offset)) => {
            let text = e.to_string();
            let text = text.strip_suffix(&format!(" (at offset {offset:#x})")).unwrap_or(&text);
            Error::new(e.kind(), format!("Invalid input WebAssembly code at offset {offset}: {text}"))
                .at(offset)
                .context("WebAssembly translation error")
                .context(which)
        }
        _ => e.context(which),
    }
}

//! Publishing machine code. Pages are written first and made executable afterwards, never both at once.

use super::init::InitPlan;
use super::pages::Pages;
use super::{libcalls, registry};
use crate::base::index::*;
use crate::base::{Error, Result, TrapCode};
use crate::image::{Fingerprint, Image, ImageBytes, LibCall};
use crate::layout::{EntryTrampoline, VmCtxLayout};
use crate::wasm::ModuleInfo;
use std::sync::{Arc, OnceLock};

/// Executable pages.
struct Text {
    pages: Arc<Pages>,
    /// Where the text begins among them.
    start: usize,
}

impl Text {
    /// Fills in the addresses of `libcalls` and protects the pages; the text begins at `start` and ends them.
    fn publish(pages: Arc<Pages>, start: usize, libcalls: &[(u32, LibCall)]) -> Result<Text> {
        // No code without somebody to take its faults.
        super::fault::init()?;
        let words = libcalls.iter().map(|&(at, call)| (start + at as usize, libcalls::address(call) as u64));
        pages.publish(start, words)?;
        Ok(Text { pages, start })
    }

    fn start(&self) -> usize {
        self.pages.base() + self.start
    }

    fn at(&self, offset: u32) -> *const u8 {
        core::ptr::with_exposed_provenance(self.start() + offset as usize)
    }

    fn entry_at(&self, offset: u32) -> EntryTrampoline {
        // SAFETY: images are checked when loaded: an entry trampoline's offset is code of that signature inside the text.
        unsafe { core::mem::transmute::<*const u8, EntryTrampoline>(self.at(offset)) }
    }
}

/// A compiled module, executable. Known to the fault handler from publication until it is dropped; whoever runs its
/// code keeps it alive.
pub struct CodeMap {
    text: Text,
    image: Image,
    layout: VmCtxLayout,
    init: OnceLock<InitPlan>,
}

impl CodeMap {
    /// Publishes what the compiler made.
    pub fn publish(image: &Image) -> Result<Arc<CodeMap>> {
        let pages = Arc::new(Pages::copy(image.as_bytes())?);
        let image = image.moved_to(ImageBytes::new(pages.clone()))?;
        CodeMap::start(pages, image)
    }

    /// Loads an image from `len` bytes that `read` fills in, and publishes it; one copy of the bytes is all there will be.
    pub fn load(
        len: usize,
        read: impl FnOnce(&mut [u8]) -> Result<()>,
        expect: &Fingerprint,
    ) -> Result<Arc<CodeMap>> {
        let pages = Arc::new(Pages::filled(len, read)?);
        let image = Image::load(ImageBytes::new(pages.clone()), expect)?;
        CodeMap::start(pages, image)
    }

    fn start(pages: Arc<Pages>, image: Image) -> Result<Arc<CodeMap>> {
        let libcalls: Vec<_> = image.libcalls().collect();
        let text = Text::publish(pages, image.text_range().start, &libcalls)?;
        let layout = VmCtxLayout::new(image.info());
        let len = image.text().len();
        let code = Arc::new(CodeMap { text, image, layout, init: OnceLock::new() });
        registry::insert(code.text.start(), len, registry::Owner::Module(Arc::downgrade(&code)));
        Ok(code)
    }

    pub fn image(&self) -> &Image {
        &self.image
    }

    pub fn info(&self) -> &Arc<ModuleInfo> {
        self.image.info()
    }

    /// Where things stand in a vmctx of this module.
    pub fn layout(&self) -> &VmCtxLayout {
        &self.layout
    }

    /// Start address and length of the text, in bytes.
    pub fn range(&self) -> (usize, usize) {
        (self.text.start(), self.image.text().len())
    }

    pub(super) fn contains(&self, pc: usize) -> bool {
        pc.checked_sub(self.text.start()).is_some_and(|off| off < self.image.text().len())
    }

    pub fn func_code(&self, f: DefinedFunc) -> *const u8 {
        self.text.at(self.image.func(f).start)
    }

    /// How the host calls functions of this type.
    pub fn entry(&self, t: TypeIndex) -> Option<EntryTrampoline> {
        self.image.entry_trampoline(t).map(|off| self.text.entry_at(off))
    }

    /// How guests call host functions of this type.
    pub fn host(&self, t: TypeIndex) -> Option<*const u8> {
        self.image.host_trampoline(t).map(|off| self.text.at(off))
    }

    /// How to fill memories and tables cheaply; worked out on first use.
    pub(super) fn init_plan(&self) -> &InitPlan {
        self.init.get_or_init(|| InitPlan::new(&self.image))
    }

    /// Initial contents of a defined memory, for `Memory::new`; `None` if copying is cheaper or needed.
    pub fn memory_image(&self, m: MemoryIndex) -> Option<Arc<super::MemoryImage>> {
        self.init_plan().memory(&self.image, m)
    }

    /// Whether an active data segment is part of [`CodeMap::memory_image`]: a memory made with that image has it already.
    pub fn data_is_imaged(&self, d: DataIndex) -> bool {
        self.init_plan().data_is_imaged(&self.image, d)
    }

    /// Whether an active element segment is applied lazily: instantiation must not run `table_init` for it.
    pub fn elem_is_lazy(&self, e: ElemIndex) -> bool {
        self.init_plan().elem_is_lazy(e)
    }
}

impl Drop for CodeMap {
    fn drop(&mut self) {
        registry::remove(self.text.start());
    }
}

/// Trampolines of one function type that belong to no module.
pub struct TrampolineCode {
    text: Text,
    entry: u32,
    host: u32,
    traps: Box<[(u32, TrapCode)]>,
}

impl TrampolineCode {
    pub fn entry(&self) -> EntryTrampoline {
        self.text.entry_at(self.entry)
    }

    pub fn host(&self) -> *const u8 {
        self.text.at(self.host)
    }

    pub(super) fn trap_at(&self, offset: u32) -> Option<TrapCode> {
        let at = self.traps.binary_search_by_key(&offset, |t| t.0).ok()?;
        Some(self.traps[at].1)
    }

    #[cfg(test)]
    pub(super) fn at(&self, offset: u32) -> *const u8 {
        self.text.at(offset)
    }
}

impl Drop for TrampolineCode {
    fn drop(&mut self) {
        registry::remove(self.text.start());
    }
}

/// Publishes trampolines: their text, where in it they begin, the places that may trap (ascending) and the addresses
/// to fill in.
pub fn publish_trampolines(
    text: &[u8],
    entry: u32,
    host: u32,
    traps: &[(u32, TrapCode)],
    libcalls: &[(u32, LibCall)],
) -> Result<Arc<TrampolineCode>> {
    if entry as usize >= text.len() || host as usize >= text.len() {
        return Err(Error::internal("a trampoline begins outside its code"));
    }
    let made = Text::publish(Arc::new(Pages::copy(text)?), 0, libcalls)?;
    let code = Arc::new(TrampolineCode { text: made, entry, host, traps: traps.into() });
    registry::insert(code.text.start(), text.len(), registry::Owner::Trampolines(Arc::downgrade(&code)));
    Ok(code)
}

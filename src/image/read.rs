//! Loading an image and looking things up in it.

use super::format::*;
use super::positions::{self, Position};
use super::tables::{CatchSite, Rows, StackMap};
use super::{Fingerprint, ImageBytes, check};
use crate::base::index::*;
use crate::base::{Error, ErrorKind, Result, TrapCode};
use crate::layout::Tunables;
use crate::wasm::ModuleInfo;
use core::ops::Range;
use std::sync::Arc;
use twox_hash::XxHash3_128;

/// Where each section is.
pub(super) struct Layout {
    sections: [Range<usize>; Section::COUNT],
    proposals: u64,
}

impl Layout {
    /// Reads the section table of bytes whose header is known to be complete.
    pub(super) fn read(bytes: &[u8]) -> Result<Layout> {
        let word = |at: usize| -> Result<u64> {
            let w = bytes.get(at..at + 8).and_then(|b| b.try_into().ok());
            w.map(u64::from_le_bytes).ok_or_else(|| damaged("the header is cut short"))
        };
        let mut sections = [const { 0..0 }; Section::COUNT];
        let mut previous = HEADER;
        for &s in Section::ALL {
            let entry = TABLE + s as usize * 16;
            let range = range_of(word(entry)?, word(entry + 8)?, bytes.len());
            let range = range.filter(|r| r.start >= previous && r.len() % row_size(s) == 0);
            let range = range.ok_or_else(|| damaged(format_args!("section {s:?} is out of place")))?;
            previous = range.end;
            sections[s as usize] = range;
        }
        Ok(Layout { sections, proposals: word(PROPOSALS)? })
    }
}

fn range_of(start: u64, len: u64, total: usize) -> Option<Range<usize>> {
    let end = start.checked_add(len)?;
    let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
    (end <= total).then_some(start..end)
}

/// A compiled module. Cheap to clone; immutable.
#[derive(Clone)]
pub struct Image(Arc<Inner>);

struct Inner {
    bytes: ImageBytes,
    layout: Layout,
    fingerprint: Fingerprint,
    info: Arc<ModuleInfo>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({} bytes, {} bytes of text)", self.as_bytes().len(), self.text().len())
    }
}

impl Image {
    /// Checks everything about `bytes` before any of it is used: completeness, checksum, fingerprint, and
    /// every offset inside. Fails with [`ErrorKind::Artifact`].
    pub fn load(bytes: ImageBytes, expect: &Fingerprint) -> Result<Image> {
        let slice = bytes.as_slice();
        check_header(slice)?;
        let layout = Layout::read(slice)?;
        let section = |s: Section| &slice[layout.sections[s as usize].clone()];
        let fingerprint: Fingerprint = decode(section(Section::Fingerprint), "fingerprint")?;
        expect.check(&fingerprint)?;
        let info: ModuleInfo = decode(section(Section::Info), "module description")?;
        let image = Image::assemble(bytes.clone(), layout, fingerprint, Arc::new(info));
        check::check(&image)?;
        Ok(image)
    }

    /// How many bytes [`Image::recognise`] looks at.
    pub const BEGIN: usize = 16;

    /// Refuses bytes whose beginning shows that they are no image of this version, before anybody copies them.
    pub fn recognise(bytes: &[u8]) -> Result<()> {
        check_version(bytes)
    }

    /// Whether `bytes` begin like an image (and unlike a wasm module or text).
    pub fn is_image(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The settings that the image in `bytes` was compiled with, for whoever makes an engine that fits it.
    pub fn tunables_of(bytes: &[u8]) -> Result<Tunables> {
        check_header(bytes)?;
        let at = Layout::read(bytes)?.sections[Section::Fingerprint as usize].clone();
        let fingerprint: Fingerprint = decode(&bytes[at], "fingerprint")?;
        Ok(fingerprint.tunables().clone())
    }

    pub(super) fn assemble(
        bytes: ImageBytes,
        layout: Layout,
        fingerprint: Fingerprint,
        info: Arc<ModuleInfo>,
    ) -> Image {
        Image(Arc::new(Inner { bytes, layout, fingerprint, info }))
    }

    pub(super) fn section(&self, s: Section) -> &[u8] {
        self.0.bytes.as_slice().get(self.0.layout.sections[s as usize].clone()).unwrap_or(&[])
    }

    pub(super) fn rows<const N: usize>(&self, s: Section) -> Rows<'_, N> {
        Rows(self.section(s))
    }

    fn funcs(&self) -> Rows<'_, 4> {
        self.rows(Section::Funcs)
    }

    /// The same image, its bytes in another place.
    pub fn moved_to(&self, bytes: ImageBytes) -> Result<Image> {
        if bytes.as_slice().len() != self.as_bytes().len() {
            return Err(Error::internal("an image moved to bytes of another length"));
        }
        let layout = Layout::read(bytes.as_slice())?;
        Ok(Image::assemble(bytes, layout, self.0.fingerprint.clone(), self.0.info.clone()))
    }

    /// The serialised form. Where the bytes are those of published code, addresses have been filled in: the
    /// places that [`Image::libcalls`] names, zero in the serialised form.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.bytes.as_slice()
    }

    pub fn info(&self) -> &Arc<ModuleInfo> {
        &self.0.info
    }

    pub fn fingerprint(&self) -> &Fingerprint {
        &self.0.fingerprint
    }

    pub fn tunables(&self) -> &Tunables {
        self.0.fingerprint.tunables()
    }

    /// The proposals that were switched on when the module was compiled, as `wasm::Features::bits`.
    pub fn proposals(&self) -> u64 {
        self.0.layout.proposals
    }

    /// Machine code.
    pub fn text(&self) -> &[u8] {
        self.section(Section::Text)
    }

    /// Bytes of the data segments, indexed by `DataSegment::bytes`.
    pub fn data(&self) -> &[u8] {
        self.section(Section::Data)
    }

    /// Where the text lies among the bytes; it ends them.
    pub fn text_range(&self) -> Range<usize> {
        self.0.layout.sections[Section::Text as usize].clone()
    }

    /// The serialised form, also of published code.
    pub fn serialize(&self) -> Vec<u8> {
        let mut bytes = self.as_bytes().to_vec();
        let text = &mut bytes[self.text_range()];
        for (at, _) in self.libcalls() {
            text[at as usize..][..8].fill(0);
        }
        bytes
    }

    /// Text offsets of a function; empty if there is no such function.
    pub fn func(&self, f: DefinedFunc) -> Range<u32> {
        self.funcs().get(f.index()).map_or(0..0, |[start, end, ..]| start..end)
    }

    /// Whether every call of the function is over soon: it runs a thousand operators at most, none of them in a loop, and waits for
    /// nothing.
    pub fn is_brief(&self, f: DefinedFunc) -> bool {
        self.section(Section::Brief).get(f.index() / 8).is_some_and(|byte| byte >> (f.index() % 8) & 1 != 0)
    }

    /// The functions with code here, in order.
    pub fn defined_funcs(&self) -> impl Iterator<Item = DefinedFunc> + use<> {
        (0..self.funcs().len() as u32).map(DefinedFunc)
    }

    /// The function whose code contains this text offset.
    pub fn func_at(&self, text_off: u32) -> Option<DefinedFunc> {
        let rows = self.funcs();
        let i = rows.upper_bound(text_off).checked_sub(1)?;
        (text_off < rows.get(i)?[1]).then_some(DefinedFunc(i as u32))
    }

    /// Module offset of a function's body, local declarations included.
    pub fn body_offset(&self, f: DefinedFunc) -> u32 {
        self.funcs().get(f.index()).map_or(0, |[_, _, body, _]| body)
    }

    /// Text offset of the trampoline by which the host calls functions of this type.
    pub fn entry_trampoline(&self, ty: TypeIndex) -> Option<u32> {
        self.rows::<2>(Section::Trampolines).get(ty.index()).map(|t| t[0]).filter(|&t| t != NONE)
    }

    /// Text offset of the trampoline by which guests call host functions of this type.
    pub fn host_trampoline(&self, ty: TypeIndex) -> Option<u32> {
        self.rows::<2>(Section::Trampolines).get(ty.index()).map(|t| t[1]).filter(|&t| t != NONE)
    }

    /// What a fault of the instruction at this text offset means.
    pub fn trap_at(&self, text_off: u32) -> Option<TrapCode> {
        let i = self.rows::<1>(Section::TrapOffsets).find(text_off)?;
        TrapCode::from_u8(*self.section(Section::TrapCodes).get(i)?)
    }

    /// Module offset of the operator that this instruction belongs to. For a return address pass it minus one.
    pub fn wasm_offset_at(&self, text_off: u32) -> Option<u32> {
        self.position_at(text_off).map(|p| p.0)
    }

    /// The operator that this instruction belongs to and, if its function was inlined, the call it replaced:
    /// module offsets.
    fn position_at(&self, text_off: u32) -> Option<(u32, Option<u32>)> {
        let f = self.func_at(text_off)?.index();
        let [text, _, body, start] = self.funcs().get(f)?;
        let runs = self.section(Section::Positions);
        let end = self.funcs().get(f + 1).map_or(runs.len(), |next| next[3] as usize);
        let run = runs.get(start as usize..end)?;
        match positions::find(run, text, body, text_off) {
            // Entered, and not begun.
            Position::None if text_off == text && !run.is_empty() => Some((body, None)),
            Position::None => None,
            Position::At(at) => Some((at, None)),
            Position::Inlined(row) => {
                self.rows::<2>(Section::Inlined).get(row as usize).map(|[at, call]| (at, Some(call)))
            }
        }
    }

    /// The wasm frames that this instruction belongs to, innermost first: functions and module offsets. More than
    /// one if functions were inlined. For a return address pass it minus one.
    pub fn frames_at(&self, text_off: u32) -> impl Iterator<Item = (DefinedFunc, Option<u32>)> + use<> {
        let frames = self.func_at(text_off).map(|own| match self.position_at(text_off) {
            Some((at, Some(call))) => [self.func_of_body(at).map(|f| (f, Some(at))), Some((own, Some(call)))],
            at => [Some((own, at.map(|p| p.0))), None],
        });
        frames.into_iter().flatten().flatten()
    }

    /// The function whose body contains this module offset.
    fn func_of_body(&self, offset: u32) -> Option<DefinedFunc> {
        let rows = self.funcs();
        let (mut low, mut high) = (0, rows.len());
        while low < high {
            let mid = low + (high - low) / 2;
            if rows.get(mid).is_some_and(|r| r[2] <= offset) { low = mid + 1 } else { high = mid }
        }
        low.checked_sub(1).map(|f| DefinedFunc(f as u32))
    }

    /// The live handles of a frame whose call returns to this text offset.
    pub fn stack_map_at(&self, return_off: u32) -> Option<StackMap<'_>> {
        let rows = self.rows::<3>(Section::StackMaps);
        let i = rows.find(return_off)?;
        let [_, frame_size, end] = rows.get(i)?;
        let start = i.checked_sub(1).and_then(|p| rows.get(p)).map_or(0, |p| p[2]);
        let offsets = self.section(Section::StackMapOffsets);
        let offsets = Rows(offsets.get(start as usize * 4..end as usize * 4)?);
        Some(StackMap { frame_size, offsets })
    }

    /// What the call that returns to this text offset catches; `None` if nothing.
    pub fn catch_site_at(&self, return_off: u32) -> Option<CatchSite<'_>> {
        let rows = self.rows::<4>(Section::CatchSites);
        let i = rows.find(return_off)?;
        let [_, frame_size, context, end] = rows.get(i)?;
        let start = i.checked_sub(1).and_then(|p| rows.get(p)).map_or(0, |p| p[3]);
        let handlers = self.section(Section::Handlers);
        let handlers = Rows(handlers.get(start as usize * 12..end as usize * 12)?);
        Some(CatchSite { frame_size, context: (context != NONE).then_some(context), handlers })
    }

    /// Text offsets of 8-byte absolute addresses to fill in before the code is protected.
    pub fn libcalls(&self) -> impl Iterator<Item = (u32, LibCall)> + '_ {
        let rows = self.rows::<2>(Section::LibCalls);
        rows.iter().filter_map(|[at, call]| Some((at, LibCall::from_u32(call)?)))
    }

    /// Name from the name section.
    pub fn func_name(&self, f: FuncIndex) -> Option<&str> {
        let rows = self.rows::<3>(Section::FuncNames);
        let [_, start, end] = rows.get(rows.find(f.0)?)?;
        let text = self.section(Section::NameText).get(start as usize..end as usize)?;
        core::str::from_utf8(text).ok()
    }

    /// Custom sections in the order of the module, the name section and debug information left out.
    pub fn custom_sections(&self) -> impl Iterator<Item = (&str, &[u8])> + '_ {
        let bytes = self.section(Section::CustomBytes);
        let part = move |start: u32, end: u32| bytes.get(start as usize..end as usize);
        self.rows::<4>(Section::Customs).iter().filter_map(move |[a, b, c, d]| {
            Some((core::str::from_utf8(part(a, b)?).ok()?, part(c, d)?))
        })
    }

    /// The first custom section of this name.
    pub fn custom_section(&self, name: &str) -> Option<&[u8]> {
        self.custom_sections().find(|s| s.0 == name).map(|s| s.1)
    }
}

fn check_version(bytes: &[u8]) -> Result<()> {
    if !bytes.starts_with(MAGIC) {
        return Err(Error::new(ErrorKind::Artifact, "not a compiled artifact of this library"));
    }
    let Some(header) = bytes.get(..Image::BEGIN) else {
        return Err(damaged("the header is cut short"));
    };
    let version = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
    if version != VERSION {
        let text = format!("compiled artifact has format {version}, expected {VERSION}");
        return Err(Error::new(ErrorKind::Artifact, text));
    }
    if header[12..16] != (Section::COUNT as u32).to_le_bytes() {
        return Err(damaged("wrong number of sections"));
    }
    Ok(())
}

fn check_header(bytes: &[u8]) -> Result<()> {
    check_version(bytes)?;
    let header = bytes.get(..HEADER).ok_or_else(|| damaged("the header is cut short"))?;
    if header[TOTAL..TOTAL + 8] != (bytes.len() as u64).to_le_bytes() {
        return Err(damaged(format_args!("it has {} bytes, which is not its recorded length", bytes.len())));
    }
    if header[CHECKSUM..CHECKSUM + 16] != XxHash3_128::oneshot(&bytes[COVERED..]).to_le_bytes() {
        return Err(damaged("the checksum does not match"));
    }
    Ok(())
}

fn decode<T: for<'de> serde::Deserialize<'de>>(bytes: &[u8], what: &str) -> Result<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, rest)) if rest.is_empty() => Ok(value),
        _ => Err(damaged(format_args!("its {what} cannot be decoded"))),
    }
}

//! Writing an image.

use super::format::*;
use super::positions::{Position, Run};
use super::read::{Image, Layout};
use super::{Fingerprint, ImageBytes};
use crate::base::cast::{align_up, to_u32};
use crate::base::index::TagIndex;
use crate::base::{Error, Result, TrapCode};
use crate::wasm::{Features, ModuleInfo};
use std::sync::Arc;
use twox_hash::XxHash3_128;

/// One defined function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuncEntry {
    /// Text offsets.
    pub start: u32,
    pub end: u32,
    /// Module offset of the body, local declarations included.
    pub body: u32,
}

/// The live handles at one return address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackMapEntry {
    pub return_address: u32,
    pub frame_size: u32,
    /// From the stack pointer.
    pub offsets: Vec<u32>,
}

/// The exceptions that a call catches in its own function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatchSiteEntry {
    pub return_address: u32,
    pub frame_size: u32,
    /// Where the frame keeps its vmctx, from the stack pointer; `None` if the call is one of a builtin, which is told.
    pub context: Option<u32>,
    /// The first that fits is taken.
    pub handlers: Vec<Handler>,
}

/// Where an exception goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// A tag of the frame's module; `None` fits every exception.
    pub tag: Option<TagIndex>,
    /// Whether the guest gets the exception itself and not only its values.
    pub with_ref: bool,
    /// Text offset.
    pub landing: u32,
}

/// The parts of an image. Tables must be sorted by text offset, functions laid out in index order.
#[derive(Default)]
pub struct ImageBuilder {
    pub info: ModuleInfo,
    pub features: Features,
    pub text: Vec<u8>,
    pub funcs: Vec<FuncEntry>,
    /// Whether a function's calls are all over soon.
    pub brief: Vec<bool>,
    /// Entry and host trampoline by type index.
    pub trampolines: Vec<(Option<u32>, Option<u32>)>,
    pub traps: Vec<(u32, TrapCode)>,
    /// Text offset and module offset; `None` where no operator is known.
    pub positions: Vec<(u32, Option<u32>)>,
    /// Positions of inlined code: in the callee, and of the call. Positions with the highest bit set mean a row here.
    pub inlined: Vec<(u32, u32)>,
    pub stack_maps: Vec<StackMapEntry>,
    pub catch_sites: Vec<CatchSiteEntry>,
    pub libcalls: Vec<(u32, LibCall)>,
    /// Function names by function index, ascending.
    pub func_names: Vec<(u32, String)>,
    pub customs: Vec<(String, Vec<u8>)>,
    pub data: Vec<u8>,
}

impl ImageBuilder {
    /// Lays everything out and computes the checksum.
    pub fn finish(self, fingerprint: &Fingerprint) -> Result<Image> {
        let mut w = Writer::new();
        w.section(Section::Fingerprint, &encode(fingerprint)?)?;
        w.section(Section::Info, &encode(&self.info)?)?;
        let (runs, starts) = self.encode_positions()?;
        let funcs = self.funcs.iter().zip(starts);
        w.rows(Section::Funcs, funcs.map(|(f, run)| [f.start, f.end, f.body, run]))?;
        let bits = |eight: &[bool]| eight.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        w.section(Section::Brief, &self.brief.chunks(8).map(bits).collect::<Vec<_>>())?;
        let or_none = |x: Option<u32>| x.unwrap_or(NONE);
        w.rows(Section::Trampolines, self.trampolines.iter().map(|t| [or_none(t.0), or_none(t.1)]))?;
        w.rows(Section::TrapOffsets, self.traps.iter().map(|t| [t.0]))?;
        let codes: Vec<u8> = self.traps.iter().map(|t| t.1.as_u8()).collect();
        w.section(Section::TrapCodes, &codes)?;
        w.section(Section::Positions, &runs)?;
        w.rows(Section::Inlined, self.inlined.iter().map(|i| [i.0, i.1]))?;
        self.write_stack_maps(&mut w)?;
        self.write_catch_sites(&mut w)?;
        w.rows(Section::LibCalls, self.libcalls.iter().map(|l| [l.0, l.1 as u32]))?;
        self.write_names(&mut w)?;
        self.write_customs(&mut w)?;
        w.section(Section::Data, &self.data)?;
        w.align(TEXT_ALIGN);
        w.section(Section::Text, &self.text)?;
        let bytes = w.finish(self.features.bits());
        let layout = Layout::read(&bytes)?;
        Ok(Image::assemble(ImageBytes::from(bytes), layout, fingerprint.clone(), Arc::new(self.info)))
    }

    /// The functions' runs, and where each begins. What lies between functions has no position.
    fn encode_positions(&self) -> Result<(Vec<u8>, Vec<u32>)> {
        let mut bytes = Vec::with_capacity(self.positions.len() * 3);
        let mut starts = Vec::with_capacity(self.funcs.len());
        let mut rest = self.positions.as_slice();
        for f in &self.funcs {
            starts.push(to_u32(bytes.len(), "size of positions")?);
            let first = rest.iter().position(|p| p.0 >= f.start).unwrap_or(rest.len());
            let end = rest.iter().position(|p| p.0 >= f.end).unwrap_or(rest.len()).max(first);
            let mut run = Run::new(&mut bytes, f.start, f.body);
            for &(text, at) in &rest[first..end] {
                let inlined = |at: u32| at.checked_sub(INLINED).map_or(Position::At(at), Position::Inlined);
                run.push(text, at.map_or(Position::None, inlined))?;
            }
            rest = &rest[end..];
        }
        Ok((bytes, starts))
    }

    fn write_stack_maps(&self, w: &mut Writer) -> Result<()> {
        let mut end = 0;
        w.rows(
            Section::StackMaps,
            self.stack_maps.iter().map(|m| {
                end += m.offsets.len() as u32;
                [m.return_address, m.frame_size, end]
            }),
        )?;
        w.rows(Section::StackMapOffsets, self.stack_maps.iter().flat_map(|m| m.offsets.iter().map(|&o| [o])))
    }

    fn write_catch_sites(&self, w: &mut Writer) -> Result<()> {
        let mut end = 0;
        w.rows(
            Section::CatchSites,
            self.catch_sites.iter().map(|s| {
                end += s.handlers.len() as u32;
                [s.return_address, s.frame_size, s.context.unwrap_or(NONE), end]
            }),
        )?;
        let row = |h: &Handler| [h.tag.map_or(NONE, |t| t.0), h.with_ref.into(), h.landing];
        w.rows(Section::Handlers, self.catch_sites.iter().flat_map(|s| s.handlers.iter().map(row)))
    }

    fn write_names(&self, w: &mut Writer) -> Result<()> {
        let mut text = String::new();
        let mut rows = Vec::with_capacity(self.func_names.len());
        for (func, name) in &self.func_names {
            let start = to_u32(text.len(), "size of function names")?;
            text.push_str(name);
            rows.push([*func, start, to_u32(text.len(), "size of function names")?]);
        }
        w.rows(Section::FuncNames, rows.into_iter())?;
        w.section(Section::NameText, text.as_bytes())
    }

    fn write_customs(&self, w: &mut Writer) -> Result<()> {
        let mut bytes = Vec::new();
        let mut rows = Vec::with_capacity(self.customs.len());
        for (name, data) in &self.customs {
            let start = to_u32(bytes.len(), "size of custom sections")?;
            bytes.extend_from_slice(name.as_bytes());
            let mid = to_u32(bytes.len(), "size of custom sections")?;
            bytes.extend_from_slice(data);
            rows.push([start, mid, mid, to_u32(bytes.len(), "size of custom sections")?]);
        }
        w.rows(Section::Customs, rows.into_iter())?;
        w.section(Section::CustomBytes, &bytes)
    }
}

fn encode<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_allocvec(value).map_err(|e| Error::internal(format!("cannot encode an image: {e}")))
}

struct Writer {
    bytes: Vec<u8>,
    next: usize,
}

impl Writer {
    fn new() -> Writer {
        Writer { bytes: vec![0; HEADER], next: 0 }
    }

    fn align(&mut self, align: usize) {
        let to = align_up(self.bytes.len(), align).unwrap_or(self.bytes.len());
        self.bytes.resize(to, 0);
    }

    /// Sections come in the order of [`Section::ALL`].
    fn begin(&mut self, section: Section) -> Result<()> {
        if section as usize != self.next {
            return Err(Error::internal(format!("image section {section:?} written out of order")));
        }
        if section != Section::Text {
            self.align(4);
        }
        self.put64(TABLE + section as usize * 16, self.bytes.len() as u64);
        self.next += 1;
        Ok(())
    }

    fn end(&mut self, section: Section) {
        let entry = TABLE + section as usize * 16;
        let start = u64::from_le_bytes(self.bytes[entry..entry + 8].try_into().unwrap_or_default());
        self.put64(entry + 8, self.bytes.len() as u64 - start);
    }

    fn section(&mut self, section: Section, contents: &[u8]) -> Result<()> {
        self.begin(section)?;
        self.bytes.extend_from_slice(contents);
        self.end(section);
        Ok(())
    }

    fn rows<const N: usize>(&mut self, section: Section, rows: impl Iterator<Item = [u32; N]>) -> Result<()> {
        self.begin(section)?;
        for row in rows {
            for x in row {
                self.bytes.extend_from_slice(&x.to_le_bytes());
            }
        }
        self.end(section);
        Ok(())
    }

    fn put64(&mut self, at: usize, value: u64) {
        self.bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }

    fn finish(mut self, proposals: u64) -> Vec<u8> {
        self.bytes[..8].copy_from_slice(MAGIC);
        self.bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        self.bytes[12..16].copy_from_slice(&(Section::COUNT as u32).to_le_bytes());
        self.put64(TOTAL, self.bytes.len() as u64);
        self.put64(PROPOSALS, proposals);
        let sum = XxHash3_128::oneshot(&self.bytes[COVERED..]);
        self.bytes[CHECKSUM..CHECKSUM + 16].copy_from_slice(&sum.to_le_bytes());
        self.bytes
    }
}

//! The layout of the bytes: header, section table, section contents.
//!
//! ```text
//! 0   magic "TENONIMG"        8   format version u32     12  number of sections u32
//! 16  checksum, xxh3-128 of everything from 32 on
//! 32  total length u64        40  proposals u64 (bits by `wasm::Proposal`)
//! 48  section table: offset u64, length u64 per section, in the order of `Section`
//! ```

use crate::base::{Error, ErrorKind};

pub(super) const MAGIC: &[u8; 8] = b"TENONIMG";
/// Raised whenever the meaning of any byte changes.
pub(super) const VERSION: u32 = 9;
pub(super) const CHECKSUM: usize = 16;
/// Where the part that the checksum covers begins.
pub(super) const COVERED: usize = 32;
pub(super) const TOTAL: usize = 32;
pub(super) const PROPOSALS: usize = 40;
pub(super) const TABLE: usize = 48;
pub(super) const HEADER: usize = TABLE + Section::COUNT * 16;
/// Alignment of the text in the file, so that it can be mapped.
pub(super) const TEXT_ALIGN: usize = 4096;
/// Added to a row of `Section::Inlined` to make one of the builder's positions; module offsets are smaller.
pub(super) const INLINED: u32 = 1 << 31;
/// "None" in a table of `u32`s.
pub(super) const NONE: u32 = u32::MAX;

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Section { $($(#[$doc])* $name,)* }
        impl Section {
            pub(super) const ALL: &'static [Section] = &[$(Section::$name),*];
            pub(super) const COUNT: usize = Section::ALL.len();
        }
    };
}

sections! {
    /// Postcard of [`Fingerprint`](super::Fingerprint).
    Fingerprint,
    /// Postcard of `ModuleInfo`.
    Info,
    /// Per defined function: text start, text end, body's module offset, start of its run in `Positions`.
    Funcs,
    /// A bit per defined function, the lowest of a byte first: whether it is brief. The other bits are zero.
    Brief,
    /// Per type: text offsets of entry and host trampoline, or `NONE`.
    Trampolines,
    /// Sorted text offsets of trap sites.
    TrapOffsets,
    /// One trap code byte per trap site.
    TrapCodes,
    /// A run of steps per defined function; see `positions`.
    Positions,
    /// Pairs (module offset in the inlined function, module offset of the call).
    Inlined,
    /// Sorted triples (return address, frame size, end of its offsets in `StackMapOffsets`).
    StackMaps,
    /// Offsets from the stack pointer.
    StackMapOffsets,
    /// Sorted quadruples (return address, frame size, where the frame keeps its vmctx or `NONE`, end of its handlers in
    /// `Handlers`).
    CatchSites,
    /// Triples (tag or `NONE` for any, 1 if the handler takes the exception itself, text offset), in the order in which they
    /// are tried.
    Handlers,
    /// Pairs (text offset of 8 bytes, `LibCall`).
    LibCalls,
    /// Sorted triples (function index, start in `NameText`, end).
    FuncNames,
    NameText,
    /// Quadruples (name start, name end, data start, data end) into `CustomBytes`.
    Customs,
    CustomBytes,
    /// Bytes of the data segments.
    Data,
    /// Machine code.
    Text,
}

/// Size in bytes of one row of a section.
pub(super) fn row_size(section: Section) -> usize {
    match section {
        Section::StackMaps | Section::FuncNames | Section::Handlers => 12,
        Section::Trampolines | Section::Inlined | Section::LibCalls => 8,
        Section::TrapOffsets | Section::StackMapOffsets => 4,
        Section::Funcs | Section::Customs | Section::CatchSites => 16,
        _ => 1,
    }
}

/// The error of a damaged image.
#[cold]
pub(super) fn damaged(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Artifact, format!("compiled artifact is damaged: {what}"))
}

macro_rules! libcalls {
    ($($name:ident = $n:literal,)*) => {
        /// A helper outside the image whose absolute address machine code contains.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u32)]
        pub enum LibCall { $($name = $n,)* }
        impl LibCall {
            pub const ALL: &'static [LibCall] = &[$(LibCall::$name),*];
            pub fn from_u32(n: u32) -> Option<LibCall> {
                match n { $($n => Some(LibCall::$name),)* _ => None }
            }
        }
    };
}

libcalls! {
    CeilF32 = 1, CeilF64 = 2, FloorF32 = 3, FloorF64 = 4, TruncF32 = 5, TruncF64 = 6,
    NearestF32 = 7, NearestF64 = 8, FmaF32 = 9, FmaF64 = 10, X86Pshufb = 11,
    Memmove = 12, Memset = 13,
    // Takes a trap's number and stops the guest that runs on this thread; does not return.
    RaiseTrap = 14,
    // Something is due, probably: the epoch reached the deadline, so that this is moved or the guest stopped, or somebody
    // interrupts. Takes nothing and leaves every register as it was.
    NewEpoch = 15,
}

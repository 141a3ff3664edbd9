//! What is kept of a compiled function until it is linked.

use super::abi;
use super::brief::Effort;
use super::translate::tag_of;
use super::inline::Sites;
use super::placement::{self, InnerLoop};
use crate::base::{Error, Result, TrapCode};
use crate::image::{CatchSiteEntry, Handler, LibCall, StackMapEntry};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::function::FunctionParameters;
use cranelift_codegen::ir::{self, ExternalName};
use cranelift_codegen::{
    CompiledCode, ExceptionContextLoc, FinalizedMachCallSite, FinalizedMachExceptionHandler as Item, FinalizedRelocTarget,
};

/// Machine code and its tables; offsets are from its own start.
pub(super) struct Code {
    pub(super) bytes: Vec<u8>,
    pub(super) align: u32,
    pub(super) relocs: Vec<Relocation>,
    pub(super) traps: Vec<(u32, TrapCode)>,
    pub(super) positions: Vec<(u32, Option<u32>)>,
    pub(super) stack_maps: Vec<StackMapEntry>,
    pub(super) catch_sites: Vec<CatchSiteEntry>,
    /// What positions from `inline::INLINED` on mean.
    pub(super) inlined: Sites,
    /// What a call takes, if that is known.
    pub(super) effort: Option<Effort>,
    /// What decides where the code is placed.
    pub(super) loops: Vec<InnerLoop>,
    /// The code as text, if it was asked for.
    pub(super) listing: String,
}

pub(super) struct Relocation {
    pub(super) offset: u32,
    pub(super) kind: Reloc,
    pub(super) addend: i64,
    pub(super) target: Target,
}

pub(super) enum Target {
    /// A defined function of the module, by position.
    Func(u32),
    LibCall(LibCall),
}

impl Code {
    /// Takes what linking needs; `positions` only if asked for.
    pub(super) fn new(compiled: &CompiledCode, params: &FunctionParameters, positions: bool) -> Result<Code> {
        let buffer = &compiled.buffer;
        Ok(Code {
            bytes: buffer.data().to_vec(),
            align: buffer.alignment,
            relocs: buffer.relocs().iter().map(|r| relocation(r, params)).collect::<Result<_>>()?,
            traps: buffer.traps().iter().map(trap).collect::<Result<_>>()?,
            positions: if positions { positions_of(compiled) } else { Vec::new() },
            stack_maps: stack_maps_of(compiled)?,
            catch_sites: catch_sites_of(compiled)?,
            inlined: Sites::new(),
            effort: None,
            loops: placement::inner_loops(compiled),
            listing: compiled.vcode.clone().unwrap_or_default(),
        })
    }
}

fn relocation(r: &cranelift_codegen::FinalizedMachReloc, params: &FunctionParameters) -> Result<Relocation> {
    let target = match &r.target {
        FinalizedRelocTarget::ExternalName(ExternalName::User(name)) => {
            Target::Func(params.user_named_funcs()[*name].index)
        }
        FinalizedRelocTarget::ExternalName(ExternalName::LibCall(call)) => Target::LibCall(libcall(*call)?),
        other => return Err(Error::internal(format!("relocation to {}", other.display(Some(params))))),
    };
    Ok(Relocation { offset: r.offset, kind: r.kind, addend: r.addend, target })
}

fn libcall(call: ir::LibCall) -> Result<LibCall> {
    use ir::LibCall as L;
    Ok(match call {
        L::CeilF32 => LibCall::CeilF32,
        L::CeilF64 => LibCall::CeilF64,
        L::FloorF32 => LibCall::FloorF32,
        L::FloorF64 => LibCall::FloorF64,
        L::TruncF32 => LibCall::TruncF32,
        L::TruncF64 => LibCall::TruncF64,
        L::NearestF32 => LibCall::NearestF32,
        L::NearestF64 => LibCall::NearestF64,
        L::FmaF32 => LibCall::FmaF32,
        L::FmaF64 => LibCall::FmaF64,
        L::X86Pshufb => LibCall::X86Pshufb,
        L::Memmove => LibCall::Memmove,
        L::Memset => LibCall::Memset,
        other => return Err(Error::internal(format!("machine code wants the library function {other}"))),
    })
}

fn trap(t: &cranelift_codegen::MachTrap) -> Result<(u32, TrapCode)> {
    let code = abi::trap_from(t.code).ok_or_else(|| Error::internal(format!("unknown trap code {}", t.code)))?;
    Ok((t.offset, code))
}

/// Ranges of code per operator as "from here on" entries; gaps become `None`.
fn positions_of(compiled: &CompiledCode) -> Vec<(u32, Option<u32>)> {
    let mut out: Vec<(u32, Option<u32>)> = Vec::new();
    let mut push = |at: u32, loc: Option<u32>| {
        match out.last_mut() {
            Some(last) if last.0 == at => last.1 = loc,
            Some(last) if last.1 == loc => {}
            _ => out.push((at, loc)),
        };
    };
    let mut end = 0;
    for range in compiled.buffer.get_srclocs_sorted() {
        if range.start > end {
            push(end, None);
        }
        push(range.start, (!range.loc.is_default()).then(|| range.loc.bits()));
        end = range.end;
    }
    push(end, None);
    out
}

fn stack_maps_of(compiled: &CompiledCode) -> Result<Vec<StackMapEntry>> {
    let entry = |(return_address, frame_size, map): &(u32, u32, ir::UserStackMap)| {
        let mut offsets: Vec<u32> = map.entries().map(|(_, offset)| offset).collect();
        offsets.sort_unstable();
        Ok(StackMapEntry { return_address: *return_address, frame_size: *frame_size, offsets })
    };
    compiled.buffer.user_stack_maps().iter().map(entry).collect()
}

fn catch_sites_of(compiled: &CompiledCode) -> Result<Vec<CatchSiteEntry>> {
    compiled.buffer.call_sites().filter(|s| !s.exception_handlers.is_empty()).map(|s| catch_site(&s)).collect()
}

fn catch_site(site: &FinalizedMachCallSite<'_>) -> Result<CatchSiteEntry> {
    let frame_size = site.frame_offset.ok_or_else(|| Error::internal("a catching call without a frame"))?;
    let mut entry =
        CatchSiteEntry { return_address: site.ret_addr, frame_size, context: None, handlers: Vec::new() };
    for item in site.exception_handlers {
        match *item {
            Item::Tag(tag, landing) => {
                let (tag, with_ref) = tag_of(tag);
                entry.handlers.push(Handler { tag, with_ref, landing });
            }
            Item::Context(ExceptionContextLoc::SPOffset(offset)) => entry.context = Some(offset),
            other => return Err(Error::internal(format!("a catching call with {other:?}"))),
        }
    }
    Ok(entry)
}

//! Joins compiled functions into one text.

use super::code::{Code, Relocation, Target};
use super::inline::{INLINED, Sites};
use super::placement;
use crate::base::cast::to_u32;
use crate::base::{Error, Result, TrapCode};
use crate::image::{CatchSiteEntry, Handler, LibCall, StackMapEntry};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::TextSectionBuilder;

/// Functions of the library that a module's functions reach by a stub.
pub(super) const STUBS: [LibCall; 2] = [LibCall::RaiseTrap, LibCall::NewEpoch];

/// A text under construction. Defined functions come first, in order; then, in a module, stubs; then trampolines.
pub(super) struct Linker {
    builder: Box<dyn TextSectionBuilder>,
    align: u32,
    /// Size of the text so far.
    end: u32,
    pub(super) linked: Linked,
}

/// Tables of a whole text, sorted because code is appended in order.
#[derive(Default)]
pub(super) struct Linked {
    pub(super) traps: Vec<(u32, TrapCode)>,
    pub(super) positions: Vec<(u32, Option<u32>)>,
    pub(super) stack_maps: Vec<StackMapEntry>,
    pub(super) catch_sites: Vec<CatchSiteEntry>,
    pub(super) libcalls: Vec<(u32, LibCall)>,
    pub(super) inlined: Sites,
}

impl Linker {
    /// `labels` pieces of code will be targets of calls.
    pub(super) fn new(isa: &dyn TargetIsa, labels: usize) -> Linker {
        Linker {
            builder: isa.text_section_builder(labels),
            align: isa.function_alignment().minimum.max(placement::STEP),
            end: 0,
            linked: Linked::default(),
        }
    }

    /// Appends code and returns where it is. `labeled` code is the target of calls, by order of appending.
    pub(super) fn append(&mut self, code: &Code, labeled: bool) -> Result<(u32, u32)> {
        self.place(code);
        let start = self.builder.append(labeled, &code.bytes, code.align, &mut ControlPlane::default());
        let start = to_u32(start as usize, "size of machine code")?;
        let end = start
            .checked_add(to_u32(code.bytes.len(), "size of machine code")?)
            .filter(|&end| end <= i32::MAX as u32)
            .ok_or_else(|| Error::new(crate::base::ErrorKind::Limit, "machine code exceeds 2 GiB"))?;
        self.end = end;
        for r in &code.relocs {
            self.relocate(start, r)?;
        }
        let out = &mut self.linked;
        out.traps.extend(code.traps.iter().map(|t| (start + t.0, t.1)));
        // Rows of this function's table follow those of the functions before it.
        let rows = out.inlined.len() as u32;
        let position = |p: u32| if p >= INLINED { p + rows } else { p };
        out.positions.extend(code.positions.iter().map(|p| (start + p.0, p.1.map(position))));
        out.inlined.extend_from_slice(&code.inlined);
        out.stack_maps.extend(code.stack_maps.iter().map(|m| StackMapEntry {
            return_address: start + m.return_address,
            frame_size: m.frame_size,
            offsets: m.offsets.clone(),
        }));
        out.catch_sites.extend(code.catch_sites.iter().map(|s| CatchSiteEntry {
            return_address: start + s.return_address,
            handlers: s.handlers.iter().map(|h| Handler { landing: start + h.landing, ..*h }).collect(),
            ..*s
        }));
        Ok((start, end))
    }

    /// Appends what functions call to get to the library: no frame of its own, no register, and an absolute address only once per
    /// module. Labels of stubs follow those of the functions.
    pub(super) fn append_stub(&mut self, call: LibCall) -> Result<()> {
        // jmp [rip], which is behind it
        const STUB: [u8; 14] = [0xff, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let start = self.builder.append(true, &STUB, self.align, &mut ControlPlane::default());
        let start = to_u32(start as usize, "size of machine code")?;
        self.end = start + STUB.len() as u32;
        self.linked.libcalls.push((start + 6, call));
        Ok(())
    }

    /// Fills up with breakpoints to where the code is to begin.
    fn place(&mut self, code: &Code) {
        const INT3: [u8; 128] = [0xcc; 128];
        let at = self.end.next_multiple_of(self.align.max(code.align));
        let start = at + placement::padding(&code.loops, at, code.align);
        if start > self.end {
            self.builder.append(false, &INT3[..(start - self.end) as usize], 1, &mut ControlPlane::default());
        }
    }

    fn relocate(&mut self, start: u32, r: &Relocation) -> Result<()> {
        let at = start + r.offset;
        match r.target {
            Target::Func(f) if self.builder.resolve_reloc(at.into(), r.kind, r.addend, f as usize) => Ok(()),
            Target::LibCall(call) if r.kind == Reloc::Abs8 && r.addend == 0 => {
                self.linked.libcalls.push((at, call));
                Ok(())
            }
            _ => Err(Error::internal(format!("relocation of kind {:?} cannot be resolved", r.kind))),
        }
    }

    pub(super) fn finish(mut self) -> (Vec<u8>, Linked) {
        let text = self.builder.finish(&mut ControlPlane::default());
        dedup_positions(&mut self.linked.positions);
        (text, self.linked)
    }
}

/// Two functions may meet at one offset: the later entry holds.
fn dedup_positions(positions: &mut Vec<(u32, Option<u32>)>) {
    positions.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 = later.1;
        }
        same
    });
}

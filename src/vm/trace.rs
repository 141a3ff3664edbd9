//! Walking guest frames, and traces whose symbols are looked up only when somebody reads them.

use super::code::CodeMap;
use super::exec::Exec;
use super::level::{Level, Saved};
use super::registry;
use crate::base::index::DefinedFunc;
use crate::base::{FrameInfo, Trace};
use smallvec::SmallVec;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// Frames of a trace unless the embedder says otherwise.
pub(super) const DEFAULT_FRAMES: usize = 20;
/// Most frames of a trace.
pub(super) const CAPACITY: usize = 64;

/// One guest frame.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// Where it goes on: a return address, or the faulting instruction.
    pub(super) pc: usize,
    pub(super) fp: usize,
    pub(super) faulted: bool,
}

impl Frame {
    /// An address inside the instruction that the frame is at.
    pub(super) fn lookup_pc(self) -> usize {
        if self.faulted { self.pc } else { self.pc - 1 }
    }
}

/// Visits the frames of all levels, innermost first, until `visit` returns false. `fault`: pc and frame pointer
/// of a faulting innermost frame. Reads memory only: async-signal-safe if `visit` is.
pub(super) fn walk(exec: &Exec, fault: Option<(usize, usize)>, visit: &mut dyn FnMut(Frame) -> bool) {
    let (mut state, mut level): (_, *const Level) = exec.walk_state();
    let mut faulted = false;
    if let Some((pc, fp)) = fault {
        (state.exit_pc, state.exit_fp, faulted) = (pc, fp, true);
    }
    loop {
        if !walk_level(state, faulted, visit) {
            return;
        }
        // SAFETY: a level is alive while it can be reached from its exec.
        match unsafe { level.as_ref() } {
            Some(inner) => (state, level, faulted) = (inner.saved, inner.outer, false),
            None => return,
        }
    }
}

/// Visits the frames of the innermost level only.
pub(super) fn walk_innermost(exec: &Exec, visit: &mut dyn FnMut(Frame) -> bool) {
    walk_level(exec.walk_state().0, false, visit);
}

/// Whether to go on with the next level. `faulted`: its innermost frame.
fn walk_level(state: Saved, mut faulted: bool, visit: &mut dyn FnMut(Frame) -> bool) -> bool {
    let (mut pc, mut fp) = (state.exit_pc, state.exit_fp);
    // A level that was left before its entry trampoline ran has no frames; `entry_fp` is where its frames end.
    while pc != 0 && fp != 0 && state.entry_fp != 0 && fp != state.entry_fp {
        if !visit(Frame { pc, fp, faulted }) {
            return false;
        }
        faulted = false;
        // SAFETY: guest functions keep frame pointers: at `fp` are the caller's and then the return address, and
        // frames of a level stay intact while it is active.
        unsafe {
            let frame = core::ptr::with_exposed_provenance::<[usize; 2]>(fp).read();
            (fp, pc) = (frame[0], frame[1]);
        }
    }
    true
}

/// Live handles of all frames.
pub(super) fn gc_roots(exec: &Exec, visit: &mut dyn FnMut(&mut u32)) {
    let mut found: Option<Arc<CodeMap>> = None;
    walk(exec, None, &mut |frame| {
        if !found.as_ref().is_some_and(|c| c.contains(frame.pc)) {
            found = registry::module_at(frame.pc);
        }
        let Some(code) = &found else { return true };
        let Some(map) = code.image().stack_map_at((frame.pc - code.range().0) as u32) else { return true };
        let sp = frame.fp - map.frame_size() as usize;
        for offset in map.offsets() {
            // SAFETY: the compiler's stack map says that a reference lives there while this call is in progress, and that
            // the frame reads it from there afterwards.
            visit(unsafe { &mut *core::ptr::with_exposed_provenance_mut::<u32>(sp + offset as usize) });
        }
        true
    });
}

/// What a store remembers for a trace: which instances there were.
pub trait Witness: Send + Sync {
    /// The number of the instance that ran `code`, if there was only one.
    fn instance_of(&self, code: &Arc<CodeMap>) -> Option<u64>;
    /// As [`Trace::owner`].
    fn owner(&self) -> Option<Box<dyn Any>>;
}

struct StackTrace {
    pcs: SmallVec<[usize; 20]>,
    /// The most frames to show: inlined functions add to those of the machine.
    limit: usize,
    /// Keeps the code that `pcs` point into, for its tables.
    codes: SmallVec<[Arc<CodeMap>; 1]>,
    frames: OnceLock<Vec<FrameInfo>>,
    witness: Option<Box<dyn Witness>>,
}

/// A trace of these program counters, at most `limit` frames. Those in no module (trampolines) are left out.
pub(super) fn capture(pcs: &[usize], limit: usize, witness: Option<Box<dyn Witness>>) -> Arc<dyn Trace> {
    let mut codes: SmallVec<[Arc<CodeMap>; 1]> = SmallVec::new();
    for pc in pcs {
        if !codes.iter().any(|c| c.contains(*pc)) {
            codes.extend(registry::module_at(*pc));
        }
    }
    Arc::new(StackTrace { pcs: pcs.into(), limit, codes, frames: OnceLock::new(), witness })
}

impl Trace for StackTrace {
    fn frames(&self) -> &[FrameInfo] {
        self.frames.get_or_init(|| {
            let instance = |code| self.witness.as_ref().and_then(|w| w.instance_of(code));
            let codes: SmallVec<[_; 1]> = self.codes.iter().map(|c| (c, instance(c))).collect();
            let code = |pc: usize| codes.iter().find(|(c, _)| c.contains(pc));
            let symbols = |pc: &usize| code(*pc).map(|(code, instance)| symbolise(code, *pc, *instance));
            let mut frames: Vec<FrameInfo> = self.pcs.iter().filter_map(symbols).flatten().collect();
            frames.truncate(self.limit);
            frames
        })
    }

    fn owner(&self) -> Option<Box<dyn Any>> {
        self.witness.as_ref()?.owner()
    }
}

/// The wasm frames of one machine frame: several if functions were inlined into it.
fn symbolise(code: &CodeMap, pc: usize, instance: Option<u64>) -> Vec<FrameInfo> {
    let image = code.image();
    let frame = |(defined, module_offset): (DefinedFunc, Option<u32>)| {
        let func = image.info().func_index(defined);
        let func_offset = module_offset.and_then(|m| m.checked_sub(image.body_offset(defined)));
        FrameInfo {
            func_index: func.0,
            func_name: image.func_name(func).map(Arc::from),
            module_name: image.info().name.as_deref().map(Arc::from),
            func_offset: func_offset.map(|o| o as usize),
            module_offset: module_offset.map(|o| o as usize),
            instance,
            code: Some(code.range().0),
        }
    };
    image.frames_at((pc - code.range().0) as u32).map(frame).collect()
}

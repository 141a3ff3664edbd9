//! Where an exception goes on: the innermost frame of the level at hand whose call catches it. Frames of outer levels are
//! not looked at: between them are frames of the host, which gets the exception as an error and may pass it on.

use super::code::CodeMap;
use super::exception::{ExnRoot, ExnTable, Tag};
use super::exec::Exec;
use super::instance::Instance;
use super::{registry, trace};
use crate::base::{Error, ErrorKind};
use crate::image::CatchSite;
use crate::layout::{RAISED_CATCH, ValRaw, VmCtx};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::sync::Arc;

/// A handler and the frame it belongs to.
struct Landing {
    pc: usize,
    sp: usize,
    fp: usize,
    with_ref: bool,
}

/// What an exec remembers of exceptions that its guests caught.
#[derive(Default)]
pub(super) struct Caught {
    /// Values of the last one, for the handler that reads them at once.
    slots: Cell<Box<[ValRaw]>>,
    /// Those that guests have seen, where nobody else can say when they are gone.
    shown: RefCell<Vec<u32>>,
    /// Whether there are any.
    any: Cell<bool>,
    /// How many of them to keep before looking which are gone.
    limit: Cell<usize>,
}

/// Exceptions that are too few to look through.
const SHOWN_LIMIT: usize = 1024;

impl Exec {
    /// Ends a builtin of `thrower` with an exception: goes on in the guest frame that catches it, or leaves the level.
    pub(super) fn throw(&self, root: ExnRoot, thrower: &Instance) {
        match root.tag().and_then(|tag| find(self, &tag, Some(thrower))) {
            Some(landing) => self.land(root, &landing),
            None => self.raise(Error::exception(Box::new(root))),
        }
    }

    /// Ends a host call with an error. An exception goes on in the guest frame that catches it; anything else, and an
    /// exception that no frame of this level catches, leaves the level.
    #[cold]
    pub(super) fn fail(&self, error: Error) {
        let ours = |root: &&ExnRoot| self.exceptions().is_some_and(|table| Arc::ptr_eq(table, root.table()));
        let root = ExnRoot::of(&error).filter(|_| error.kind() == ErrorKind::Exception).filter(ours);
        let landing = root.and_then(|root| Some((root.clone(), find(self, &*root.tag()?, None)?)));
        let Some((root, landing)) = landing else { return self.raise(error) };
        // One holder less: an exception that only the handler has may be used up.
        drop(error);
        self.land(root, &landing);
    }

    /// The exceptions of its store.
    pub(super) fn exceptions(&self) -> Option<&Arc<ExnTable>> {
        self.upcalls().exceptions()
    }

    /// A guest of this exec is about to get the exception.
    fn note_shown(&self, root: &ExnRoot) {
        let mut shown = self.caught.shown.borrow_mut();
        shown.push(root.handle());
        self.caught.any.set(true);
        if shown.len() >= self.caught.limit.get().max(SHOWN_LIMIT) {
            // The handler has it in a moment, and is in no frame's map yet.
            let mut live = HashSet::from([root.handle()]);
            self.gc_roots(&mut |handle| _ = live.insert(*handle));
            root.table().confine(&mut shown, &live);
            self.caught.limit.set(shown.len() * 2);
        }
    }

    /// Forgets exceptions of calls that are over, at the begin of the first of a new one.
    #[inline]
    pub(super) fn forget_shown(&self) {
        if self.caught.any.get() {
            self.forget_those_shown();
        }
    }

    #[cold]
    fn forget_those_shown(&self) {
        let mut shown = self.caught.shown.borrow_mut();
        if let (false, Some(table)) = (self.is_busy(), self.exceptions()) {
            table.confine(&mut shown, &HashSet::new());
        }
        self.caught.any.set(!shown.is_empty());
    }

    fn land(&self, root: ExnRoot, landing: &Landing) {
        let vm = self.vm.get();
        let handle = root.handle();
        let slots = if landing.with_ref {
            // The handler's own reference keeps the exception from here on, without a collection in between.
            let (slots, note) = root.show_to(vm.addr());
            if note {
                self.note_shown(&root);
            }
            slots
        } else {
            let slots = root.into_slots();
            let at = slots.as_ptr();
            self.caught.slots.set(slots);
            at
        };
        // SAFETY: the record lives with the exec, whose guest side waits for this builtin or host call.
        unsafe {
            (*vm).catch_pc = landing.pc;
            (*vm).catch_sp = landing.sp;
            (*vm).catch_fp = landing.fp;
            (*vm).catch_exception = u64::from(handle);
            (*vm).catch_slots = slots;
            (*vm).raised = RAISED_CATCH;
        }
    }
}

fn find(exec: &Exec, tag: &Tag, mut thrower: Option<&Instance>) -> Option<Landing> {
    let mut code: Option<Arc<CodeMap>> = None;
    let mut found = None;
    trace::walk_innermost(exec, &mut |frame| {
        // Only the innermost frame can be at a call of a builtin.
        let thrower = thrower.take();
        if !code.as_ref().is_some_and(|c| c.contains(frame.lookup_pc())) {
            code = registry::module_at(frame.lookup_pc());
        }
        let Some(code) = &code else { return true };
        let text = code.range().0;
        let Some(site) = code.image().catch_site_at((frame.pc - text) as u32) else { return true };
        let sp = frame.fp - site.frame_size() as usize;
        let instance = match site.context() {
            // SAFETY: the compiler's table says that the frame of this function keeps its vmctx there while this call is in
            // progress; a running instance is alive.
            Some(at) => unsafe {
                let vmctx = core::ptr::with_exposed_provenance::<*const VmCtx>(sp + at as usize).read();
                Some(Instance::from_vmctx(vmctx))
            },
            None => thrower,
        };
        found = instance.and_then(|i| handler(site, i, tag)).map(|(landing, with_ref)| Landing {
            pc: text + landing as usize,
            sp,
            fp: frame.fp,
            with_ref,
        });
        found.is_none()
    });
    found
}

/// Text offset of the first handler that fits, and whether it takes the exception itself.
fn handler(site: CatchSite<'_>, instance: &Instance, tag: &Tag) -> Option<(u32, bool)> {
    let fits = |t| core::ptr::eq(Arc::as_ptr(instance.tag(t)), tag);
    let handler = site.handlers().find(|h| h.tag.is_none_or(fits))?;
    Some((handler.landing, handler.with_ref))
}

use super::guests::*;
use crate::base::{Error, ErrorKind, TrapCode};
use crate::layout::{MemoryMode, ValRaw};
use crate::vm::*;
use crate::wasm::MemoryType;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn slot(x: u64) -> Box<ValRaw> {
    Box::new(ValRaw::from_u64(x))
}

/// # Safety
/// - As [`Exec::start`].
unsafe fn start(e: &Exec, f: FuncRefPtr, slot: &mut ValRaw) -> crate::base::Result<Step> {
    // SAFETY: the caller's.
    unsafe { e.start(f, slot, 1) }
}

fn answer(step: Step, f: impl FnOnce(u64) -> u64) {
    let Step::HostCall { slots, .. } = step else { panic!("{step:?}") };
    // SAFETY: a yielded call's slots are valid until it is resumed.
    unsafe { *slots = ValRaw::from_u64(f((*slots).u64())) };
}

#[test]
fn enter_and_leave() {
    let e = exec();
    let f = func(add_one as *const u8, core::ptr::null());
    assert_eq!(call(&e, f, 41).unwrap(), 42);
    assert!(!e.is_busy() && Exec::current().is_none());
}

#[test]
fn a_trap_comes_back_as_an_error() {
    let e = exec();
    let code = publish(&TRAPPING, 12, TrapCode::IntegerDivisionByZero);
    let f = func(code.at(0), core::ptr::null());
    for _ in 0..3 {
        let err = call(&e, f, 0).unwrap_err();
        assert_eq!(err.trap_code(), Some(TrapCode::IntegerDivisionByZero));
    }
    assert_eq!(call(&e, func(add_one as *const u8, core::ptr::null()), 1).unwrap(), 2);
}

#[test]
fn stack_overflow_traps_on_both_kinds_of_stack() {
    let e = exec();
    let code = publish(&ENDLESS, 9, TrapCode::StackOverflow);
    let f = func(code.at(0), core::ptr::null());
    for _ in 0..2 {
        assert_eq!(call(&e, f, 0).unwrap_err().trap_code(), Some(TrapCode::StackOverflow));
        let mut s = slot(0);
        // SAFETY: the slot outlives the call.
        let err = unsafe { start(&e, f, &mut s) }.unwrap_err();
        assert_eq!(err.trap_code(), Some(TrapCode::StackOverflow));
    }
    std::thread::Builder::new()
        .stack_size(128 << 10)
        .spawn(move || {
            let code = code;
            let e = exec();
            let f = func(code.at(0), core::ptr::null());
            assert_eq!(call(&e, f, 0).unwrap_err().trap_code(), Some(TrapCode::StackOverflow));
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn memory_faults_name_their_place() {
    let e = exec();
    let plan = MemoryPlan { mode: MemoryMode::GuardPages, reservation: 4 << 30, guard: 0, may_move: true, keep: None };
    let m = Memory::new(&MemoryType::new(1, None), &plan, None).unwrap();
    let code = publish(&LOADING, 4, TrapCode::MemoryOutOfBounds);
    let f = func(code.at(0), core::ptr::null());
    assert_eq!(call(&e, f, m.base() as u64 + 0xfff8).unwrap(), 0);
    let err = call(&e, f, m.base() as u64 + 0x10000).unwrap_err();
    assert_eq!(
        err.chain(),
        [
            "memory fault at wasm address 0x10000 in linear memory of size 0x10000",
            "wasm trap: out of bounds memory access"
        ]
    );
}

#[test]
fn host_functions_answer_fail_and_panic() {
    let e = exec();
    let f = callback(|c| {
        let x = c.slots()[0].u64();
        assert!(c.caller_instance().is_none() && c.exec().is_busy());
        match x {
            1 => Err(Error::host("refused")),
            2 => panic!("two is too much"),
            _ => {
                c.slots()[0] = ValRaw::from_u64(x * 10);
                Ok(())
            }
        }
    });
    let g = caller_of(f.func_ref());
    assert_eq!(call(&e, g, 4).unwrap(), 44);
    assert_eq!(call(&e, f.func_ref(), 4).unwrap(), 40);
    assert_eq!(call(&e, g, 1).unwrap_err().to_string(), "refused");
    let mut err = call(&e, g, 2).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Internal);
    let payload = err.take_payload().unwrap().downcast::<PanicPayload>().unwrap().take().unwrap();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"two is too much"));
    assert_eq!(call(&e, g, 5).unwrap(), 55);
}

/// Counts drops, to see that no frame of the host is skipped.
struct Guard<'a>(&'a AtomicUsize);
impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn activations_nest_and_traps_end_only_the_innermost() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    let e = exec();
    let code = publish(&TRAPPING, 12, TrapCode::Unreachable);
    let trap = code.at(0) as usize;
    let f = callback(move |c| {
        let _guard = Guard(&DROPS);
        let x = c.slots()[0].u64();
        assert!(std::ptr::eq(Exec::current().unwrap(), c.exec()));
        if x == 0 {
            return call(c.exec(), func(trap as *const u8, core::ptr::null()), 0).map(drop);
        }
        // Frames of two levels: this call's guest frame, and the ones below.
        assert!(!c.exec().walk(20).is_empty());
        let _swallowed = call(c.exec(), func(trap as *const u8, core::ptr::null()), 0).unwrap_err();
        c.slots()[0] = ValRaw::from_u64(call(c.exec(), func(add_one as *const u8, core::ptr::null()), x)?);
        Ok(())
    });
    let g = caller_of(f.func_ref());
    assert_eq!(call(&e, g, 7).unwrap(), 15);
    assert_eq!(call(&e, g, 0).unwrap_err().trap_code(), Some(TrapCode::Unreachable));
    assert_eq!(DROPS.load(Ordering::Relaxed), 2);
    let other = exec();
    let inner = caller_of(g);
    assert_eq!(call(&other, inner, 7).unwrap(), 22);
}

#[test]
fn a_walk_sees_the_frames_of_all_levels() {
    let e = exec();
    let deepest = callback(|c| {
        // call_and_add, and the one of the outer level.
        assert_eq!(c.exec().walk(20).len(), 3);
        Ok(())
    });
    let inner = caller_of(caller_of(deepest.func_ref()));
    let outer = callback(move |c| {
        let _keep = &deepest;
        assert_eq!(c.exec().walk(20).len(), 1);
        call(c.exec(), inner, 1).map(drop)
    });
    call(&e, caller_of(outer.func_ref()), 1).unwrap();
}

#[test]
fn yield_and_resume() {
    let e = exec();
    let f = yielding(77);
    let g = caller_of(f.func_ref());
    for x in 1..5 {
        let mut s = slot(x);
        // SAFETY: slot and functions outlive the call.
        let step = unsafe { start(&e, g, &mut s) }.unwrap();
        assert!(matches!(step, Step::HostCall { id: 77, caller: None, .. }));
        assert!(e.is_suspended() && Exec::current().is_none());
        assert_eq!(e.walk(20).len(), 1);
        answer(step, |x| x * 100);
        assert!(matches!(e.resume(Ok(())).unwrap(), Step::Done));
        assert_eq!(s.u64(), x * 101);
    }
    assert!(e.resume(Ok(())).is_err());
}

#[test]
fn a_failed_host_call_raises() {
    let e = exec();
    let f = yielding(1);
    let g = caller_of(f.func_ref());
    let mut s = slot(1);
    // SAFETY: slot and functions outlive the call.
    unsafe { start(&e, g, &mut s) }.unwrap();
    let err = e.resume(Err(Error::host("no"))).unwrap_err();
    assert_eq!((err.to_string().as_str(), e.is_busy()), ("no", false));
    assert_eq!(call(&e, g, 1).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn abandoned_calls_leave_nothing() {
    let e = exec();
    let f = yielding(1);
    let g = caller_of(f.func_ref());
    for x in 0..100 {
        let mut s = slot(x);
        // SAFETY: slot and functions outlive the call.
        unsafe { start(&e, g, &mut s) }.unwrap();
        e.abandon();
        assert!(!e.is_busy());
    }
    let mut s = slot(0);
    // SAFETY: as above; the exec is dropped while suspended.
    unsafe { start(&e, g, &mut s) }.unwrap();
    drop(e);
}

#[test]
fn suspended_calls_move_between_threads() {
    let f = yielding(1);
    let g = caller_of(caller_of(f.func_ref()));
    let mut e = exec();
    let mut s = slot(3);
    // SAFETY: slot and functions outlive the call.
    let mut step = unsafe { start(&e, g, &mut s) }.unwrap();
    answer(step, |x| x + 1);
    for round in 0..4 {
        let address = &raw mut *s as usize;
        e = std::thread::spawn(move || {
            let done = matches!(e.resume(Ok(())).unwrap(), Step::Done);
            assert!(done);
            // A trap on this thread reaches this thread's handler and exec.
            let code = publish(&TRAPPING, 12, TrapCode::Unreachable);
            assert!(call(&e, func(code.at(0), core::ptr::null()), 0).is_err());
            let s = address as *mut ValRaw;
            // SAFETY: the slot lives on the spawning thread, which waits; as above.
            unsafe {
                assert_eq!((*s).u64(), 3 + 1 + 3 + 3);
                *s = ValRaw::from_u64(3);
                answer(e.start(g, s, 1).unwrap(), |x| x + 1);
            }
            e
        })
        .join()
        .unwrap();
        assert!(e.is_suspended(), "round {round}");
    }
    step = e.resume(Ok(())).unwrap();
    assert!(matches!(step, Step::Done));
}

#[test]
fn levels_on_private_stacks_nest() {
    let f = yielding(5);
    let g = caller_of(f.func_ref());
    let e = exec();
    let inner = g;
    let nested = callback(move |c| {
        let mut s = slot(1);
        // SAFETY: the slot is dropped after the level is left: it is resumed here, or abandoned before slots die.
        let step = unsafe { start(c.exec(), inner, &mut s) }?;
        answer(step, |x| x + 1);
        if c.slots()[0].u64() == 9 {
            // Left suspended: given up when this function returns.
            return Ok(());
        }
        assert!(matches!(c.exec().resume(Ok(()))?, Step::Done));
        c.slots()[0] = *s;
        Ok(())
    });
    let outer = caller_of(nested.func_ref());
    let mut s = slot(8);
    // SAFETY: slot and functions outlive the call.
    assert!(matches!(unsafe { start(&e, outer, &mut s) }.unwrap(), Step::Done));
    assert_eq!(s.u64(), 8 + 3);
    assert_eq!(call(&e, outer, 9).unwrap(), 18);
    assert!(!e.is_busy());
    // A call on the thread's stack while a private one is suspended.
    let mut s = slot(8);
    // SAFETY: as above.
    let step = unsafe { start(&e, g, &mut s) }.unwrap();
    assert_eq!(call(&e, func(add_one as *const u8, core::ptr::null()), 1).unwrap(), 2);
    assert!(e.is_suspended());
    answer(step, |x| x);
    assert!(matches!(e.resume(Ok(())).unwrap(), Step::Done));
    assert_eq!(s.u64(), 16);
}

#[test]
fn foreign_floating_point_settings_are_kept_outside() {
    let mut csr: u32 = 0;
    // SAFETY: reads and writes this thread's mxcsr, which is put back below.
    unsafe {
        core::arch::asm!("stmxcsr [{}]", in(reg) &mut csr);
        let odd = csr | 0x8040;
        core::arch::asm!("ldmxcsr [{}]", in(reg) &odd);
    }
    let e = exec();
    let f = callback(|_| {
        let mut inside: u32 = 0;
        // SAFETY: reads this thread's mxcsr.
        unsafe { core::arch::asm!("stmxcsr [{}]", in(reg) &mut inside) };
        assert_eq!(inside & 0xffc0, 0x1f80);
        Ok(())
    });
    call(&e, caller_of(f.func_ref()), 1).unwrap();
    let mut after: u32 = 0;
    // SAFETY: as above.
    unsafe {
        core::arch::asm!("stmxcsr [{}]", in(reg) &mut after);
        core::arch::asm!("ldmxcsr [{}]", in(reg) &csr);
    }
    assert_eq!(after & 0xffc0, (csr | 0x8040) & 0xffc0);
}

#[test]
fn hammer_yields_from_many_threads() {
    let f = yielding(2);
    let g = caller_of(f.func_ref());
    let queue = Arc::new(parking_lot::Mutex::new(Vec::<(Box<Exec>, Box<ValRaw>)>::new()));
    std::thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                for i in 0..500u64 {
                    let e = exec();
                    let mut v = slot(i);
                    // SAFETY: the slot travels with the exec.
                    answer(unsafe { start(&e, g, &mut v) }.unwrap(), |x| x + 1);
                    queue.lock().push((e, v));
                    let other = queue.lock().pop();
                    let Some((e, v)) = other else { continue };
                    assert!(matches!(e.resume(Ok(())).unwrap(), Step::Done));
                    assert!(v.u64() % 2 == 1);
                }
            });
        }
    });
}

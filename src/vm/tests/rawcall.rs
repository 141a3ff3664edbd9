//! Host functions in C's convention.

use super::guests::*;
use crate::base::{Error, ErrorKind};
use crate::layout::ValRaw;
use crate::vm::*;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

/// Adds one; 1 to 9 are answered with themselves. A guest that is given as `env` is started for 10, and left suspended.
unsafe extern "C" fn serve(env: *mut c_void, caller: *mut RawCaller<'_>, slots: *mut ValRaw, count: usize) -> *mut c_void {
    // SAFETY: the thunk's promises.
    let (caller, slots) = unsafe { (&*caller, std::slice::from_raw_parts_mut(slots, count)) };
    assert_eq!((caller.host_word().get(), count), (77, 1));
    assert!(caller.instance().is_none());
    match slots[0].u64() {
        x @ 1..10 => return ptr::without_provenance_mut(x as usize),
        10 => {
            let exec = caller.exec().expect("the call runs");
            let slot = Box::leak(Box::new(ValRaw::from_u64(0)));
            // SAFETY: the function and its slot live for ever.
            let step = unsafe { exec.start(FuncRefPtr::from_raw(env.cast()).unwrap(), slot, 1) };
            assert!(matches!(step, Ok(Step::HostCall { .. })) && exec.is_suspended());
        }
        _ => {}
    }
    slots[0] = ValRaw::from_u64(slots[0].u64() + 1);
    ptr::null_mut()
}

fn serving(env: FuncRefPtr) -> Arc<HostFunc> {
    let answered = |_: &Exec, answer: *mut c_void| Error::new(ErrorKind::Usage, format!("answer {}", answer.addr()));
    // SAFETY: the function does what is promised there.
    raw(unsafe { RawBody::new(serve, env.as_ptr().cast_mut().cast(), answered) })
}

#[test]
fn an_answer_of_a_raw_function_ends_the_call() {
    let inner = yielding(1);
    let f = serving(caller_of(inner.func_ref()));
    let g = caller_of(caller_of(f.func_ref()));
    let e = exec();
    for watched in [false, true] {
        if watched {
            f.watch();
        }
        let nothing = call(&e, g, 20).unwrap();
        assert_eq!(call(&e, g, 5).unwrap_err().to_string(), "answer 5");
        assert_eq!(call(&e, g, 20).unwrap(), nothing);
        assert!(!e.is_busy());
    }
}

#[test]
fn what_a_raw_function_leaves_suspended_is_given_up() {
    let inner = yielding(1);
    let f = serving(caller_of(inner.func_ref()));
    let g = caller_of(f.func_ref());
    let e = exec();
    assert_eq!(call(&e, g, 11).unwrap(), 12 + 11);
    assert_eq!(call(&e, g, 10).unwrap(), 11 + 10);
    assert!(!e.is_busy() && !e.is_suspended());
}

#[test]
fn a_raw_function_is_not_called_without_a_word_for_the_host() {
    struct Wordless;
    impl Upcalls for Wordless {
        fn memory_growing(&self, _: u64, _: u64, _: Option<u64>) -> crate::base::Result<bool> {
            Ok(true)
        }
        fn table_growing(&self, _: u64, _: u64, _: Option<u64>) -> crate::base::Result<bool> {
            Ok(true)
        }
        fn out_of_fuel(&self, _: &Exec) -> crate::base::Result<Next> {
            Ok(Next::GoOn)
        }
        fn new_epoch(&self, _: &Exec) -> crate::base::Result<Next> {
            Ok(Next::GoOn)
        }
    }
    init().unwrap();
    let e = Exec::new(Arc::new(Wordless), None);
    let inner = yielding(1);
    let f = serving(caller_of(inner.func_ref()));
    assert_eq!(call(&e, caller_of(f.func_ref()), 20).unwrap_err().to_string(), "answer 0");
}

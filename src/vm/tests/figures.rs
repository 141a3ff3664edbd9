//! Figures of the crossing. `cargo test --release --lib vm::tests::figures -- --ignored --nocapture`

use super::guests::*;
use crate::base::TrapCode;
use crate::layout::{MemoryMode, ValRaw};
use crate::vm::*;
use crate::wasm::MemoryType;
use std::time::Instant;

fn measure(what: &str, times: u32, mut f: impl FnMut()) {
    for _ in 0..times / 10 {
        f();
    }
    let start = Instant::now();
    for _ in 0..times {
        f();
    }
    println!("{what}: {:.1} ns", start.elapsed().as_nanos() as f64 / f64::from(times));
}

#[test]
#[ignore = "prints figures"]
fn crossings() {
    let e = exec();
    let f = func(add_one as *const u8, core::ptr::null());
    measure("enter and leave, thread stack", 1_000_000, || drop(call(&e, f, 1)));
    let mut s = ValRaw::from_u64(1);
    // SAFETY: the slot outlives each call.
    measure("enter and leave, private stack", 1_000_000, || drop(unsafe { e.start(f, &mut s, 1) }));
    let host = callback(|_| Ok(()));
    let g = caller_of(host.func_ref());
    measure("enter, callback, leave", 1_000_000, || drop(call(&e, g, 1)));
    let host = yielding(1);
    let g = caller_of(host.func_ref());
    measure("enter, yield, resume, leave", 1_000_000, || {
        // SAFETY: as above.
        drop(unsafe { e.start(g, &mut s, 1) });
        drop(e.resume(Ok(())));
    });
    let code = publish(&TRAPPING, 12, TrapCode::Unreachable);
    let f = func(code.at(0), core::ptr::null());
    measure("enter and trap by signal", 100_000, || drop(call(&e, f, 1)));
    let refusing = callback(|_| Err(crate::base::Error::trap(TrapCode::Interrupt)));
    let g = caller_of(refusing.func_ref());
    measure("enter and raise", 100_000, || drop(call(&e, g, 1)));
}

#[test]
#[ignore = "prints figures"]
fn memories() {
    let plan = MemoryPlan { mode: MemoryMode::GuardPages, reservation: 4 << 30, guard: 32 << 20, may_move: true, keep: None };
    let ty = MemoryType::new(1, None);
    measure("memory, made and dropped", 100_000, || drop(Memory::new(&ty, &plan, None)));
    let image = MemoryImage::new(&[(0, &[1; 10_000])]).unwrap();
    measure("memory with image, made and dropped", 100_000, || drop(Memory::new(&ty, &plan, Some(image.clone()))));
    measure("memory with image, written, dropped", 100_000, || {
        let m = Memory::new(&ty, &plan, Some(image.clone())).unwrap();
        m.write(0, &[1]).unwrap();
    });
}

#[test]
#[ignore = "prints figures"]
fn ticks() {
    let board = std::sync::Arc::new(EpochBoard::new());
    let with = |board| Exec::new(std::sync::Arc::new(Refusing), board);
    measure("make and drop an exec without epochs", 1_000_000, || drop(with(None)));
    measure("make and drop an exec with epochs", 1_000_000, || drop(with(Some(&board))));
    let execs: Vec<_> = (0..10_000).map(|_| with(Some(&board))).collect();
    let start = Instant::now();
    execs.iter().for_each(|e| e.set_epoch_deadline(1));
    println!("10000 deadlines: {:?}", start.elapsed());
    let start = Instant::now();
    board.tick();
    println!("a tick that is the deadline of 10000 execs: {:?}", start.elapsed());
    measure("a tick that is no deadline of 10000 execs", 10_000, || board.tick());
}

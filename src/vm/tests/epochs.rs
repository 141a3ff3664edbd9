//! Ticks against deadlines that move and execs that come and go.

use crate::base::{Error, Result, TrapCode};
use crate::layout::{DUE, DUE_NOT};
use crate::vm::builtins::what_is_due;
use crate::vm::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A store that counts how often it is asked, and lets guests go on as they are.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Upcalls for Counting {
    fn memory_growing(&self, _: u64, _: u64, _: Option<u64>) -> Result<bool> {
        Ok(true)
    }
    fn table_growing(&self, _: u64, _: u64, _: Option<u64>) -> Result<bool> {
        Ok(true)
    }
    fn out_of_fuel(&self, _: &Exec) -> Result<Next> {
        Err(Error::trap(TrapCode::OutOfFuel))
    }
    fn new_epoch(&self, _: &Exec) -> Result<Next> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Next::GoOn)
    }
}

/// What machine code sees.
fn is_due(exec: &Exec) -> bool {
    // SAFETY: an atomic field of a live record.
    unsafe { (*exec.vm.get()).due.load(Ordering::Relaxed) != DUE_NOT }
}

fn make_due(exec: &Exec) {
    // SAFETY: as in `is_due`.
    unsafe { (*exec.vm.get()).due.store(DUE, Ordering::SeqCst) };
}

#[test]
fn something_is_due_from_the_deadline_on() {
    let board = Arc::new(EpochBoard::new());
    let execs = [0u64, 1, 2, 3, u64::MAX].map(|deadline| {
        let exec = Exec::new(Arc::new(Counting::default()), Some(&board));
        exec.set_epoch_deadline(deadline);
        exec
    });
    for now in 0..5 {
        assert_eq!(board.now(), now);
        for exec in &execs {
            assert_eq!(is_due(exec), exec.epoch_deadline() <= now);
        }
        board.tick();
    }
    execs[0].set_epoch_deadline(7);
    assert!(!is_due(&execs[0]));
    // Whose guests have no epochs is not told.
    let other = Exec::new(Arc::new(Counting::default()), None);
    other.set_epoch_deadline(1);
    assert!(!is_due(&other));
}

#[test]
fn what_seems_due_and_is_not_asks_nobody() {
    let board = Arc::new(EpochBoard::new());
    let counting = Arc::new(Counting::default());
    let exec = Exec::new(counting.clone(), Some(&board));
    exec.set_epoch_deadline(2);
    make_due(&exec);
    what_is_due(&exec).unwrap();
    assert!(!is_due(&exec));
    assert_eq!(counting.0.load(Ordering::Relaxed), 0);
    board.tick();
    board.tick();
    assert!(is_due(&exec));
    what_is_due(&exec).unwrap();
    assert_eq!(counting.0.load(Ordering::Relaxed), 1);
    assert!(is_due(&exec), "the deadline was not moved");
}

#[test]
fn an_interruption_stays_due_until_it_is_taken() {
    let board = Arc::new(EpochBoard::new());
    let exec = Exec::new(Arc::new(Counting::default()), Some(&board));
    exec.interrupt_handle().trigger();
    exec.set_epoch_deadline(5);
    assert!(is_due(&exec));
    assert_eq!(what_is_due(&exec).unwrap_err().trap_code(), Some(TrapCode::Interrupt));
    assert!(!is_due(&exec));
}

/// Owners set deadlines and wait until something is due, while others tick, and make and drop execs between two deadlines.
#[test]
fn hammer_ticks_against_deadlines() {
    let board = Arc::new(EpochBoard::new());
    let over = AtomicBool::new(false);
    let owner = |ahead: u64| {
        let mut exec = Exec::new(Arc::new(Counting::default()), Some(&board));
        for round in 0..20_000u64 {
            if round % 16 == 0 {
                exec = Exec::new(Arc::new(Counting::default()), Some(&board));
            }
            exec.set_epoch_deadline(board.now() + (round + ahead) % 3);
            let since = Instant::now();
            while !(is_due(&exec) && exec.is_overdue()) {
                assert!(since.elapsed() < Duration::from_secs(30), "a tick was lost in round {round}");
                std::hint::spin_loop();
            }
            assert!(exec.epoch_deadline() <= board.now());
        }
    };
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    board.tick();
                }
            });
        }
        let owner = &owner;
        let owners = [0, 1, 2].map(|ahead| s.spawn(move || owner(ahead)));
        let ends = owners.map(std::thread::ScopedJoinHandle::join);
        over.store(true, Ordering::Relaxed);
        assert!(ends.iter().all(std::result::Result::is_ok));
    });
}

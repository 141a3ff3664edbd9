//! Signals at any moment, with a handler that does not have system calls made again: nothing comes out differently.

use crate::child::assert_no_panic;
use crate::place::Place;
use crate::scenarios::SCENARIOS;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

static CAUGHT: AtomicU64 = AtomicU64::new(0);

extern "C" fn count(_: libc::c_int) {
    CAUGHT.fetch_add(1, Ordering::Relaxed);
}

fn handle(signal: libc::c_int) {
    // SAFETY: the handler is a function of the kind that the flags promise; it touches an atomic only.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = count as *const () as usize;
        action.sa_flags = 0;
        assert_eq!(libc::sigaction(signal, &action, core::ptr::null_mut()), 0);
    }
}

/// How long; `TENON_FAULTS_STORM` in milliseconds.
fn time() -> Duration {
    let setting = std::env::var("TENON_FAULTS_STORM").ok().and_then(|t| t.parse().ok());
    Duration::from_millis(setting.unwrap_or(1500))
}

pub fn storm() {
    handle(libc::SIGUSR1);
    handle(libc::SIGVTALRM);
    // SAFETY: plain system calls; the timer ends with the process.
    let (process, worker) = unsafe {
        let every = libc::timeval { tv_sec: 0, tv_usec: 700 };
        let timer = libc::itimerval { it_interval: every, it_value: every };
        assert_eq!(libc::setitimer(libc::ITIMER_VIRTUAL, &timer, core::ptr::null_mut()), 0);
        (libc::getpid(), libc::gettid())
    };
    let over = AtomicBool::new(false);
    let (began, mut rounds) = (Instant::now(), 0);
    std::thread::scope(|s| {
        s.spawn(|| {
            let mut x = 1u64;
            while !over.load(Ordering::Relaxed) {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                std::thread::sleep(Duration::from_micros(20 + (x >> 40) % 200));
                // SAFETY: a signal to a thread that is there until this one ends.
                unsafe { libc::syscall(libc::SYS_tgkill, process, worker, libc::SIGUSR1) };
            }
        });
        let place = Place::new();
        while rounds == 0 || began.elapsed() < time() {
            for scenario in SCENARIOS {
                if let Err(e) = (scenario.run)(&place) {
                    eprintln!("{}: {}", scenario.name, e.chain().join(": "));
                    std::process::abort();
                }
                assert_no_panic(scenario.name);
            }
            rounds += 1;
        }
        over.store(true, Ordering::Relaxed);
    });
    println!("{rounds} rounds of {} scenarios, {} signals", SCENARIOS.len(), CAUGHT.load(Ordering::Relaxed));
    assert!(CAUGHT.load(Ordering::Relaxed) > 100, "hardly any signal came");
}

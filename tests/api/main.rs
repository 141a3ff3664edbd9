//! Random orders of C calls over all kinds of handles, right and wrong ones, with a model of what lives and what everything
//! holds: no call may crash, hang or panic, each has to answer as the model says, and in the end nothing may be left.
//!
//! Two sequences run at a time, on threads that share engines and modules; a sequence moves from thread to thread. All
//! of it follows from a seed: `TENON_FUZZ_SEED=n TENON_FUZZ_RUNS=1 cargo test --test api` shows a sequence again.

#[path = "../support/campaign.rs"]
mod campaign;
mod calls;
mod execution;
mod guests;
mod items;
mod links;
mod names;
mod objects;
mod operations;
mod references;
mod settings;
mod sharing;
mod vectors;
mod world;

use campaign::Campaign;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tenon as _;
use world::{W, World};

/// Panics that a guard of the interface caught are faults, too.
static PANICS: AtomicU64 = AtomicU64::new(0);

fn watch_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        before(info);
    }));
}

/// Ends the process when a case does not end, so that its seed is left behind.
fn watch_time(case: &'static AtomicU64) {
    std::thread::spawn(move || {
        let mut last = (u64::MAX, 0);
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let now = case.load(Ordering::Relaxed);
            last = if now == last.0 { (now, last.1 + 1) } else { (now, 0) };
            if last.1 > 60 {
                eprintln!("api: sequence {now} does not end");
                std::process::abort();
            }
        }
    });
}

fn run(seed: u64) -> Vec<String> {
    let mut world = World::new(seed, guests::kits());
    let w = W(&raw mut world);
    operations::sequence(w);
    std::mem::take(&mut world.failures)
}

/// Counts what is allocated, by the library, too.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does the work, with the arguments as they come.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, it: *mut u8, layout: Layout) {
        ALLOCATIONS.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(it, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, it: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.realloc(it, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// What a sequence leaves behind each time that it is repeated, if anything: caches have an end, leaks go on and on.
fn leak(seed: u64) -> Option<String> {
    let grown = [grow(seed), grow(seed), grow(seed)];
    let kept = |at: usize, least: usize| grown[1..].iter().all(|g| g[at] >= least);
    let leaks = kept(0, TIMES / 2) || kept(1, TIMES) || kept(2, TIMES);
    leaks.then(|| format!("sequence {seed} leaves allocations, mappings, descriptors in {TIMES} times: {grown:?}"))
}

/// By how many allocations, mappings and descriptors the process grows when a sequence is repeated.
fn grow(seed: u64) -> [usize; 3] {
    let measure = || [ALLOCATIONS.load(Ordering::Relaxed), lines("maps"), open()];
    let before = measure();
    (0..TIMES).for_each(|_| drop(run(seed)));
    let after = measure();
    std::array::from_fn(|i| after[i].saturating_sub(before[i]))
}

/// Repetitions between two measurements.
const TIMES: usize = 100;

fn lines(of: &str) -> usize {
    std::fs::read_to_string(format!("/proc/self/{of}")).expect("Linux has it").lines().count()
}

fn open() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("Linux has it").count()
}

/// A case is two sequences side by side.
fn case(seed: u64) -> Vec<String> {
    std::thread::scope(|scope| {
        let other = scope.spawn(move || run(seed | 1 << 40));
        let mut found = run(seed);
        found.extend(other.join().unwrap_or_else(|_| vec![format!("sequence {seed}: panic")]));
        found
    })
}

#[test]
fn orders_of_calls() {
    static CASE: AtomicU64 = AtomicU64::new(0);
    watch_panics();
    watch_time(&CASE);
    let mut campaign = Campaign::new("api", 300);
    while let Some(seed) = campaign.next_seed() {
        CASE.store(seed, Ordering::Relaxed);
        let before = PANICS.load(Ordering::Relaxed);
        for text in case(seed) {
            campaign.finding(format!("seed {seed}: {text}"));
        }
        if PANICS.load(Ordering::Relaxed) != before {
            campaign.finding(format!("seed {seed}: panic"));
        }
        campaign.executions += 2;
        if seed % 512 == 7 {
            leak(seed).into_iter().for_each(|text| campaign.finding(text));
        }
    }
    let (called, all) = names::coverage();
    campaign.covered("C functions", called, all);
    if campaign::setting("TENON_FUZZ_VERBOSE").is_some() {
        eprintln!("never called: {:?}", names::uncalled());
    }
    campaign.close();
}

//! Two guests at once on one tree. What they get is anybody's guess; that it comes from inside is not.

use super::Rng;
use super::disk::{Disk, SECRET};
use super::guest::{Got, Guest};
use super::ops::{Maker, Name, Op, Times};
use super::world::{CREAT, Value, rights};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Fails if a result shows something that lies outside.
fn judge(op: &Op, got: &Got, foreign: &[u64]) {
    let leaks = match got {
        Ok(Value::Bytes(bytes)) => bytes.windows(SECRET.len()).any(|w| w == SECRET),
        Ok(Value::Stat(stat)) => foreign.contains(&stat.ino),
        Ok(Value::List(entries)) => entries.iter().any(|(_, _, ino)| foreign.contains(ino)),
        _ => false,
    };
    assert!(!leaks, "{op:?} shows what is outside: {got:?}");
}

/// Two guests do as many random operations each, with a model of its own that soon knows nothing but still makes them
/// up. Returns how many operations succeeded.
pub fn any_operations(seed: u64, count: usize) -> usize {
    let (disk, _) = Disk::new(false);
    let foreign = disk.foreign_inodes();
    // Before anybody takes the directories away.
    let contexts = [disk.context(), disk.context()];
    let one = |nth: usize| {
        let (spare, fs) = Disk::new(false);
        let mut world = Disk::world(fs);
        drop(spare);
        let mut rng = Rng(seed.wrapping_mul(31).wrapping_add(nth as u64));
        let mut guest = Guest::new(contexts[nth].clone());
        let mut well = 0;
        for _ in 0..count {
            let op = Maker { rng: &mut rng, world: &world, from: 0 }.op();
            world.apply(&op);
            let got = guest.run(&op);
            judge(&op, &got, &foreign);
            well += usize::from(got.is_ok());
        }
        well
    };
    let well = thread::scope(|s| {
        let one = &one;
        let guests = [0, 1].map(|nth| s.spawn(move || one(nth)));
        guests.into_iter().map(|g| g.join().expect("a guest")).sum()
    });
    disk.check_outside().expect("outside stays as it is");
    well
}

/// One guest makes `x` a directory, a link that leads outside, and nothing, in turn; the other goes through it.
/// Returns how often the other found a directory, and how often a way out that was closed.
pub fn through_a_moving_link(seed: u64, count: usize) -> (usize, usize) {
    let (disk, _) = Disk::new(false);
    let foreign = disk.foreign_inodes();
    let done = AtomicBool::new(false);
    let [mut flipper, mut guest] = [0, 1].map(|_| Guest::new(disk.context()));
    let found = thread::scope(|s| {
        s.spawn(|| flip(&mut flipper, &done));
        let walker = s.spawn(|| {
            let mut rng = Rng(seed);
            let (mut inside, mut refused) = (0, 0);
            for _ in 0..count {
                let op = through(&mut rng);
                let got = guest.run(&op);
                judge(&op, &got, &foreign);
                if let (Op::Open { .. }, Ok(Value::Fd(fd))) = (&op, &got) {
                    for op in [Op::FdStat { fd: *fd }, Op::List { fd: *fd, room: 500 }, Op::Read { fd: *fd, lens: vec![99] }] {
                        judge(&op, &guest.run(&op), &foreign);
                    }
                    guest.run(&Op::Close { fd: *fd }).expect("it was open");
                }
                inside += usize::from(got.is_ok());
                refused += usize::from(got == Err(super::errno::PERM));
            }
            done.store(true, Ordering::Relaxed);
            (inside, refused)
        });
        let found = walker.join();
        done.store(true, Ordering::Relaxed);
        found.expect("the other guest")
    });
    disk.check_outside().expect("outside stays as it is");
    found
}

fn name(text: &str) -> Name {
    Name(text.as_bytes().to_vec())
}

fn flip(guest: &mut Guest, done: &AtomicBool) {
    let fd = 3;
    let link = |target: &str| Op::Symlink { target: name(target), fd, path: name("x") };
    let rename = |from: &str, to: &str| Op::Rename { fd, from: name(from), to_fd: fd, to: name(to) };
    let round = [
        rename("b", "x"),
        rename("x", "b"),
        link("../out"),
        Op::Unlink { fd, path: name("x") },
        link(".."),
        rename("x", "y"),
        rename("b/c", "x"),
        rename("x", "b/c"),
        rename("y", "x"),
        Op::Unlink { fd, path: name("x") },
    ];
    while !done.load(Ordering::Relaxed) {
        for op in &round {
            // The other guest is in the way now and then.
            let _ = guest.run(op);
        }
    }
}

/// An operation by way of `x`, or of a directory that is being moved.
fn through(rng: &mut Rng) -> Op {
    let paths = ["x/file", "x/.", "x/", "x/secret", "x/../secret", "x/a", "x/out/file", "b/c/../../secret", "b/c/../../../secret", "x/new"];
    let (fd, path) = (3, name(paths[rng.below(paths.len())]));
    let times = Times { accessed: 1, modified: 1, flags: 5 };
    let base = *rng.pick(&[rights::READ, rights::WRITE, rights::READ | rights::WRITE]);
    match rng.below(12) {
        0..=3 => Op::Open { fd, path, follow: true, oflags: *rng.pick(&[0, 0, CREAT, 8, 2]), base, fdflags: 0 },
        4 | 5 => Op::Stat { fd, path, follow: rng.one_in(2) },
        6 => Op::Unlink { fd, path },
        7 => Op::Rename { fd, from: name("a"), to_fd: fd, to: path },
        8 => Op::Rename { fd, from: path, to_fd: fd, to: name("a") },
        9 => Op::Link { fd, follow: false, from: path, to_fd: fd, to: name(["got", "x/got"][rng.below(2)]) },
        10 => Op::SetTimes { fd, path, follow: true, times },
        _ => Op::Mkdir { fd, path },
    }
}

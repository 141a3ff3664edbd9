use super::*;
use std::io::Write;
use std::time::{Duration, Instant};

const MS: u64 = 1_000_000;

fn clock(userdata: u64, id: u32, timeout: u64, flags: u16) -> [u8; 48] {
    let mut s = [0; 48];
    s[..8].copy_from_slice(&userdata.to_le_bytes());
    s[16..20].copy_from_slice(&id.to_le_bytes());
    s[24..32].copy_from_slice(&timeout.to_le_bytes());
    s[40..42].copy_from_slice(&flags.to_le_bytes());
    s
}

fn fd(userdata: u64, tag: u8, fd: u32) -> [u8; 48] {
    let mut s = [0; 48];
    s[..8].copy_from_slice(&userdata.to_le_bytes());
    s[8] = tag;
    s[16..20].copy_from_slice(&fd.to_le_bytes());
    s
}

/// What an event says: user data, error, kind, bytes, flags.
type Event = (u64, u16, u8, u64, u16);

impl World {
    fn poll(&mut self, subs: &[[u8; 48]]) -> Result<Vec<Event>, Errno> {
        let at = self.put(&subs.concat());
        self.poll_raw(at, subs.len())
    }

    fn poll_raw(&mut self, at: u32, count: usize) -> Result<Vec<Event>, Errno> {
        let (events, out) = (self.alloc(32 * count), self.alloc(4));
        self.call("poll_oneoff", &[at.into(), events.into(), count as u64, out.into()])?;
        let n = self.u32_at(out);
        let half = |w: &World, at: u32| u16::from_le_bytes(w.bytes(at, 2).try_into().unwrap());
        Ok((0..n)
            .map(|i| events + i * 32)
            .map(|e| (self.u64_at(e), half(self, e + 8), self.mem[e as usize + 10], self.u64_at(e + 16), half(self, e + 24)))
            .collect())
    }
}

#[test]
fn sleeping() {
    let mut w = World::new(Config::new());
    for id in [0, 1] {
        let start = Instant::now();
        assert_eq!(w.poll(&[clock(7, id, 12 * MS, 0)]), Ok(vec![(7, 0, 0, 0, 0)]));
        assert!(start.elapsed() >= Duration::from_millis(12));
        let out = w.alloc(8);
        w.call("clock_time_get", &[id.into(), 0, out.into()]).unwrap();
        let then = w.u64_at(out) + 12 * MS;
        assert_eq!(w.poll(&[clock(8, id, then, 1)]), Ok(vec![(8, 0, 0, 0, 0)]));
        w.call("clock_time_get", &[id.into(), 0, out.into()]).unwrap();
        assert!(w.u64_at(out) >= then);
    }
    // The earliest of several; what has passed already is told at once.
    let list = [clock(1, 1, 10_000 * MS, 0), clock(2, 1, 2 * MS, 0), clock(3, 0, 5, 1)];
    assert_eq!(w.poll(&list), Ok(vec![(3, 0, 0, 0, 0)]));
    assert_eq!(w.poll(&list[..2]), Ok(vec![(2, 0, 0, 0, 0)]));
}

#[test]
fn bad_subscriptions() {
    let dir = TempDir::new();
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    assert_eq!(w.poll(&[]), Err(Errno::Inval));
    assert_eq!(w.poll(&[clock(0, 9, 0, 0)]), Err(Errno::Inval));
    assert_eq!(w.poll(&[clock(0, 1, 0, 2)]), Err(Errno::Inval));
    assert_eq!(w.poll(&[fd(0, 3, 0)]), Err(Errno::Inval));
    assert_eq!(w.poll(&[fd(0, 1, 99)]), Err(Errno::BadF));
    assert_eq!(w.poll(&[fd(0, 1, ROOT)]), Err(Errno::BadF));
    assert_eq!(w.poll(&[fd(0, 2, 0)]), Err(Errno::BadF), "input is not written to");
    let huge = w.try_call("poll_oneoff", &[0, 0, 0x1_0000, 0], &|| false);
    assert!(matches!(huge, Err(Fail::Fault(_))));
    for count in [0x2_0001, u32::MAX] {
        assert_eq!(w.call("poll_oneoff", &[0, 0, count.into(), 0]), Err(Errno::Inval));
    }
}

#[test]
fn files_and_host_streams_are_always_ready() {
    let dir = TempDir::new();
    dir.write("a", "abcdef");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let file = w.open(ROOT, "a", Open::BOTH).unwrap();
    w.seek(file, 2, 0).unwrap();
    let start = Instant::now();
    let events = w.poll(&[clock(1, 1, 10_000 * MS, 0), fd(2, 1, file), fd(3, 2, file), fd(4, 2, 1), fd(5, 1, 0)]).unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    let told: Vec<_> = events.iter().map(|e| (e.0, e.2)).collect();
    assert_eq!(told, [(2, 1), (3, 2), (4, 2), (5, 1)]);
    assert_eq!(events[0].3, 4, "bytes left in the file");
}

#[test]
fn pipes_are_waited_for() {
    let dir = TempDir::new();
    let path = dir.fifo("pipe");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let r = w.open(ROOT, "pipe", Open::READ).unwrap();
    let mut host = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    assert_eq!(w.poll(&[fd(1, 1, r), clock(2, 1, 3 * MS, 0)]), Ok(vec![(2, 0, 0, 0, 0)]));
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        host.write_all(b"hello").unwrap();
        host
    });
    assert_eq!(w.poll(&[fd(1, 1, r), clock(2, 1, 60_000 * MS, 0)]), Ok(vec![(1, 0, 1, 5, 0)]));
    assert_eq!(w.read(r, 9), Ok("hello".into()));
    drop(thread.join().unwrap());
    assert_eq!(w.poll(&[fd(1, 1, r)]), Ok(vec![(1, 0, 1, 0, 1)]), "the writer hung up");
}

#[test]
fn a_wait_can_be_interrupted() {
    let mut w = World::new(Config::new());
    let at = w.put(&clock(1, 1, u64::MAX, 0));
    let start = Instant::now();
    let stop = move || start.elapsed() > Duration::from_millis(20);
    let r = w.try_call("poll_oneoff", &[at.into(), 2048, 1, 4096], &stop);
    assert_eq!(r, Err(Fail::Interrupted));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_unstable_interface_has_larger_subscriptions() {
    let mut w = World::new(Config::new());
    w.module = Module::Unstable;
    let mut subs = vec![0u8; 112];
    subs[..8].copy_from_slice(&11u64.to_le_bytes());
    subs[24..28].copy_from_slice(&1u32.to_le_bytes());
    subs[32..40].copy_from_slice(&(60_000 * MS).to_le_bytes());
    subs[56..64].copy_from_slice(&12u64.to_le_bytes());
    subs[56 + 24..56 + 28].copy_from_slice(&0u32.to_le_bytes());
    subs[56 + 32..56 + 40].copy_from_slice(&5u64.to_le_bytes());
    subs[56 + 48..56 + 50].copy_from_slice(&1u16.to_le_bytes());
    let at = w.put(&subs);
    assert_eq!(w.poll_raw(at, 2), Ok(vec![(12, 0, 0, 0, 0)]));
}

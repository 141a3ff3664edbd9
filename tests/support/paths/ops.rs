//! Operations, and making them up.

use super::Rng;
use super::model::{Body, Fs, Id};
use super::world::{Kind, World, rights};
use std::fmt;

/// A path as the guest passes it: any bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(pub Vec<u8>);

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.escape_ascii().to_string();
        if text.len() <= 80 { write!(f, "{text:?}") } else { write!(f, "{:?}... ({} bytes)", &text[..40], self.0.len()) }
    }
}

#[derive(Clone, Debug)]
pub struct Times {
    pub accessed: u64,
    pub modified: u64,
    pub flags: u32,
}

#[derive(Clone, Debug)]
pub enum Op {
    Open { fd: u32, path: Name, follow: bool, oflags: u32, base: u64, fdflags: u32 },
    Mkdir { fd: u32, path: Name },
    Rmdir { fd: u32, path: Name },
    Unlink { fd: u32, path: Name },
    Rename { fd: u32, from: Name, to_fd: u32, to: Name },
    Link { fd: u32, follow: bool, from: Name, to_fd: u32, to: Name },
    Symlink { target: Name, fd: u32, path: Name },
    Readlink { fd: u32, path: Name, room: u32 },
    Stat { fd: u32, path: Name, follow: bool },
    SetTimes { fd: u32, path: Name, follow: bool, times: Times },
    FdStat { fd: u32 },
    FdSetTimes { fd: u32, times: Times },
    SetSize { fd: u32, size: u64 },
    Allocate { fd: u32, offset: u64, len: u64 },
    Read { fd: u32, lens: Vec<u32> },
    Write { fd: u32, lens: Vec<u32>, fill: u8 },
    Pread { fd: u32, len: u32, offset: u64 },
    Pwrite { fd: u32, len: u32, offset: u64, fill: u8 },
    Seek { fd: u32, offset: i64, whence: u32 },
    Tell { fd: u32 },
    List { fd: u32, room: u32 },
    Renumber { from: u32, to: u32 },
    Close { fd: u32 },
    SetFlags { fd: u32, flags: u32 },
    Describe { fd: u32 },
    GiveUp { fd: u32, base: u64, inheriting: u64 },
}

impl Op {
    /// The descriptor of an operation on a single one.
    pub fn fd(&self) -> u32 {
        match self {
            Op::FdStat { fd }
            | Op::FdSetTimes { fd, .. }
            | Op::SetSize { fd, .. }
            | Op::Allocate { fd, .. }
            | Op::Read { fd, .. }
            | Op::Write { fd, .. }
            | Op::Pread { fd, .. }
            | Op::Pwrite { fd, .. }
            | Op::Seek { fd, .. }
            | Op::Tell { fd }
            | Op::List { fd, .. }
            | Op::SetFlags { fd, .. }
            | Op::Describe { fd }
            | Op::GiveUp { fd, .. } => *fd,
            _ => unreachable!("{self:?} is on paths"),
        }
    }
}

const NAMES: &[&str] = &["a", "b", "c", "d", "l", "m", "x", "y", "...", "..a", " ", "\u{e9}\n"];
const ESCAPES: &[&str] = &[
    "..", "../", "../secret", "../out", "../out/file", "../..", "/", "/etc/passwd", "a/../..", "b/../../secret", "./..",
    "../jail", "../jail/a", "up", "up/.", "up/..", "out/.", "out/file", "out/.//", "dotdot/.", "dotdot/secret",
];
const TARGETS: &[&str] = &[
    "a", "b", "b/c", "..", "../secret", "../out", "../../secret", ".", "l", "m", "b/", "a/", "x/.", "../a", "../b/..", "nowhere",
    "/etc", "b/../a",
];

pub struct Maker<'w> {
    pub rng: &'w mut Rng,
    pub world: &'w World,
    /// The directory that paths are made for.
    pub from: Id,
}

impl Maker<'_> {
    pub fn op(&mut self) -> Op {
        match self.rng.below(100) {
            0..=17 => self.open(),
            18..=22 => Op::Mkdir { fd: self.dir(), path: self.new_path() },
            23..=25 => Op::Rmdir { fd: self.dir(), path: self.path() },
            26..=29 => Op::Unlink { fd: self.dir(), path: self.path() },
            30..=36 => self.rename(),
            37..=40 => self.link(),
            41..=45 => self.symlink(),
            46..=48 => Op::Readlink { fd: self.dir(), path: self.path(), room: *self.rng.pick(&[0, 1, 7, 4096]) },
            49..=57 => Op::Stat { fd: self.dir(), path: self.path(), follow: self.rng.one_in(2) },
            58..=60 => Op::SetTimes { fd: self.dir(), path: self.path(), follow: self.rng.one_in(2), times: self.times() },
            61 | 62 => Op::FdStat { fd: self.any() },
            63 => Op::FdSetTimes { fd: self.any(), times: self.times() },
            64 => Op::SetSize { fd: self.file(), size: self.size() },
            65 => Op::Allocate { fd: self.file(), offset: self.size(), len: self.size() },
            66..=70 => Op::Read { fd: self.file(), lens: self.lens() },
            71..=75 => Op::Write { fd: self.file(), lens: self.lens(), fill: self.rng.next() as u8 },
            76 | 77 => Op::Pread { fd: self.file(), len: self.rng.below(500) as u32, offset: self.size() },
            78 | 79 => Op::Pwrite { fd: self.file(), len: self.rng.below(500) as u32, offset: self.size(), fill: 7 },
            80..=82 => Op::Seek { fd: self.file(), offset: self.offset(), whence: self.rng.below(3) as u32 },
            83 => Op::Tell { fd: self.file() },
            84..=87 => Op::List { fd: self.dir(), room: *self.rng.pick(&[280, 320, 500, 4096]) },
            88 | 89 => Op::Renumber { from: self.any(), to: self.any() },
            90..=95 => Op::Close { fd: self.spare() },
            96 => Op::SetFlags { fd: self.file(), flags: *self.rng.pick(&[0, 1, 1, 4, 5, 2, 16, 32]) },
            97 | 98 => Op::Describe { fd: self.any() },
            _ => self.give_up(),
        }
    }

    fn open(&mut self) -> Op {
        let oflags = *self.rng.pick(&[0, 0, 0, 1, 1, 1, 1, 2, 2, 5, 8, 9, 9, 13, 3, 4, 12, 16]);
        let base = *self.rng.pick(&[0, rights::READ, rights::READ, rights::WRITE, rights::READ | rights::WRITE]);
        let fdflags = *self.rng.pick(&[0, 0, 0, 0, 1, 4, 5]);
        let fdflags = if self.rng.one_in(200) { *self.rng.pick(&[2, 8, 16, 32]) } else { fdflags };
        let path = if oflags & 1 != 0 { self.new_path() } else { self.path() };
        Op::Open { fd: self.dir(), path, follow: self.rng.below(3) > 0, oflags, base, fdflags }
    }

    fn rename(&mut self) -> Op {
        Op::Rename { fd: self.dir(), from: self.path(), to_fd: self.dir(), to: self.new_path() }
    }

    fn link(&mut self) -> Op {
        let follow = self.rng.one_in(20);
        Op::Link { fd: self.dir(), follow, from: self.path(), to_fd: self.dir(), to: self.new_path() }
    }

    fn symlink(&mut self) -> Op {
        let target = match self.rng.below(10) {
            0 => self.path(),
            1 => Name(self.odd()),
            _ => Name(self.rng.pick(TARGETS).as_bytes().to_vec()),
        };
        Op::Symlink { target, fd: self.dir(), path: self.new_path() }
    }

    /// Now and then a right, from a descriptor that is not needed to get anywhere.
    fn give_up(&mut self) -> Op {
        let fd = self.spare();
        let bit = |rng: &mut Rng| if rng.one_in(2) { 1 << rng.below(28) } else { 0 };
        Op::GiveUp { fd, base: bit(self.rng), inheriting: bit(self.rng) }
    }

    fn times(&mut self) -> Times {
        let mut time = || self.rng.next() % 4_000_000_000_000_000_000;
        let (accessed, modified) = (time(), time());
        Times { accessed, modified, flags: *self.rng.pick(&[0, 1, 4, 5, 5, 5, 2, 8, 10, 6, 9, 3, 12, 16]) }
    }

    fn size(&mut self) -> u64 {
        *self.rng.pick(&[0, 1, 5, 100, 4095, 4096, 20_000, u64::MAX])
    }

    fn offset(&mut self) -> i64 {
        *self.rng.pick(&[0, 1, -1, 5, -5, 300, 5000, i64::MIN, -100_000])
    }

    fn lens(&mut self) -> Vec<u32> {
        let count = self.rng.below(4);
        (0..count).map(|_| *self.rng.pick(&[0, 1, 3, 50, 600])).collect()
    }

    fn of_kind(&mut self, kind: Kind) -> u32 {
        let open = self.world.table.iter().enumerate();
        let fits: Vec<u32> =
            open.filter(|(_, h)| h.as_ref().is_some_and(|h| h.kind == kind)).map(|(i, _)| i as u32).collect();
        if fits.is_empty() || self.rng.one_in(30) { self.any() } else { *self.rng.pick(&fits) }
    }

    fn dir(&mut self) -> u32 {
        let fd = if self.rng.one_in(2) { 3 } else { self.of_kind(Kind::Dir) };
        self.from = self.world.handle(fd).filter(|h| h.kind == Kind::Dir).map_or(0, |h| h.id);
        fd
    }

    fn file(&mut self) -> u32 {
        self.of_kind(Kind::File)
    }

    fn any(&mut self) -> u32 {
        if self.rng.one_in(200) { 1 << 30 } else { self.rng.below(self.world.limit + 2) as u32 }
    }

    /// Mostly one that is not a preopened directory.
    fn spare(&mut self) -> u32 {
        if self.rng.one_in(40) { self.any() } else { 7 + self.rng.below(self.world.limit - 7) as u32 }
    }

    /// A path to something, or nearly.
    fn path(&mut self) -> Name {
        let mut path = match self.rng.below(20) {
            0 => return Name(self.odd()),
            1 | 2 => self.rng.pick(ESCAPES).as_bytes().to_vec(),
            3 => self.random_components(),
            _ => self.existing(),
        };
        self.decorate(&mut path);
        Name(path)
    }

    /// A path to where something could be made, mostly.
    fn new_path(&mut self) -> Name {
        if self.rng.one_in(3) {
            return self.path();
        }
        let mut path = if self.rng.one_in(3) { Vec::new() } else { self.existing() };
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend(self.rng.pick(NAMES).as_bytes());
        self.decorate(&mut path);
        Name(path)
    }

    /// A path to a node below the directory.
    fn existing(&mut self) -> Vec<u8> {
        let fs: &Fs = &self.world.fs;
        let mut path = Vec::new();
        let mut at = self.from;
        for _ in 0..5 {
            let Body::Dir { entries, .. } = &fs.nodes[at].body else { break };
            if entries.is_empty() {
                break;
            }
            let nth = self.rng.below(entries.len());
            let Some((name, id)) = entries.iter().nth(nth) else { break };
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend(name);
            at = *id;
            if self.rng.one_in(3) {
                break;
            }
        }
        if path.is_empty() { b".".to_vec() } else { path }
    }

    fn random_components(&mut self) -> Vec<u8> {
        let mut path = Vec::new();
        for i in 0..=self.rng.below(6) {
            if i > 0 {
                path.push(b'/');
            }
            match self.rng.below(5) {
                0 => path.extend(b".."),
                1 => path.extend(b"."),
                _ => path.extend(self.rng.pick(NAMES).as_bytes()),
            }
        }
        path
    }

    /// Says the same in another way, or nearly the same.
    fn decorate(&mut self, path: &mut Vec<u8>) {
        if self.rng.below(3) > 0 {
            return;
        }
        match self.rng.below(10) {
            0 | 1 => path.push(b'/'),
            2 => path.extend(b"//"),
            3 => path.extend(b"/."),
            4 => path.extend(b"/./"),
            5 => path.extend(b"/.."),
            6 => path.extend(b"/../"),
            7 => drop(path.splice(0..0, *b"./")),
            8 => drop(path.splice(0..0, *b"b/../")),
            _ => {
                if let Some(at) = path.iter().position(|b| *b == b'/') {
                    path.splice(at..at, *b"/.//./");
                }
            }
        }
    }

    fn odd(&mut self) -> Vec<u8> {
        match self.rng.below(12) {
            0 => Vec::new(),
            1 => b"a\0b".to_vec(),
            2 => vec![b'a', 0xff, 0xfe],
            3 => vec![b'n'; 255],
            4 => vec![b'n'; 256],
            5 => "./".repeat(2046).into_bytes(),
            6 => [vec![b'/'; 4000], b"a".to_vec()].concat(),
            7 => vec![b'p'; 4096],
            8 => [b"a".to_vec(), vec![b'/'; 4094]].concat(),
            9 => "b/../".repeat(800).into_bytes(),
            10 => b"////".to_vec(),
            _ => vec![b'q'; 70_000 - 10_000],
        }
    }
}

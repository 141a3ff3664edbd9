//! What every operation must come to: descriptors, rights and mounts on top of the model's files.

use super::errno::*;
use super::model::{Body, Created, Fs, Id, MANY_LINKS, Time};
use super::ops::{Op, Times};
use std::collections::HashMap;

/// Rights, as the interface numbers them.
pub mod rights {
    pub const READ: u64 = 1 << 1;
    pub const SEEK: u64 = 1 << 2;
    pub const SET_FLAGS: u64 = 1 << 3;
    pub const TELL: u64 = 1 << 5;
    pub const WRITE: u64 = 1 << 6;
    pub const ALLOCATE: u64 = 1 << 8;
    pub const MKDIR: u64 = 1 << 9;
    pub const CREATE_FILE: u64 = 1 << 10;
    pub const LINK_SOURCE: u64 = 1 << 11;
    pub const LINK_TARGET: u64 = 1 << 12;
    pub const OPEN: u64 = 1 << 13;
    pub const READDIR: u64 = 1 << 14;
    pub const READLINK: u64 = 1 << 15;
    pub const RENAME_SOURCE: u64 = 1 << 16;
    pub const RENAME_TARGET: u64 = 1 << 17;
    pub const PATH_STAT: u64 = 1 << 18;
    pub const PATH_SIZE: u64 = 1 << 19;
    pub const PATH_TIMES: u64 = 1 << 20;
    pub const FD_STAT: u64 = 1 << 21;
    pub const FD_SIZE: u64 = 1 << 22;
    pub const FD_TIMES: u64 = 1 << 23;
    pub const SYMLINK: u64 = 1 << 24;
    pub const RMDIR: u64 = 1 << 25;
    pub const UNLINK: u64 = 1 << 26;
}

pub const CREAT: u32 = 1;
pub const DIRECTORY: u32 = 2;
pub const EXCL: u32 = 4;
pub const TRUNC: u32 = 8;
pub const APPEND: u32 = 1;
const SYNCS: u32 = 2 | 8 | 16;

/// What an operation brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    Nothing,
    Fd(u32),
    Number(u64),
    Bytes(Vec<u8>),
    /// Kind and flags of a descriptor.
    Descriptor(u8, u32),
    Stat(Stat),
    /// Name, kind and inode of each entry, in order of names.
    List(Vec<(Vec<u8>, u8, u64)>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stat {
    pub kind: u8,
    pub links: u64,
    pub size: u64,
    pub accessed: u64,
    pub modified: u64,
    pub ino: u64,
}

/// What an operation may come to.
pub enum Expected {
    /// Any of these error numbers, and nothing happens.
    Errors(Vec<E>),
    Value(Value),
    Stat(Id),
    List(Id),
    /// One of a stream, which is not a path's business.
    Whatever,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stream,
    File,
    Dir,
}

#[derive(Clone)]
pub struct Handle {
    pub kind: Kind,
    pub id: Id,
    read: bool,
    write: bool,
    position: u64,
    flags: u32,
    dir_write: bool,
    file_write: bool,
    lost: u64,
    lost_below: u64,
}

impl Handle {
    pub fn stream() -> Handle {
        Handle { kind: Kind::Stream, ..Handle::dir(0, true, true) }
    }

    pub fn dir(id: Id, dir_write: bool, file_write: bool) -> Handle {
        Handle {
            kind: Kind::Dir,
            id,
            read: true,
            write: false,
            position: 0,
            flags: 0,
            dir_write,
            file_write,
            lost: 0,
            lost_below: 0,
        }
    }
}

pub struct World {
    pub fs: Fs,
    pub table: Vec<Option<Handle>>,
    /// How many descriptors there may be.
    pub limit: usize,
    inos: HashMap<Id, u64>,
    owners: HashMap<u64, Id>,
}

type Verdict = Result<Expected, Vec<E>>;
const DONE: Verdict = Ok(Expected::Value(Value::Nothing));

fn one(e: E) -> Vec<E> {
    vec![e]
}

/// What is wrong with the text of a path, whatever is there.
fn text_errors(path: &[u8]) -> Vec<E> {
    let mut errors = Vec::new();
    if path.is_empty() {
        errors.push(NOENT);
    }
    if path.len() >= 4096 {
        errors.push(NAMETOOLONG);
    }
    if path.contains(&0) {
        errors.push(INVAL);
    }
    if std::str::from_utf8(path).is_err() {
        errors.push(ILSEQ);
    }
    errors
}

impl World {
    pub fn new(fs: Fs, preopens: Vec<Handle>, limit: usize) -> World {
        let streams = std::iter::repeat_n(Handle::stream(), 3);
        let table = streams.chain(preopens).map(Some).collect();
        World { fs, table, limit, inos: HashMap::new(), owners: HashMap::new() }
    }

    pub fn handle(&self, fd: u32) -> Option<&Handle> {
        self.table.get(fd as usize)?.as_ref()
    }

    /// Does `op` to the model.
    pub fn apply(&mut self, op: &Op) -> Expected {
        self.fs.followed.set(0);
        let mut expected = self.verdict(op).unwrap_or_else(Expected::Errors);
        if let (Expected::Errors(list), true) = (&mut expected, self.fs.followed.get() > MANY_LINKS) {
            list.push(LOOP);
        }
        expected
    }

    fn verdict(&mut self, op: &Op) -> Verdict {
        use rights::*;
        match op {
            Op::Open { fd, path, follow, oflags, base, fdflags } => {
                self.open(*fd, &path.0, *follow, *oflags, *base, *fdflags)
            }
            Op::Mkdir { fd, path } => {
                let root = self.at(*fd, &path.0, MKDIR, true)?;
                self.fs.mkdir(root, &path.0).map_err(one)?;
                DONE
            }
            Op::Rmdir { fd, path } => {
                let root = self.at(*fd, &path.0, RMDIR, true)?;
                self.fs.rmdir(root, &path.0)?;
                DONE
            }
            Op::Unlink { fd, path } => {
                let root = self.at(*fd, &path.0, UNLINK, true)?;
                self.fs.unlink(root, &path.0).map_err(one)?;
                DONE
            }
            Op::Rename { fd, from, to_fd, to } => {
                let (a, b) = self.two((*fd, &from.0, RENAME_SOURCE), (*to_fd, &to.0, RENAME_TARGET))?;
                self.fs.rename(a, &from.0, b, &to.0)?;
                DONE
            }
            Op::Link { fd, follow, from, to_fd, to } => {
                let places = self.two((*fd, &from.0, LINK_SOURCE), (*to_fd, &to.0, LINK_TARGET));
                if *follow {
                    return Err([vec![INVAL], places.err().unwrap_or_default()].concat());
                }
                let (a, b) = places?;
                self.fs.link(a, &from.0, b, &to.0)?;
                DONE
            }
            Op::Symlink { target, fd, path } => {
                let root = self.at(*fd, &path.0, SYMLINK, true);
                let mut errors = text_errors(&target.0);
                if target.0.first() == Some(&b'/') {
                    errors.push(PERM);
                }
                if !errors.is_empty() {
                    errors.extend(root.err().unwrap_or_default());
                    return Err(errors);
                }
                self.fs.symlink(root?, &target.0, &path.0).map_err(one)?;
                DONE
            }
            Op::Readlink { fd, path, room } => {
                let root = self.at(*fd, &path.0, READLINK, false)?;
                let id = self.fs.resolve(root, &path.0, false).map_err(one)?;
                match &self.fs.nodes[id].body {
                    Body::Link(target) if target.first() == Some(&b'/') => Err(vec![PERM]),
                    Body::Link(target) => {
                        let n = target.len().min(*room as usize);
                        Ok(Expected::Value(Value::Bytes(target[..n].to_vec())))
                    }
                    _ => Err(vec![INVAL]),
                }
            }
            Op::Stat { fd, path, follow } => {
                let root = self.at(*fd, &path.0, PATH_STAT, false)?;
                Ok(Expected::Stat(self.fs.resolve(root, &path.0, *follow).map_err(one)?))
            }
            Op::SetTimes { fd, path, follow, times } => {
                let root = self.at(*fd, &path.0, PATH_TIMES, true);
                let new = times.meaning().map_err(|e| [vec![e], root.clone().err().unwrap_or_default()].concat())?;
                let id = self.fs.resolve(root?, &path.0, *follow).map_err(one)?;
                self.set_times(id, new);
                DONE
            }
            Op::Close { fd } => {
                self.table.get_mut(*fd as usize).and_then(Option::take).ok_or_else(|| one(BADF))?;
                DONE
            }
            Op::Renumber { from, to } => {
                if self.handle(*from).is_none() || self.handle(*to).is_none() {
                    return Err(vec![BADF]);
                }
                if from != to {
                    self.table[*to as usize] = self.table[*from as usize].take();
                }
                DONE
            }
            _ => self.on_descriptor(op),
        }
    }

    /// The directory of a path operation, if the descriptor may do it.
    fn at(&self, fd: u32, path: &[u8], right: u64, writes: bool) -> Result<Id, Vec<E>> {
        let mut errors = text_errors(path);
        match self.handle(fd) {
            None => errors.push(BADF),
            Some(h) if h.kind != Kind::Dir => errors.push(NOTDIR),
            Some(h) => {
                if writes && !h.dir_write {
                    errors.push(PERM);
                }
                if h.lost & right != 0 {
                    errors.push(NOTCAPABLE);
                }
                if errors.is_empty() {
                    return Ok(h.id);
                }
            }
        }
        Err(errors)
    }

    /// Source and target of an operation that gives a file a name elsewhere, where no more may be allowed with it.
    fn two(&self, a: (u32, &[u8], u64), b: (u32, &[u8], u64)) -> Result<(Id, Id), Vec<E>> {
        match (self.at(a.0, a.1, a.2, true), self.at(b.0, b.1, b.2, true)) {
            (Ok(x), Ok(y)) => {
                let file_write = |fd| self.handle(fd).is_some_and(|h| h.file_write);
                if file_write(b.0) && !file_write(a.0) { Err(vec![PERM]) } else { Ok((x, y)) }
            }
            (x, y) => Err([x.err(), y.err()].into_iter().flatten().flatten().collect()),
        }
    }

    fn open(&mut self, fd: u32, path: &[u8], follow: bool, oflags: u32, base: u64, fdflags: u32) -> Verdict {
        let (wants_read, write) = (base & rights::READ != 0, base & rights::WRITE != 0);
        let has = |f: u32| oflags & f != 0;
        let mut errors = Vec::new();
        if oflags > 15 || fdflags > 31 || (has(DIRECTORY) && oflags != DIRECTORY) {
            errors.push(INVAL);
        }
        if let Some(h) = self.handle(fd).filter(|h| h.kind == Kind::Dir) {
            let perm = ((write || has(CREAT) || has(TRUNC)) && !h.file_write) || (has(CREAT) && !h.dir_write);
            let mut needed = if has(CREAT) { rights::CREATE_FILE } else { 0 };
            needed |= if has(TRUNC) { rights::PATH_SIZE } else { 0 };
            if perm {
                errors.push(PERM);
            }
            if h.lost & needed != 0 || base & (rights::READ | rights::WRITE) & h.lost_below != 0 {
                errors.push(NOTCAPABLE);
            }
        }
        let root = self.at(fd, path, rights::OPEN, false);
        if !errors.is_empty() || root.is_err() {
            errors.extend(root.err().unwrap_or_default());
            return Err(errors);
        }
        let root = root?;
        let free = self.table.iter().position(Option::is_none).unwrap_or(self.table.len());
        let full = free >= self.limit;
        // With no room for the descriptor nothing happens; what is told is either that or what else is wrong.
        let told = |errors: Vec<E>| if full { [errors, vec![MFILE]].concat() } else { errors };
        let id = if has(CREAT) {
            let found = self.fs.find_or_create(root, path, follow, has(EXCL)).map_err(told)?;
            if full {
                return Err(vec![MFILE]);
            }
            match found {
                Created::Old(id) => id,
                Created::New { dir, name } => self.fs.make(dir, &name, Body::File(Vec::new())),
            }
        } else {
            let id = self.fs.resolve(root, path, follow).map_err(|e| told(one(e)))?;
            let wrong = match self.fs.nodes[id].body {
                Body::Link(_) if has(DIRECTORY) => vec![LOOP, NOTDIR],
                Body::Link(_) => vec![LOOP],
                Body::File(_) if has(DIRECTORY) => vec![NOTDIR],
                Body::Dir { .. } if write || has(TRUNC) => vec![ISDIR],
                _ => vec![],
            };
            if full || !wrong.is_empty() {
                return Err(told(wrong));
            }
            id
        };
        let node = &mut self.fs.nodes[id];
        if let (true, Body::File(data)) = (has(TRUNC), &mut node.body) {
            data.clear();
            node.modified = None;
        }
        let handle = self.opened(fd, id, wants_read || !write, write, fdflags);
        if free == self.table.len() {
            self.table.push(None);
        }
        self.table[free] = Some(handle);
        Ok(Expected::Value(Value::Fd(free as u32)))
    }

    fn opened(&self, from: u32, id: Id, read: bool, write: bool, fdflags: u32) -> Handle {
        let mut h = self.handle(from).expect("a directory").clone();
        h.id = id;
        h.lost = h.lost_below;
        h.position = 0;
        if !self.fs.is_dir(id) {
            h = Handle { kind: Kind::File, read, write, flags: fdflags, ..h };
        }
        h
    }

    fn set_times(&mut self, id: Id, [accessed, modified]: [Option<Time>; 2]) {
        let node = &mut self.fs.nodes[id];
        node.accessed = accessed.unwrap_or(node.accessed);
        node.modified = modified.unwrap_or(node.modified);
    }

    fn on_descriptor(&mut self, op: &Op) -> Verdict {
        let fd = op.fd();
        let handle = self.handle(fd).cloned();
        let bad_argument = match op {
            Op::FdSetTimes { times, .. } => times.meaning().err(),
            Op::SetFlags { flags: 32.., .. } => Some(INVAL),
            _ => None,
        };
        let Some(h) = handle else { return Err([Some(BADF), bad_argument].into_iter().flatten().collect()) };
        if h.kind == Kind::Stream {
            return Ok(Expected::Whatever);
        }
        match op {
            Op::Describe { .. } => {
                let (kind, flags) = if h.kind == Kind::Dir { (3, 0) } else { (4, h.flags) };
                Ok(Expected::Value(Value::Descriptor(kind, flags)))
            }
            Op::FdStat { .. } => {
                needs(&h, rights::FD_STAT, vec![])?;
                Ok(Expected::Stat(h.id))
            }
            Op::FdSetTimes { times, .. } => {
                let allowed = if h.kind == Kind::Dir { h.dir_write } else { h.file_write };
                let mut errors = if allowed { vec![] } else { vec![PERM] };
                errors.extend(bad_argument);
                needs(&h, rights::FD_TIMES, errors)?;
                self.set_times(h.id, times.meaning().map_err(one)?);
                DONE
            }
            Op::GiveUp { base, inheriting, .. } => {
                let h = self.handle_mut(fd);
                h.lost |= base;
                h.lost_below |= inheriting;
                DONE
            }
            Op::List { .. } if h.kind != Kind::Dir => Err(vec![NOTDIR, BADF]),
            Op::List { .. } => {
                needs(&h, rights::READDIR, vec![])?;
                self.fs.nodes[h.id].accessed = None;
                Ok(Expected::List(h.id))
            }
            _ if h.kind == Kind::Dir => Err([Some(BADF), bad_argument].into_iter().flatten().collect()),
            _ => self.on_file(op, fd, &h),
        }
    }

    pub fn handle_mut(&mut self, fd: u32) -> &mut Handle {
        self.table[fd as usize].as_mut().expect("an open descriptor")
    }

    fn on_file(&mut self, op: &Op, fd: u32, h: &Handle) -> Verdict {
        let node = &mut self.fs.nodes[h.id];
        let Body::File(data) = &mut node.body else { unreachable!("a file's handle") };
        let unreadable = if h.read { vec![] } else { vec![BADF] };
        let mut unwritable = if h.write { vec![] } else { vec![BADF] };
        match op {
            Op::Read { lens, .. } => {
                needs(h, rights::READ, unreadable)?;
                let out = slice(data, h.position, lens.iter().sum());
                node.accessed = None;
                self.handle_mut(fd).position += out.len() as u64;
                Ok(Expected::Value(Value::Bytes(out)))
            }
            Op::Pread { len, offset, .. } => {
                needs(h, rights::READ | rights::SEEK, unreadable)?;
                if *offset > i64::MAX as u64 {
                    return Err(vec![INVAL]);
                }
                node.accessed = None;
                Ok(Expected::Value(Value::Bytes(slice(data, *offset, *len))))
            }
            Op::Write { lens, fill, .. } => {
                needs(h, rights::WRITE, unwritable)?;
                let n: u32 = lens.iter().sum();
                let at = if h.flags & APPEND != 0 { data.len() as u64 } else { h.position };
                if n > 0 {
                    put(data, at, n, *fill);
                    node.modified = None;
                    self.handle_mut(fd).position = at + u64::from(n);
                }
                Ok(Expected::Value(Value::Number(n.into())))
            }
            Op::Pwrite { len, offset, fill, .. } => {
                needs(h, rights::WRITE | rights::SEEK, unwritable)?;
                if *offset > i64::MAX as u64 {
                    return Err(vec![INVAL]);
                }
                if *len > 0 {
                    // As on Linux, what appends does so wherever it is told to write.
                    let at = if h.flags & APPEND != 0 { data.len() as u64 } else { *offset };
                    put(data, at, *len, *fill);
                    node.modified = None;
                }
                Ok(Expected::Value(Value::Number((*len).into())))
            }
            Op::Seek { offset, whence, .. } => {
                let right = if (*offset, *whence) == (0, 1) { rights::TELL } else { rights::SEEK };
                needs(h, right, if *whence > 2 { vec![INVAL] } else { vec![] })?;
                let start = [0, h.position as i64, data.len() as i64][*whence as usize];
                let to = start.checked_add(*offset).filter(|p| *p >= 0).ok_or_else(|| one(INVAL))?;
                self.handle_mut(fd).position = to as u64;
                Ok(Expected::Value(Value::Number(to as u64)))
            }
            Op::Tell { .. } => {
                needs(h, rights::TELL, vec![])?;
                Ok(Expected::Value(Value::Number(h.position)))
            }
            Op::SetSize { size, .. } => {
                if !h.file_write {
                    unwritable.push(PERM);
                }
                needs(h, rights::FD_SIZE, unwritable)?;
                if *size > i64::MAX as u64 {
                    return Err(vec![INVAL]);
                }
                data.resize(*size as usize, 0);
                node.modified = None;
                DONE
            }
            Op::Allocate { offset, len, .. } => {
                if !h.file_write {
                    unwritable.push(PERM);
                }
                needs(h, rights::ALLOCATE, unwritable)?;
                let end = offset.checked_add(*len).filter(|e| *e <= i64::MAX as u64);
                match end {
                    _ if *len == 0 => return Err(vec![INVAL]),
                    None => return Err(vec![FBIG]),
                    Some(end) if end > data.len() as u64 => data.resize(end as usize, 0),
                    Some(_) => {}
                }
                node.modified = None;
                DONE
            }
            Op::SetFlags { flags, .. } => {
                let mut errors = if *flags > 31 { vec![INVAL] } else { vec![] };
                if (flags ^ h.flags) & SYNCS != 0 {
                    errors.push(NOTSUP);
                }
                needs(h, rights::SET_FLAGS, errors)?;
                self.handle_mut(fd).flags = *flags;
                DONE
            }
            _ => unreachable!("{op:?} is not for files"),
        }
    }

    /// Forgets when files were read: comparing with the disk reads them.
    pub fn forget_access(&mut self) {
        self.fs.nodes.iter_mut().for_each(|n| n.accessed = None);
    }

    /// Checks that `ino` is the number of `id` and of no other file that there is.
    pub fn same_ino(&mut self, id: Id, ino: u64) -> Result<(), String> {
        if let Some(known) = self.inos.get(&id).filter(|k| **k != ino) {
            return Err(format!("file {id} had inode {known}, now {ino}"));
        }
        let owner = self.owners.get(&ino).copied().filter(|o| *o != id);
        if let Some(owner) = owner.filter(|o| self.is_alive(*o)) {
            return Err(format!("inode {ino} of file {id} is file {owner}'s"));
        }
        self.inos.insert(id, ino);
        self.owners.insert(ino, id);
        Ok(())
    }

    fn is_alive(&self, id: Id) -> bool {
        self.fs.nodes[id].links > 0 || self.table.iter().flatten().any(|h| h.kind != Kind::Stream && h.id == id)
    }
}

/// Fails with `errors`, and with one more if the handle gave up `right`.
fn needs(h: &Handle, right: u64, mut errors: Vec<E>) -> Result<(), Vec<E>> {
    if h.lost & right != 0 {
        errors.push(NOTCAPABLE);
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn slice(data: &[u8], at: u64, len: u32) -> Vec<u8> {
    data.iter().skip(at.min(data.len() as u64) as usize).take(len as usize).copied().collect()
}

/// Writes a run of one byte.
fn put(data: &mut Vec<u8>, at: u64, len: u32, fill: u8) {
    let end = at as usize + len as usize;
    if data.len() < end {
        data.resize(end, 0);
    }
    data[at as usize..end].fill(fill);
}

impl Times {
    /// The times to set, unless the flags contradict each other. `Some(None)`: to a time that is not known here.
    fn meaning(&self) -> Result<[Option<Time>; 2], E> {
        let time = |set: u32, now: u32, value: u64| match (self.flags & set != 0, self.flags & now != 0) {
            (true, true) => Err(INVAL),
            (true, false) => Ok(Some(Some(value))),
            (false, true) => Ok(Some(None)),
            (false, false) => Ok(None),
        };
        if self.flags > 15 {
            return Err(INVAL);
        }
        Ok([time(1, 2, self.accessed)?, time(4, 8, self.modified)?])
    }
}

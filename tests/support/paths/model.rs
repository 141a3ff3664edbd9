//! A file system beneath a root, in memory: what POSIX says about names, with Linux's choice where POSIX leaves one.
//!
//! A path is resolved from a directory and never leaves it: an absolute path or link and a `..` in that very directory
//! are `perm`. Errors come up in the order of the path's components.

use super::errno::*;
use std::cell::Cell;
use std::collections::BTreeMap;

/// The number of a file; never used twice.
pub type Id = usize;

/// A time of a file: only known if somebody has set it and nothing has touched it since.
pub type Time = Option<u64>;

pub enum Body {
    File(Vec<u8>),
    Dir { entries: BTreeMap<Vec<u8>, Id>, parent: Id },
    Link(Vec<u8>),
}

pub struct Node {
    pub body: Body,
    /// Names that lead here; for a directory, 1 or, once it is removed, 0.
    pub links: u64,
    pub accessed: Time,
    pub modified: Time,
}

pub struct Fs {
    pub nodes: Vec<Node>,
    /// The most links that one path has led over since this was last set to 0.
    pub followed: Cell<u32>,
}

pub const ROOT: Id = 0;
const MAX_NAME: usize = 255;
const MAX_LINKS: u32 = 40;
/// Linux may start over when a path leads to an error, and then counts the links twice.
pub const MANY_LINKS: u32 = MAX_LINKS / 2;

/// The last component of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Last<'p> {
    /// It is what `.` or `..` came to.
    Dots { up: bool },
    Name(&'p [u8]),
}

/// A path up to its last component.
pub struct Place<'p> {
    pub dir: Id,
    pub last: Last<'p>,
    /// Slashes follow: it has to be a directory.
    pub slash: bool,
}

struct Walk<'f> {
    fs: &'f Fs,
    root: Id,
    links: u32,
}

impl Walk<'_> {
    /// Resolves all but the last component. `..` at the end counts as resolved.
    fn place<'p>(&mut self, mut dir: Id, path: &'p [u8]) -> Result<Place<'p>, E> {
        if path.first() == Some(&b'/') {
            return Err(PERM);
        }
        let slash = path.last() == Some(&b'/');
        let mut parts = path.split(|b| *b == b'/').filter(|p| !p.is_empty()).peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_some() {
                dir = self.step(dir, part)?;
                continue;
            }
            self.fs.entries(dir)?;
            if !matches!(part, b"." | b"..") {
                return Ok(Place { dir, last: Last::Name(part), slash });
            }
            let up = part == b"..";
            return Ok(Place { dir: self.step(dir, part)?, last: Last::Dots { up }, slash });
        }
        Err(NOENT)
    }

    /// What one component leads to, links followed.
    fn step(&mut self, dir: Id, name: &[u8]) -> Result<Id, E> {
        self.fs.entries(dir)?;
        match name {
            b"." => Ok(dir),
            b".." if dir == self.root => Err(PERM),
            b".." => Ok(self.fs.parent(dir)),
            _ => {
                let found = self.fs.lookup(dir, name)?;
                self.chase(dir, found)
            }
        }
    }

    /// Follows `id`, found in `dir`, if it is a link.
    fn chase(&mut self, dir: Id, id: Id) -> Result<Id, E> {
        let Body::Link(target) = &self.fs.nodes[id].body else { return Ok(id) };
        self.follow()?;
        self.resolve(dir, target, true)
    }

    fn follow(&mut self) -> Result<(), E> {
        self.links += 1;
        self.fs.followed.set(self.links.max(self.fs.followed.get()));
        if self.links > MAX_LINKS { Err(LOOP) } else { Ok(()) }
    }

    fn resolve(&mut self, dir: Id, path: &[u8], follow: bool) -> Result<Id, E> {
        let place = self.place(dir, path)?;
        let Last::Name(name) = place.last else { return Ok(place.dir) };
        let mut id = self.fs.lookup(place.dir, name)?;
        if follow || place.slash {
            id = self.chase(place.dir, id)?;
        }
        if place.slash && !self.fs.is_dir(id) {
            return Err(NOTDIR);
        }
        Ok(id)
    }

    /// Where a file of this name would be created, or what is there: links are followed to their end.
    fn create<'p>(&mut self, dir: Id, path: &'p [u8], follow: bool, exclusive: bool) -> Result<Created, Vec<E>>
    where
        Self: 'p,
    {
        let links = self.links;
        let place = self.place(dir, path).map_err(|e| vec![e])?;
        let exists = |e: E| if exclusive { vec![EXIST] } else { vec![e] };
        let Last::Name(name) = place.last else { return Err(exists(ISDIR)) };
        if place.slash {
            // Of several things wrong, any may be told: it is no name for a file, perhaps leads nowhere, or is there.
            let mut errors = vec![ISDIR];
            errors.extend(Walk { links, ..*self }.resolve(dir, path, follow).err().filter(|e| *e != NOENT));
            errors.extend(self.fs.lookup(place.dir, name).ok().filter(|_| exclusive).map(|_| EXIST));
            return Err(errors);
        }
        let id = match self.fs.lookup(place.dir, name) {
            Ok(id) => id,
            Err(NOENT) if self.fs.nodes[place.dir].links > 0 => {
                return Ok(Created::New { dir: place.dir, name: name.to_vec() });
            }
            Err(e) => return Err(vec![e]),
        };
        if exclusive {
            return Err(vec![EXIST]);
        }
        match &self.fs.nodes[id].body {
            Body::Dir { .. } => Err(vec![ISDIR]),
            Body::File(_) => Ok(Created::Old(id)),
            Body::Link(_) if !follow => Err(vec![LOOP]),
            Body::Link(target) => {
                self.follow().map_err(|e| vec![e])?;
                self.create(place.dir, target, true, false)
            }
        }
    }
}

pub enum Created {
    Old(Id),
    New { dir: Id, name: Vec<u8> },
}

impl Fs {
    pub fn new() -> Fs {
        let mut fs = Fs { nodes: Vec::new(), followed: Cell::new(0) };
        fs.add(Body::Dir { entries: BTreeMap::new(), parent: ROOT });
        fs.nodes[ROOT].links = 1;
        fs
    }

    fn add(&mut self, body: Body) -> Id {
        self.nodes.push(Node { body, links: 0, accessed: None, modified: None });
        self.nodes.len() - 1
    }

    pub fn is_dir(&self, id: Id) -> bool {
        matches!(self.nodes[id].body, Body::Dir { .. })
    }

    /// The entries of a directory.
    pub fn entries(&self, id: Id) -> Result<&BTreeMap<Vec<u8>, Id>, E> {
        match &self.nodes[id].body {
            Body::Dir { entries, .. } => Ok(entries),
            _ => Err(NOTDIR),
        }
    }

    fn entries_mut(&mut self, id: Id) -> &mut BTreeMap<Vec<u8>, Id> {
        self.nodes[id].modified = None;
        match &mut self.nodes[id].body {
            Body::Dir { entries, .. } => entries,
            _ => unreachable!("callers have a directory"),
        }
    }

    pub fn parent(&self, id: Id) -> Id {
        match self.nodes[id].body {
            Body::Dir { parent, .. } => parent,
            _ => unreachable!("callers have a directory"),
        }
    }

    pub fn lookup(&self, dir: Id, name: &[u8]) -> Result<Id, E> {
        let entries = self.entries(dir)?;
        if self.nodes[dir].links == 0 {
            return Err(NOENT);
        }
        if name.len() > MAX_NAME {
            return Err(NAMETOOLONG);
        }
        entries.get(name).copied().ok_or(NOENT)
    }

    fn walk(&self, root: Id) -> Walk<'_> {
        Walk { fs: self, root, links: 0 }
    }

    pub fn place<'p>(&self, root: Id, path: &'p [u8]) -> Result<Place<'p>, E> {
        self.walk(root).place(root, path)
    }

    pub fn resolve(&self, root: Id, path: &[u8], follow: bool) -> Result<Id, E> {
        self.walk(root).resolve(root, path, follow)
    }

    pub fn find_or_create(&self, root: Id, path: &[u8], follow: bool, exclusive: bool) -> Result<Created, Vec<E>> {
        self.walk(root).create(root, path, follow, exclusive)
    }

    /// Puts a new node at a free name.
    pub fn make(&mut self, dir: Id, name: &[u8], mut body: Body) -> Id {
        if let Body::Dir { parent, .. } = &mut body {
            *parent = dir;
        }
        let id = self.add(body);
        self.nodes[id].links = 1;
        self.entries_mut(dir).insert(name.to_vec(), id);
        id
    }

    /// The place for a new name, which is free. `dir_only`: what is made is a directory.
    fn free<'p>(&self, root: Id, path: &'p [u8], dir_only: bool) -> Result<(Id, &'p [u8]), E> {
        let place = self.place(root, path)?;
        let Last::Name(name) = place.last else { return Err(EXIST) };
        match self.lookup(place.dir, name) {
            Ok(_) => Err(EXIST),
            Err(NOENT) if self.nodes[place.dir].links == 0 => Err(NOENT),
            Err(NOENT) if place.slash && !dir_only => Err(NOENT),
            Err(NOENT) => Ok((place.dir, name)),
            Err(e) => Err(e),
        }
    }

    pub fn mkdir(&mut self, root: Id, path: &[u8]) -> Result<(), E> {
        let (dir, name) = self.free(root, path, true)?;
        self.make(dir, name, Body::Dir { entries: BTreeMap::new(), parent: dir });
        Ok(())
    }

    pub fn symlink(&mut self, root: Id, target: &[u8], path: &[u8]) -> Result<(), E> {
        let (dir, name) = self.free(root, path, false)?;
        self.make(dir, name, Body::Link(target.to_vec()));
        Ok(())
    }

    pub fn rmdir(&mut self, root: Id, path: &[u8]) -> Result<(), Vec<E>> {
        let place = self.place(root, path).map_err(|e| vec![e])?;
        let name = match place.last {
            // POSIX says that it fails, not how.
            Last::Dots { up: true } => return Err(vec![NOTEMPTY, INVAL]),
            Last::Dots { up: false } => return Err(vec![INVAL]),
            Last::Name(name) => name,
        };
        let id = self.lookup(place.dir, name).map_err(|e| vec![e])?;
        if !self.entries(id).map_err(|e| vec![e])?.is_empty() {
            return Err(vec![NOTEMPTY]);
        }
        self.detach(place.dir, name);
        Ok(())
    }

    fn detach(&mut self, dir: Id, name: &[u8]) {
        if let Some(id) = self.entries_mut(dir).remove(name) {
            self.nodes[id].links -= 1;
        }
    }

    pub fn unlink(&mut self, root: Id, path: &[u8]) -> Result<(), E> {
        let place = self.place(root, path)?;
        let Last::Name(name) = place.last else { return Err(ISDIR) };
        let id = self.lookup(place.dir, name)?;
        if self.is_dir(id) {
            return Err(ISDIR);
        }
        if place.slash {
            return Err(NOTDIR);
        }
        self.detach(place.dir, name);
        Ok(())
    }

    pub fn link(&mut self, from_root: Id, from: &[u8], to_root: Id, to: &[u8]) -> Result<(), Vec<E>> {
        let source = self.resolve(from_root, from, false);
        // Nobody may link directories.
        let source = source.and_then(|id| if self.is_dir(id) { Err(PERM) } else { Ok(id) });
        // If both names are wrong, either may be told.
        let (id, (dir, name)) = match (source, self.free(to_root, to, false)) {
            (Ok(id), Ok(place)) => (id, place),
            (a, b) => return Err([a.err(), b.err()].into_iter().flatten().collect()),
        };
        self.nodes[id].links += 1;
        self.entries_mut(dir).insert(name.to_vec(), id);
        Ok(())
    }

    pub fn rename(&mut self, from_root: Id, from: &[u8], to_root: Id, to: &[u8]) -> Result<(), Vec<E>> {
        let a = self.place(from_root, from).map_err(|e| vec![e])?;
        let b = self.place(to_root, to).map_err(|e| vec![e])?;
        // Where nothing can be made any more, that may be told instead of what else is wrong.
        let dead = (self.nodes[b.dir].links == 0).then_some(NOENT);
        self.rename_places(a, b).map_err(|e| [Some(e), dead].into_iter().flatten().collect())
    }

    fn rename_places(&mut self, a: Place<'_>, b: Place<'_>) -> Result<(), E> {
        let (Last::Name(old), Last::Name(new)) = (a.last, b.last) else { return Err(BUSY) };
        let id = self.lookup(a.dir, old)?;
        let there = match self.lookup(b.dir, new) {
            Err(NOENT) => None,
            other => Some(other?),
        };
        let is_dir = self.is_dir(id);
        if !is_dir && (a.slash || b.slash) {
            return Err(NOTDIR);
        }
        if is_dir && self.contains(id, b.dir) {
            return Err(INVAL);
        }
        if let Some(there) = there {
            if self.is_dir(there) && self.contains(there, a.dir) {
                return Err(NOTEMPTY);
            }
            if there == id {
                return Ok(());
            }
            self.replaceable(is_dir, there)?;
        } else if self.nodes[b.dir].links == 0 {
            return Err(NOENT);
        }
        self.detach(b.dir, new);
        self.entries_mut(a.dir).remove(old);
        self.entries_mut(b.dir).insert(new.to_vec(), id);
        if let Body::Dir { parent, .. } = &mut self.nodes[id].body {
            *parent = b.dir;
        }
        Ok(())
    }

    /// Whether a rename may put a directory, or something else, over `there`.
    fn replaceable(&self, is_dir: bool, there: Id) -> Result<(), E> {
        match (is_dir, self.entries(there)) {
            (true, Err(_)) => Err(NOTDIR),
            (false, Ok(_)) => Err(ISDIR),
            (true, Ok(entries)) if !entries.is_empty() => Err(NOTEMPTY),
            _ => Ok(()),
        }
    }

    /// Whether `inner` is `outer` or below it.
    fn contains(&self, outer: Id, mut inner: Id) -> bool {
        loop {
            if inner == outer {
                return true;
            }
            if inner == ROOT || self.nodes[inner].links == 0 {
                return false;
            }
            inner = self.parent(inner);
        }
    }
}

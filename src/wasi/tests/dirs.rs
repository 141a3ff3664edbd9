use super::*;
use std::collections::BTreeSet;

/// Name, kind, inode and the cookie to continue with.
type Listed = (String, u8, u64, u64);

impl World {
    /// The whole records of one call, and whether the end was reached.
    fn readdir(&mut self, fd: u32, room: u32, cookie: u64) -> Result<(Vec<Listed>, bool), Errno> {
        let (at, out) = (self.alloc(room as usize), self.alloc(4));
        self.call("fd_readdir", &[fd.into(), at.into(), room.into(), cookie, out.into()])?;
        let used = self.u32_at(out);
        let mut list = Vec::new();
        let mut i = 0;
        while i + 24 <= used {
            let record = at + i;
            let len = self.u32_at(record + 16);
            if i + 24 + len > used {
                break;
            }
            let name = String::from_utf8(self.bytes(record + 24, len as usize).to_vec()).unwrap();
            list.push((name, self.mem[record as usize + 20], self.u64_at(record + 8), self.u64_at(record)));
            i += 24 + len;
        }
        Ok((list, used < room))
    }

    fn list(&mut self, fd: u32, room: u32) -> Vec<Listed> {
        let mut all: Vec<Listed> = Vec::new();
        loop {
            let cookie = all.last().map_or(0, |e| e.3);
            let (more, end) = self.readdir(fd, room, cookie).unwrap();
            assert!(end || !more.is_empty(), "no progress");
            all.extend(more);
            if end {
                return all;
            }
        }
    }
}

#[test]
fn an_empty_directory_has_two_entries() {
    let dir = TempDir::new();
    let mut w = World::in_dir(&dir, Perms::READ_ONLY);
    let list = w.list(ROOT, 4096);
    let out = w.alloc(64);
    w.call("fd_filestat_get", &[ROOT.into(), out.into()]).unwrap();
    let ino = w.u64_at(out + 8);
    assert_eq!(list[0], (".".into(), 3, ino, 1));
    assert_eq!(list[1], ("..".into(), 3, ino, 2), "the parent is not told");
    assert_eq!(list.len(), 2);
}

#[test]
fn every_entry_comes_once_whatever_the_buffer() {
    let dir = TempDir::new();
    let mut expected = BTreeSet::from([".".to_string(), "..".to_string()]);
    for i in 0..300 {
        let name = format!("{i}-{}", "x".repeat(i % 90));
        dir.write(&name, "");
        expected.insert(name);
    }
    let mut w = World::in_dir(&dir, Perms::READ_ONLY);
    for room in [24 + 94, 200, 1000, 4096, 60_000] {
        let list = w.list(ROOT, room);
        let names: BTreeSet<_> = list.iter().map(|e| e.0.clone()).collect();
        assert_eq!(list.len(), names.len(), "room {room}");
        assert_eq!(names, expected, "room {room}");
    }
}

#[test]
fn a_cookie_continues_after_its_entry() {
    let dir = TempDir::new();
    for name in ["a", "b", "c"] {
        dir.write(name, "");
    }
    dir.link("a", "l");
    dir.mkdir("d");
    let mut w = World::in_dir(&dir, Perms::READ_ONLY);
    let all = w.list(ROOT, 4096);
    assert_eq!(all.len(), 7);
    for (i, entry) in all.iter().enumerate() {
        let (rest, end) = w.readdir(ROOT, 4096, entry.3).unwrap();
        assert!(end);
        assert_eq!(rest, all[i + 1..]);
    }
    let kind = |name: &str| all.iter().find(|e| e.0 == name).unwrap().1;
    assert_eq!((kind("a"), kind("d"), kind("l")), (4, 3, 7));
    for (name, _, ino, _) in all.iter().filter(|e| !e.0.starts_with('.')) {
        let (at, out) = (w.put(name.as_bytes()), w.alloc(64));
        w.call("path_filestat_get", &[ROOT.into(), 0, at.into(), name.len() as u64, out.into()]).unwrap();
        assert_eq!(w.u64_at(out + 8), *ino, "{name}");
    }
    assert_eq!(w.readdir(ROOT, 4096, u64::MAX).map(drop), Err(Errno::Inval));
}

#[test]
fn the_last_record_may_be_cut_off() {
    let dir = TempDir::new();
    dir.write("abcdef", "");
    let mut w = World::in_dir(&dir, Perms::READ_ONLY);
    let (at, out) = (w.alloc(64), w.alloc(4));
    for room in [0u32, 1, 10, 24, 25, 26, 50, 51, 52, 76, 80] {
        w.mem[at as usize..][..100].fill(0xaa);
        w.call("fd_readdir", &[ROOT.into(), at.into(), room.into(), 0, out.into()]).unwrap();
        assert_eq!(w.u32_at(out), room, "full means: there is more");
        assert_eq!(w.mem[(at + room) as usize], 0xaa);
    }
    w.call("fd_readdir", &[ROOT.into(), at.into(), 82, 0, out.into()]).unwrap();
    assert_eq!(w.u32_at(out), 25 + 26 + 30);
    assert_eq!(w.bytes(at + 75, 6), b"abcdef");
}

#[test]
fn entries_may_go_while_they_are_listed() {
    let dir = TempDir::new();
    for i in 0..200 {
        dir.write(&format!("file-{i}"), "");
    }
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let mut cookie = 0;
    let mut removed = 0;
    loop {
        let (list, end) = w.readdir(ROOT, 512, cookie).unwrap();
        for (name, kind, _, next) in list {
            cookie = next;
            if kind == 4 {
                w.unlink(ROOT, &name).unwrap();
                removed += 1;
            }
        }
        if end {
            break;
        }
    }
    assert_eq!(removed, 200);
    assert_eq!(w.list(ROOT, 4096).len(), 2);
}

#[test]
fn two_descriptors_list_independently() {
    let dir = TempDir::new();
    for name in ["a", "b", "c"] {
        dir.write(name, "");
    }
    let mut w = World::in_dir(&dir, Perms::READ_ONLY);
    let d = w.open(ROOT, ".", Open::DIR).unwrap();
    let (first, _) = w.readdir(ROOT, 80, 0).unwrap();
    assert_eq!(w.list(d, 4096).len(), 5);
    let (rest, _) = w.readdir(ROOT, 4096, first.last().unwrap().3).unwrap();
    assert_eq!(first.len() + rest.len(), 5);
}

#[test]
fn only_directories_are_listed() {
    let dir = TempDir::new();
    dir.write("a", "");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fd = w.open(ROOT, "a", Open::READ).unwrap();
    let out = w.alloc(4);
    assert_eq!(w.call("fd_readdir", &[fd.into(), 0, 64, 0, out.into()]), Err(Errno::NotDir));
    assert_eq!(w.call("fd_readdir", &[99, 0, 64, 0, out.into()]), Err(Errno::BadF));
    assert_eq!(w.open(ROOT, "a", Open::DIR), Err(Errno::NotDir));
    assert_eq!(w.open(ROOT, ".", Open::WRITE), Err(Errno::IsDir));
    let both = Open { oflags: oflags::DIRECTORY | oflags::CREAT, ..Open::READ };
    assert_eq!(w.open(ROOT, "new", both), Err(Errno::Inval));
}

#[test]
fn preopens_tell_their_names() {
    let dir = TempDir::new();
    dir.mkdir("d");
    let mut config = Config::new();
    config.preopen_dir(dir.path(), "/first", Perms::READ_WRITE).unwrap();
    config.preopen_dir(dir.path().join("d"), ".", Perms::READ_WRITE).unwrap();
    assert!(config.preopen_dir(dir.path().join("missing"), "/x", Perms::READ_WRITE).is_err());
    assert!(config.preopen_dir(dir.path(), "a\0b", Perms::READ_WRITE).is_err());
    let mut w = World::new(config);
    let out = w.alloc(16);
    for (fd, name) in [(3u64, "/first"), (4, ".")] {
        w.call("fd_prestat_get", &[fd, out.into()]).unwrap();
        assert_eq!((w.u32_at(out), w.u32_at(out + 4) as usize), (0, name.len()));
        w.call("fd_prestat_dir_name", &[fd, out.into(), name.len() as u64]).unwrap();
        assert_eq!(w.bytes(out, name.len()), name.as_bytes());
        let short = w.call("fd_prestat_dir_name", &[fd, out.into(), name.len() as u64 - 1]);
        assert_eq!(short, Err(Errno::NameTooLong));
    }
    assert_eq!(w.call("fd_prestat_get", &[5, out.into()]), Err(Errno::BadF));
    assert_eq!(w.call("fd_prestat_get", &[0, out.into()]), Err(Errno::BadF));
    let d = w.open(3, "d", Open::DIR).unwrap();
    assert_eq!(w.call("fd_prestat_get", &[d.into(), out.into()]), Err(Errno::BadF));
    assert_eq!(w.close(3), Ok(()));
    assert_eq!(w.call("fd_prestat_get", &[3, out.into()]), Err(Errno::BadF));
}

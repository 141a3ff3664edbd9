use super::*;

#[test]
fn read_write_seek_tell() {
    let dir = TempDir::new();
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fd = w.open(ROOT, "a", Open::CREATE).unwrap();
    assert_eq!(fd, 4);
    assert_eq!(w.write(fd, "hello world"), Ok(11));
    assert_eq!(w.tell(fd), Ok(11));
    assert_eq!(w.seek(fd, -5, 1), Ok(6));
    assert_eq!(w.read(fd, 100), Ok("world".into()));
    assert_eq!(w.read(fd, 100), Ok("".into()));
    assert_eq!(w.seek(fd, -11, 2), Ok(0));
    assert_eq!(w.seek(fd, -1, 0), Err(Errno::Inval));
    assert_eq!(w.seek(fd, -1, 1), Err(Errno::Inval));
    assert_eq!(w.seek(fd, 0, 3), Err(Errno::Inval));
    assert_eq!(w.seek(fd, 100, 0), Ok(100));
    assert_eq!(w.tell(fd), Ok(100));
    assert_eq!(w.pread(fd, 3, 1), Ok("ell".into()));
    assert_eq!(w.pwrite(fd, "J", 0), Ok(1));
    assert_eq!(w.tell(fd), Ok(100));
    assert_eq!(w.close(fd), Ok(()));
    assert_eq!(w.close(fd), Err(Errno::BadF));
    assert_eq!(dir.read("a"), "Jello world");
}

#[test]
fn the_unstable_interface_numbers_differently() {
    let dir = TempDir::new();
    dir.write("a", "0123456789");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    w.module = Module::Unstable;
    let fd = w.open(ROOT, "a", Open::READ).unwrap();
    assert_eq!(w.seek(fd, 3, 2), Ok(3), "from the start");
    assert_eq!(w.seek(fd, 3, 0), Ok(6), "from here");
    assert_eq!(w.seek(fd, -1, 1), Ok(9), "from the end");
    let out = w.alloc(64);
    w.mem[out as usize..][..64].fill(0xee);
    w.call("fd_filestat_get", &[fd.into(), out.into()]).unwrap();
    assert_eq!(w.u32_at(out + 20), 1, "links");
    assert_eq!(w.u64_at(out + 24), 10, "size");
    assert_eq!(w.bytes(out + 56, 8), [0xee; 8], "the record ends here");
}

#[test]
fn several_buffers_in_one_call() {
    let dir = TempDir::new();
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fd = w.open(ROOT, "a", Open::CREATE).unwrap();
    let (a, b) = (w.put(b"one "), w.put(b"two"));
    let table = w.alloc(24);
    for (i, v) in [a, 4, b, 0, b, 3].into_iter().enumerate() {
        w.mem[table as usize + i * 4..][..4].copy_from_slice(&v.to_le_bytes());
    }
    let out = w.alloc(4);
    w.call("fd_write", &[fd.into(), table.into(), 3, out.into()]).unwrap();
    assert_eq!(w.u32_at(out), 7);
    assert_eq!(dir.read("a"), "one two");
    // An empty list is fine.
    w.call("fd_write", &[fd.into(), table.into(), 0, out.into()]).unwrap();
    assert_eq!(w.u32_at(out), 0);
    // More buffers than the kernel takes at once.
    let many = w.alloc(8 * 3000);
    for i in 0..3000 {
        w.mem[many as usize + i * 8..][..4].copy_from_slice(&b.to_le_bytes());
        w.mem[many as usize + i * 8 + 4..][..4].copy_from_slice(&1u32.to_le_bytes());
    }
    w.call("fd_write", &[fd.into(), many.into(), 3000, out.into()]).unwrap();
    assert_eq!(w.u32_at(out), 1024);
}

#[test]
fn append_ignores_the_position() {
    let dir = TempDir::new();
    dir.write("a", "abc");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fd = w.open(ROOT, "a", Open { fdflags: fdflags::APPEND, ..Open::BOTH }).unwrap();
    assert_eq!(w.fdstat(fd).unwrap().1, fdflags::APPEND);
    w.seek(fd, 0, 0).unwrap();
    w.write(fd, "d").unwrap();
    assert_eq!(w.pwrite(fd, "e", 0), Ok(1), "as on Linux");
    assert_eq!(dir.read("a"), "abcde");
    w.call("fd_fdstat_set_flags", &[fd.into(), 0]).unwrap();
    w.seek(fd, 0, 0).unwrap();
    w.write(fd, "A").unwrap();
    assert_eq!(dir.read("a"), "Abcde");
    w.call("fd_fdstat_set_flags", &[fd.into(), fdflags::APPEND.into()]).unwrap();
    w.write(fd, "f").unwrap();
    assert_eq!(dir.read("a"), "Abcdef");
    assert_eq!(w.call("fd_fdstat_set_flags", &[fd.into(), fdflags::SYNC.into()]), Err(Errno::NotSup));
    assert_eq!(w.call("fd_fdstat_set_flags", &[fd.into(), 32]), Err(Errno::Inval));
    // Emptying and appending at once.
    let how = Open { fdflags: fdflags::APPEND, oflags: oflags::TRUNC | oflags::CREAT, ..Open::WRITE };
    let fd = w.open(ROOT, "a", how).unwrap();
    w.write(fd, "x").unwrap();
    assert_eq!(dir.read("a"), "x");
}

#[test]
fn access_is_what_was_asked_for() {
    let dir = TempDir::new();
    dir.write("a", "abc");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let r = w.open(ROOT, "a", Open::READ).unwrap();
    let x = w.open(ROOT, "a", Open::WRITE).unwrap();
    assert_eq!(w.write(r, "no"), Err(Errno::BadF));
    assert_eq!(w.pwrite(r, "no", 0), Err(Errno::BadF));
    assert_eq!(w.read(x, 1), Err(Errno::BadF));
    assert_eq!(w.pread(x, 1, 0), Err(Errno::BadF));
    assert_eq!(w.call("fd_filestat_set_size", &[r.into(), 0]), Err(Errno::BadF));
    assert_eq!(w.call("fd_allocate", &[r.into(), 0, 9]), Err(Errno::BadF));
    assert_eq!(w.fdstat(r).unwrap().2 & (rights::FD_READ | rights::FD_WRITE), rights::FD_READ);
    assert_eq!(w.fdstat(x).unwrap().2 & (rights::FD_READ | rights::FD_WRITE), rights::FD_WRITE);
    // Creating takes a host descriptor that can write; the guest's cannot.
    let c = w.open(ROOT, "new", Open { oflags: oflags::CREAT, ..Open::READ }).unwrap();
    assert_eq!(w.write(c, "no"), Err(Errno::BadF));
    let t = w.open(ROOT, "a", Open { oflags: oflags::TRUNC, ..Open::READ }).unwrap();
    assert_eq!(w.write(t, "no"), Err(Errno::BadF));
    assert_eq!(dir.read("a"), "");
    // No rights at all still open to look at.
    let n = w.open(ROOT, "a", Open { base: 0, ..Open::READ }).unwrap();
    assert_eq!(w.read(n, 1), Ok("".into()));
    assert_eq!(w.write(n, "no"), Err(Errno::BadF));
}

#[test]
fn rights_can_only_be_given_up() {
    let dir = TempDir::new();
    dir.write("a", "abc");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fd = w.open(ROOT, "a", Open::BOTH).unwrap();
    let keep = rights::FD_READ | rights::FD_TELL;
    assert_eq!(w.call("fd_fdstat_set_rights", &[fd.into(), keep, 0]), Ok(()));
    assert_eq!(w.write(fd, "x"), Err(Errno::NotCapable));
    assert_eq!(w.read(fd, 1), Ok("a".into()));
    assert_eq!(w.tell(fd), Ok(1));
    assert_eq!(w.seek(fd, 0, 1), Ok(1), "the same as asking for the position");
    assert_eq!(w.seek(fd, 0, 0), Err(Errno::NotCapable));
    assert_eq!(w.pread(fd, 1, 0), Err(Errno::NotCapable));
    let more = keep | rights::FD_WRITE;
    assert_eq!(w.call("fd_fdstat_set_rights", &[fd.into(), more, 0]), Err(Errno::NotCapable));
    // What a directory loses, what is opened in it does not have.
    let inherit = rights::INHERITED & !rights::FD_WRITE;
    let base = rights::DIR & !rights::PATH_CREATE_DIRECTORY;
    w.call("fd_fdstat_set_rights", &[ROOT.into(), base, inherit]).unwrap();
    assert_eq!(w.open(ROOT, "a", Open::WRITE), Err(Errno::NotCapable));
    assert_eq!(w.mkdir(ROOT, "d"), Err(Errno::NotCapable));
    let fd = w.open(ROOT, "a", Open::READ).unwrap();
    assert_eq!(w.read(fd, 9), Ok("abc".into()));
}

#[test]
fn sizes() {
    let dir = TempDir::new();
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fd = w.open(ROOT, "a", Open::CREATE).unwrap();
    w.write(fd, "abcdef").unwrap();
    w.call("fd_filestat_set_size", &[fd.into(), 3]).unwrap();
    assert_eq!(dir.read("a"), "abc");
    w.call("fd_filestat_set_size", &[fd.into(), 5]).unwrap();
    assert_eq!(dir.read("a"), "abc\0\0");
    assert_eq!(w.call("fd_filestat_set_size", &[fd.into(), u64::MAX]), Err(Errno::Inval));
    w.call("fd_allocate", &[fd.into(), 2, 6]).unwrap();
    assert_eq!(w.stat(ROOT, "a", true), Ok((4, 1, 8)));
    w.call("fd_allocate", &[fd.into(), 0, 2]).unwrap();
    assert_eq!(w.stat(ROOT, "a", true), Ok((4, 1, 8)), "never shrinks");
    assert_eq!(w.call("fd_allocate", &[fd.into(), 0, 0]), Err(Errno::Inval));
    assert_eq!(w.call("fd_allocate", &[fd.into(), 1, u64::MAX]), Err(Errno::FBig));
    for name in ["fd_sync", "fd_datasync"] {
        assert_eq!(w.call(name, &[fd.into()]), Ok(()));
        assert_eq!(w.call(name, &[ROOT.into()]), Ok(()));
        assert_eq!(w.call(name, &[99]), Err(Errno::BadF));
    }
    for advice in 0..6 {
        assert_eq!(w.call("fd_advise", &[fd.into(), 0, 0, advice]), Ok(()));
    }
    assert_eq!(w.call("fd_advise", &[fd.into(), 0, 0, 6]), Err(Errno::Inval));
    assert_eq!(w.call("fd_advise", &[fd.into(), u64::MAX, 0, 0]), Err(Errno::Inval));
    assert_eq!(w.call("fd_advise", &[ROOT.into(), 0, 0, 0]), Err(Errno::BadF));
}

#[test]
fn times() {
    let dir = TempDir::new();
    dir.write("a", "");
    dir.link("a", "l");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fd = w.open(ROOT, "a", Open::READ).unwrap();
    let out = w.alloc(64);
    w.call("fd_filestat_set_times", &[fd.into(), 5_000_000_007, 6_000_000_008, 5]).unwrap();
    w.call("fd_filestat_get", &[fd.into(), out.into()]).unwrap();
    assert_eq!((w.u64_at(out + 40), w.u64_at(out + 48)), (5_000_000_007, 6_000_000_008));
    w.set_times(ROOT, "l", [1, 7_000_000_000], 4).unwrap();
    w.call("fd_filestat_get", &[fd.into(), out.into()]).unwrap();
    assert_eq!((w.u64_at(out + 40), w.u64_at(out + 48)), (5_000_000_007, 7_000_000_000), "through the link");
    w.set_times(ROOT, "a", [0, 0], 2).unwrap();
    w.call("fd_filestat_get", &[fd.into(), out.into()]).unwrap();
    assert!(w.u64_at(out + 40) > 1_000_000_000_000_000_000, "now");
    assert_eq!(w.set_times(ROOT, "a", [0, 0], 3), Err(Errno::Inval));
    assert_eq!(w.set_times(ROOT, "a", [0, 0], 12), Err(Errno::Inval));
    assert_eq!(w.set_times(ROOT, "a", [0, 0], 16), Err(Errno::Inval));
    assert_eq!(w.call("fd_filestat_set_times", &[fd.into(), 0, 0, 3]), Err(Errno::Inval));
    assert_eq!(w.call("fd_filestat_set_times", &[ROOT.into(), 9, 9, 5]), Ok(()));
}

#[test]
fn a_directory_is_no_file() {
    let dir = TempDir::new();
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    assert_eq!(w.read(ROOT, 1), Err(Errno::BadF));
    assert_eq!(w.write(ROOT, "x"), Err(Errno::BadF));
    assert_eq!(w.pread(ROOT, 1, 0), Err(Errno::BadF));
    assert_eq!(w.pwrite(ROOT, "x", 0), Err(Errno::BadF));
    assert_eq!(w.seek(ROOT, 0, 0), Err(Errno::BadF));
    assert_eq!(w.tell(ROOT), Err(Errno::BadF));
    assert_eq!(w.call("fd_filestat_set_size", &[ROOT.into(), 0]), Err(Errno::BadF));
    assert_eq!(w.call("fd_allocate", &[ROOT.into(), 0, 1]), Err(Errno::BadF));
    assert_eq!(w.call("fd_fdstat_set_flags", &[ROOT.into(), 0]), Err(Errno::BadF));
}

#[test]
fn renumbering_replaces_what_was_there() {
    let dir = TempDir::new();
    dir.write("a", "aaa");
    dir.write("b", "bbb");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let a = w.open(ROOT, "a", Open::READ).unwrap();
    let b = w.open(ROOT, "b", Open::READ).unwrap();
    let renumber = |w: &mut World, from: u32, to: u32| w.call("fd_renumber", &[from.into(), to.into()]);
    assert_eq!(renumber(&mut w, a, 100), Err(Errno::BadF), "the target must be open");
    assert_eq!(renumber(&mut w, 100, a), Err(Errno::BadF));
    assert_eq!(renumber(&mut w, u32::MAX, u32::MAX), Err(Errno::BadF));
    assert_eq!(w.read(a, 1), Ok("a".into()), "a failed call changes nothing");
    assert_eq!(renumber(&mut w, a, a), Ok(()));
    assert_eq!(renumber(&mut w, a, b), Ok(()));
    assert_eq!(w.read(b, 9), Ok("aa".into()));
    assert_eq!(w.read(a, 9), Err(Errno::BadF));
    assert_eq!(w.open(ROOT, "b", Open::READ), Ok(a), "the lowest free number");
}

#[test]
fn descriptors_are_limited() {
    let dir = TempDir::new();
    let mut config = Config::new();
    config.preopen_dir(dir.path(), "/", Perms::READ_WRITE).unwrap();
    config.max_descriptors(6);
    let mut w = World::new(config);
    assert_eq!(w.open(ROOT, "a", Open::CREATE), Ok(4));
    assert_eq!(w.open(ROOT, "a", Open::CREATE), Ok(5));
    assert_eq!(w.open(ROOT, "b", Open::CREATE), Err(Errno::MFile));
    assert!(!dir.exists("b"), "nothing was created");
    w.close(4).unwrap();
    assert_eq!(w.open(ROOT, "b", Open::CREATE), Ok(4));
    let mut config = Config::new();
    config.max_descriptors(2);
    assert!(config.build().is_err());
}

#[test]
fn lowest_numbers_first() {
    let dir = TempDir::new();
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fds: Vec<_> = (0..20).map(|i| w.open(ROOT, &format!("f{i}"), Open::CREATE).unwrap()).collect();
    assert_eq!(fds, (4..24).collect::<Vec<_>>());
    for fd in [10, 5, 17] {
        w.close(fd).unwrap();
    }
    for fd in [5, 10, 17, 24] {
        assert_eq!(w.open(ROOT, "f1", Open::READ), Ok(fd));
    }
}

#[test]
fn bad_pointers_fault_before_anything_happens() {
    let dir = TempDir::new();
    dir.write("a", "abc");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let fd = w.open(ROOT, "a", Open::BOTH).unwrap();
    let at = w.put(b"XYZ");
    let vec = w.iovec(at, 3);
    let beyond = MEMORY as u64;
    for (vecs, out) in [(vec, beyond), (vec, 2), (beyond - 4, 8), (2, 8)] {
        let r = w.try_call("fd_write", &[fd.into(), vecs, 1, out], &|| false);
        assert!(matches!(r, Err(Fail::Fault(_))), "{r:?}");
    }
    let wild = w.iovec(MEMORY as u32 - 1, 2);
    let r = w.try_call("fd_write", &[fd.into(), wild, 1, 8], &|| false);
    assert!(matches!(r, Err(Fail::Fault(_))), "{r:?}");
    assert_eq!(dir.read("a"), "abc");
    let name = w.put(b"new");
    let args = [ROOT.into(), 0, name.into(), 3, 1, u64::MAX, 0, 0, beyond];
    assert!(matches!(w.try_call("path_open", &args, &|| false), Err(Fail::Fault(_))));
    assert!(!dir.exists("new"));
    let args = [ROOT.into(), beyond - 1, 2];
    assert!(matches!(w.try_call("path_create_directory", &args, &|| false), Err(Fail::Fault(_))));
}

#[test]
fn a_pipe_in_a_directory_holds_nobody_up() {
    let dir = TempDir::new();
    dir.fifo("pipe");
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    assert_eq!(w.open(ROOT, "pipe", Open::WRITE), Err(Errno::NxIo), "no reader");
    let r = w.open(ROOT, "pipe", Open::READ).unwrap();
    assert_eq!(w.fdstat(r).unwrap().0, 0);
    assert_eq!(w.seek(r, 0, 0), Err(Errno::SPipe));
    assert_eq!(w.set_times(ROOT, "pipe", [0, 0], 10), Ok(()));
    let x = w.open(ROOT, "pipe", Open::WRITE).unwrap();
    w.write(x, "hi").unwrap();
    assert_eq!(w.read(r, 9), Ok("hi".into()));
    let (at, out) = (w.alloc(9), w.alloc(4));
    let vec = w.iovec(at, 9);
    let waiting = w.try_call("fd_read", &[r.into(), vec, 1, out.into()], &|| true);
    assert_eq!(waiting, Err(Fail::Interrupted));
    w.call("fd_fdstat_set_flags", &[r.into(), fdflags::NONBLOCK.into()]).unwrap();
    assert_eq!(w.read(r, 9), Err(Errno::Again));
    // More than there is room for: what fits is taken, then the writer waits, and can be interrupted.
    let full = w.write(x, &"x".repeat(100_000)).unwrap();
    assert!(full > 0 && full < 100_000, "{full}");
    let (at, out) = (w.put(b"more"), w.alloc(4));
    let vec = w.iovec(at, 4);
    let waiting = w.try_call("fd_write", &[x.into(), vec, 1, out.into()], &|| true);
    assert_eq!(waiting, Err(Fail::Interrupted));
    w.call("fd_fdstat_set_flags", &[x.into(), fdflags::NONBLOCK.into()]).unwrap();
    assert_eq!(w.write(x, "more"), Err(Errno::Again));
    w.close(r).unwrap();
    assert_eq!(w.write(x, "hi"), Err(Errno::Pipe), "and no signal");
}

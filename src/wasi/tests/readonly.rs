//! A read-only directory stays as it is.

use super::*;

fn world() -> (TempDir, TempDir, World) {
    let (ro, rw) = (TempDir::new(), TempDir::new());
    ro.write("a", "abc");
    ro.mkdir("d");
    ro.link("a", "l");
    rw.write("b", "bbb");
    let mut config = Config::new();
    config.preopen_dir(ro.path(), "ro", Perms::READ_ONLY).unwrap();
    config.preopen_dir(rw.path(), "rw", Perms::READ_WRITE).unwrap();
    (ro, rw, World::new(config))
}

const RW: u32 = 4;

#[test]
fn reading_works() {
    let (_ro, _rw, mut w) = world();
    let fd = w.open(ROOT, "l", Open::READ).unwrap();
    assert_eq!(w.read(fd, 9), Ok("abc".into()));
    assert_eq!(w.stat(ROOT, "a", true), Ok((4, 1, 3)));
    assert_eq!(w.readlink(ROOT, "l", 9), Ok("a".into()));
    assert_eq!(w.call("fd_sync", &[fd.into()]), Ok(()));
    let d = w.open(ROOT, "d", Open::DIR).unwrap();
    assert_eq!(w.mkdir(d, "x"), Err(Errno::Perm), "nor below");
    assert_eq!(w.open(d, "x", Open::CREATE), Err(Errno::Perm));
}

#[test]
fn every_writing_function_is_refused() {
    let (ro, rw, mut w) = world();
    let refused = Err(Errno::Perm);
    for how in [
        Open::WRITE,
        Open::BOTH,
        Open::CREATE,
        Open { oflags: oflags::CREAT, ..Open::READ },
        Open { oflags: oflags::TRUNC, ..Open::READ },
        Open { oflags: oflags::CREAT | oflags::EXCL, ..Open::READ },
        Open { fdflags: fdflags::APPEND, ..Open::WRITE },
    ] {
        assert_eq!(w.open(ROOT, "a", how), Err(Errno::Perm));
        assert_eq!(w.open(ROOT, "new", how), Err(Errno::Perm));
    }
    assert_eq!(w.mkdir(ROOT, "new"), refused);
    assert_eq!(w.rmdir(ROOT, "d"), refused);
    assert_eq!(w.unlink(ROOT, "a"), refused);
    assert_eq!(w.symlink("a", ROOT, "new"), refused);
    assert_eq!(w.rename(ROOT, "a", ROOT, "new"), refused);
    assert_eq!(w.rename(ROOT, "a", RW, "new"), refused);
    assert_eq!(w.rename(RW, "b", ROOT, "new"), refused);
    assert_eq!(w.hard_link(ROOT, 0, "a", ROOT, "new"), refused);
    assert_eq!(w.hard_link(ROOT, 0, "a", RW, "new"), refused);
    assert_eq!(w.hard_link(RW, 0, "b", ROOT, "new"), refused);
    assert_eq!(w.set_times(ROOT, "a", [0, 0], 10), refused);
    let fd = w.open(ROOT, "a", Open::READ).unwrap();
    assert_eq!(w.write(fd, "x"), Err(Errno::BadF));
    assert_eq!(w.pwrite(fd, "x", 0), Err(Errno::BadF));
    assert_eq!(w.call("fd_filestat_set_size", &[fd.into(), 0]), refused);
    assert_eq!(w.call("fd_allocate", &[fd.into(), 0, 100]), refused);
    assert_eq!(w.call("fd_filestat_set_times", &[fd.into(), 0, 0, 10]), refused);
    assert_eq!(w.call("fd_filestat_set_times", &[ROOT.into(), 0, 0, 10]), refused);
    assert_eq!(ro.read("a"), "abc");
    assert_eq!(std::fs::read_dir(ro.path()).unwrap().count(), 3);
    assert_eq!(std::fs::read_dir(rw.path()).unwrap().count(), 1);
}

#[test]
fn files_do_not_move_to_where_more_is_allowed() {
    let (a, b) = (TempDir::new(), TempDir::new());
    a.write("a", "abc");
    let names_only = Perms { file_write: false, ..Perms::READ_WRITE };
    let mut config = Config::new();
    config.preopen_dir(a.path(), "a", names_only).unwrap();
    config.preopen_dir(b.path(), "b", Perms::READ_WRITE).unwrap();
    let mut w = World::new(config);
    assert_eq!(w.rename(ROOT, "a", ROOT, "c"), Ok(()));
    assert_eq!(w.rename(ROOT, "c", RW, "c"), Err(Errno::Perm));
    assert_eq!(w.hard_link(ROOT, 0, "c", RW, "c"), Err(Errno::Perm));
    assert_eq!(w.open(ROOT, "c", Open::WRITE), Err(Errno::Perm));
    assert_eq!(w.mkdir(ROOT, "d"), Ok(()));
}

#[test]
fn partial_permissions() {
    let dir = TempDir::new();
    dir.write("a", "abc");
    dir.mkdir("d");
    let no_read = Perms { file_read: false, ..Perms::READ_WRITE };
    let mut w = World::in_dir(&dir, no_read);
    assert_eq!(w.open(ROOT, "a", Open::READ), Err(Errno::Perm));
    assert_eq!(w.open(ROOT, "a", Open::BOTH), Err(Errno::Perm));
    let fd = w.open(ROOT, "a", Open::WRITE).unwrap();
    assert_eq!(w.write(fd, "x"), Ok(1));
    assert!(w.open(ROOT, "d", Open::READ).is_ok(), "directories are not files");
    let no_dir = Perms { dir_read: false, ..Perms::READ_WRITE };
    let mut w = World::in_dir(&dir, no_dir);
    assert_eq!(w.open(ROOT, "a", Open::READ), Err(Errno::Perm));
    assert_eq!(w.stat(ROOT, "a", true), Err(Errno::Perm));
    let out = w.alloc(4);
    assert_eq!(w.call("fd_readdir", &[ROOT.into(), 0, 64, 0, out.into()]), Err(Errno::Perm));
}

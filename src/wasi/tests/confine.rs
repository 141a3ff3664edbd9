//! Nothing leads out of a preopened directory.

use super::*;

/// A directory with a secret beside the part that the guest gets.
fn jail() -> (TempDir, World) {
    let dir = TempDir::new();
    dir.write("secret", "secret");
    dir.mkdir("out");
    dir.mkdir("jail/sub/deep");
    dir.write("jail/inside", "inside");
    dir.link("../secret", "jail/up");
    dir.link("../../secret", "jail/sub/up");
    dir.link(dir.path().join("secret").to_str().unwrap(), "jail/abs");
    dir.link("..", "jail/parent");
    dir.link("../out", "jail/out");
    dir.link("parent", "jail/chain");
    dir.link("../inside", "jail/sub/good");
    dir.link("sub", "jail/way");
    dir.link("loop", "jail/loop");
    let mut config = Config::new();
    config.preopen_dir(dir.path().join("jail"), "/", Perms::READ_WRITE).unwrap();
    (dir, World::new(config))
}

const ESCAPES: &[&str] = &[
    "../secret",
    "..",
    "../",
    "../jail/inside",
    "sub/../../secret",
    "sub/deep/../../../secret",
    "/",
    "/inside",
    "//inside",
    "up",
    "sub/up",
    "abs",
    "parent/secret",
    "parent/",
    "chain/secret",
    "way/../../secret",
    "out/x",
    "./../secret",
];

#[test]
fn nothing_outside_can_be_opened_or_seen() {
    let (_dir, mut w) = jail();
    for path in ESCAPES {
        assert_eq!(w.open(ROOT, path, Open::READ), Err(Errno::Perm), "open {path}");
        // The kernel refuses to create with a trailing slash before it looks.
        let slash = if path.len() > 1 && path.ends_with('/') { Errno::IsDir } else { Errno::Perm };
        let create = w.open(ROOT, path, Open::CREATE);
        assert!(create == Err(Errno::Perm) || create == Err(slash), "create {path}: {create:?}");
        assert_eq!(w.stat(ROOT, path, true), Err(Errno::Perm), "stat {path}");
        assert_eq!(w.set_times(ROOT, path, [0, 0], 5), Err(Errno::Perm), "times {path}");
    }
    assert_eq!(w.open(ROOT, "/etc/passwd", Open::READ), Err(Errno::Perm));
}

#[test]
fn nothing_outside_can_be_changed() {
    let (dir, mut w) = jail();
    let names = ["../secret", "../new", "parent/secret", "chain/new", "out/new", "sub/../../new", "/new", "way/../../new"];
    for path in names {
        assert_eq!(w.mkdir(ROOT, path), Err(Errno::Perm), "mkdir {path}");
        assert_eq!(w.rmdir(ROOT, path), Err(Errno::Perm), "rmdir {path}");
        assert_eq!(w.unlink(ROOT, path), Err(Errno::Perm), "unlink {path}");
        assert_eq!(w.symlink("x", ROOT, path), Err(Errno::Perm), "symlink {path}");
        assert_eq!(w.rename(ROOT, "inside", ROOT, path), Err(Errno::Perm), "rename to {path}");
        assert_eq!(w.rename(ROOT, path, ROOT, "got"), Err(Errno::Perm), "rename from {path}");
        assert_eq!(w.hard_link(ROOT, 0, "inside", ROOT, path), Err(Errno::Perm), "link to {path}");
        assert_eq!(w.hard_link(ROOT, 0, path, ROOT, "got"), Err(Errno::Perm), "link from {path}");
        assert_eq!(w.readlink(ROOT, path, 99), Err(Errno::Perm), "readlink {path}");
    }
    for path in ["..", "../", "parent/..", "sub/../.."] {
        assert_eq!(w.rmdir(ROOT, path), Err(Errno::Perm), "rmdir {path}");
        assert_eq!(w.rename(ROOT, path, ROOT, "x"), Err(Errno::Perm), "rename {path}");
        assert_eq!(w.mkdir(ROOT, path), Err(Errno::Perm), "mkdir {path}");
    }
    assert_eq!(dir.read("secret"), "secret");
    assert_eq!(dir.read("jail/inside"), "inside");
    assert!(!dir.exists("new") && !dir.exists("out/new"));
}

#[test]
fn links_are_things_of_their_own() {
    let (dir, mut w) = jail();
    assert_eq!(w.stat(ROOT, "up", false).unwrap().0, 7);
    assert_eq!(w.readlink(ROOT, "up", 99), Ok("../secret".into()));
    assert_eq!(w.readlink(ROOT, "up", 4), Ok("../s".into()));
    assert_eq!(w.readlink(ROOT, "up", 0), Ok("".into()));
    assert_eq!(w.readlink(ROOT, "abs", 99), Err(Errno::Perm), "tells about the host");
    assert_eq!(w.readlink(ROOT, "inside", 99), Err(Errno::Inval));
    assert_eq!(w.readlink(ROOT, "parent/", 99), Err(Errno::Perm));
    assert_eq!(w.readlink(ROOT, "way/", 99), Err(Errno::Inval));
    // A link's second name and its removal are about the link.
    assert_eq!(w.hard_link(ROOT, 0, "up", ROOT, "up2"), Ok(()));
    assert_eq!(w.readlink(ROOT, "up2", 99), Ok("../secret".into()));
    assert_eq!(w.hard_link(ROOT, 1, "up", ROOT, "up3"), Err(Errno::Inval));
    assert_eq!(w.rename(ROOT, "up", ROOT, "sub/moved"), Ok(()));
    assert_eq!(w.stat(ROOT, "sub/moved", true), Err(Errno::NoEnt), "it points to another place now");
    assert_eq!(w.unlink(ROOT, "parent"), Ok(()));
    assert_eq!(w.rmdir(ROOT, "out"), Err(Errno::NotDir));
    assert!(dir.exists("out"));
    let times = Open { follow: false, ..Open::READ };
    assert_eq!(w.open(ROOT, "abs", times), Err(Errno::Loop));
    assert_eq!(w.open(ROOT, "way", times), Err(Errno::Loop));
    assert_eq!(w.open(ROOT, "way", Open { follow: false, ..Open::DIR }), Err(Errno::NotDir));
    assert_eq!(w.open(ROOT, "loop", Open::READ), Err(Errno::Loop));
}

#[test]
fn good_paths_work_however_crooked() {
    let (_dir, mut w) = jail();
    for path in ["inside", "./inside", "sub/../inside", "sub/good", "way/good", "way/../inside", "sub//.//..///inside"] {
        let fd = w.open(ROOT, path, Open::READ).unwrap();
        assert_eq!(w.read(fd, 99), Ok("inside".into()), "{path}");
        w.close(fd).unwrap();
    }
    for path in [".", "./", "sub/..", "sub/../", "way/.."] {
        let fd = w.open(ROOT, path, Open::DIR).unwrap();
        assert_eq!(w.stat(fd, "inside", true).unwrap().0, 4, "{path}");
        w.close(fd).unwrap();
    }
    let sub = w.open(ROOT, "sub", Open::DIR).unwrap();
    assert_eq!(w.open(sub, "../inside", Open::READ), Err(Errno::Perm), "a directory is a jail of its own");
    assert_eq!(w.open(sub, "good", Open::READ), Err(Errno::Perm));
}

#[test]
fn a_renamed_directory_stays_confined() {
    let (_dir, mut w) = jail();
    let deep = w.open(ROOT, "sub/deep", Open::DIR).unwrap();
    w.rename(ROOT, "sub/deep", ROOT, "deep").unwrap();
    assert_eq!(w.open(deep, "../inside", Open::READ), Err(Errno::Perm));
    assert_eq!(w.open(deep, "x", Open::CREATE), Ok(5));
    assert_eq!(w.stat(ROOT, "deep/x", true), Ok((4, 1, 0)));
    w.unlink(deep, "x").unwrap();
    w.rmdir(ROOT, "deep").unwrap();
    assert_eq!(w.open(deep, "y", Open::CREATE), Err(Errno::NoEnt), "the directory is gone");
}

#[test]
fn symbolic_links_made_inside() {
    let (_dir, mut w) = jail();
    assert_eq!(w.symlink("/etc/passwd", ROOT, "l"), Err(Errno::Perm));
    assert_eq!(w.symlink("../secret", ROOT, "l"), Ok(()), "may be made, but not followed");
    assert_eq!(w.open(ROOT, "l", Open::READ), Err(Errno::Perm));
    assert_eq!(w.symlink("x", ROOT, "l"), Err(Errno::Exist));
    assert_eq!(w.symlink("", ROOT, "m"), Err(Errno::NoEnt));
    assert_eq!(w.symlink("nowhere", ROOT, "dangling"), Ok(()));
    assert_eq!(w.open(ROOT, "dangling", Open::READ), Err(Errno::NoEnt));
    let excl = Open { oflags: oflags::CREAT | oflags::EXCL, ..Open::BOTH };
    assert_eq!(w.open(ROOT, "dangling", excl), Err(Errno::Exist));
    assert_eq!(w.open(ROOT, "dangling", Open { follow: false, ..Open::CREATE }), Err(Errno::Loop));
    let fd = w.open(ROOT, "dangling", Open::CREATE).unwrap();
    w.write(fd, "made").unwrap();
    assert_eq!(w.stat(ROOT, "nowhere", false), Ok((4, 1, 4)));
}

#[test]
fn odd_paths() {
    let (_dir, mut w) = jail();
    assert_eq!(w.open(ROOT, "", Open::READ), Err(Errno::NoEnt));
    assert_eq!(w.mkdir(ROOT, ""), Err(Errno::NoEnt));
    assert_eq!(w.open(ROOT, "inside\0", Open::READ), Err(Errno::Inval));
    assert_eq!(w.open(ROOT, &"x/".repeat(3000), Open::READ), Err(Errno::NameTooLong));
    assert_eq!(w.open(ROOT, &"x".repeat(256), Open::READ), Err(Errno::NameTooLong));
    assert_eq!(w.mkdir(ROOT, &"x".repeat(256)), Err(Errno::NameTooLong));
    let at = w.put(b"\xff\xfe");
    assert_eq!(w.call("path_create_directory", &[ROOT.into(), at.into(), 2]), Err(Errno::IlSeq));
    assert_eq!(w.open(0, "inside", Open::READ), Err(Errno::NotDir));
    assert_eq!(w.open(99, "inside", Open::READ), Err(Errno::BadF));
    let file = w.open(ROOT, "inside", Open::READ).unwrap();
    assert_eq!(w.open(file, "x", Open::READ), Err(Errno::NotDir));
    assert_eq!(w.mkdir(file, "x"), Err(Errno::NotDir));
    assert_eq!(w.open(ROOT, "inside/x", Open::READ), Err(Errno::NotDir));
    assert_eq!(w.open(ROOT, "inside", Open { oflags: 16, ..Open::READ }), Err(Errno::Inval));
    assert_eq!(w.open(ROOT, "inside", Open { fdflags: 32, ..Open::READ }), Err(Errno::Inval));
}

#[test]
fn trailing_slashes_ask_for_directories() {
    let (dir, mut w) = jail();
    assert_eq!(w.open(ROOT, "inside/", Open::READ), Err(Errno::NotDir));
    assert_eq!(w.stat(ROOT, "inside/", true), Err(Errno::NotDir));
    assert_eq!(w.stat(ROOT, "inside/", false), Err(Errno::NotDir));
    assert_eq!(w.stat(ROOT, "way/", false).unwrap().0, 3);
    assert_eq!(w.open(ROOT, "new/", Open::CREATE), Err(Errno::IsDir));
    assert_eq!(w.unlink(ROOT, "inside/"), Err(Errno::NotDir));
    assert_eq!(w.unlink(ROOT, "sub/"), Err(Errno::IsDir));
    assert_eq!(w.unlink(ROOT, "sub"), Err(Errno::IsDir));
    assert_eq!(w.rmdir(ROOT, "inside/"), Err(Errno::NotDir));
    assert_eq!(w.rmdir(ROOT, "inside"), Err(Errno::NotDir));
    assert_eq!(w.mkdir(ROOT, "d/"), Ok(()));
    assert_eq!(w.mkdir(ROOT, "d//"), Err(Errno::Exist));
    assert_eq!(w.rmdir(ROOT, "d/"), Ok(()));
    assert_eq!(w.rmdir(ROOT, "sub"), Err(Errno::NotEmpty));
    assert_eq!(w.rename(ROOT, "inside/", ROOT, "x"), Err(Errno::NotDir));
    assert_eq!(w.rename(ROOT, "inside", ROOT, "x/"), Err(Errno::NotDir));
    assert_eq!(w.rename(ROOT, "inside", ROOT, "sub"), Err(Errno::IsDir));
    assert_eq!(w.rename(ROOT, "sub/deep/", ROOT, "moved/"), Ok(()));
    assert_eq!(w.rename(ROOT, "moved", ROOT, "inside"), Err(Errno::NotDir));
    assert_eq!(w.rename(ROOT, "moved", ROOT, "sub"), Err(Errno::NotEmpty));
    assert_eq!(w.rename(ROOT, "sub", ROOT, "sub/in"), Err(Errno::Inval));
    assert_eq!(w.symlink("x", ROOT, "target/"), Err(Errno::NoEnt));
    assert_eq!(w.symlink("x", ROOT, "moved/"), Err(Errno::Exist));
    assert_eq!(w.hard_link(ROOT, 0, "inside", ROOT, "x/"), Err(Errno::NoEnt));
    assert_eq!(w.hard_link(ROOT, 0, "inside/", ROOT, "x"), Err(Errno::NotDir));
    assert_eq!(w.hard_link(ROOT, 0, "sub", ROOT, "x"), Err(Errno::Perm));
    assert_eq!(w.hard_link(ROOT, 0, "sub/", ROOT, "x"), Err(Errno::Perm));
    assert!(dir.exists("jail/inside") && !dir.exists("jail/x"));
}

#[test]
fn hard_links_share_a_file() {
    let (dir, mut w) = jail();
    assert_eq!(w.hard_link(ROOT, 0, "inside", ROOT, "sub/second"), Ok(()));
    assert_eq!(w.stat(ROOT, "inside", false), Ok((4, 2, 6)));
    let fd = w.open(ROOT, "sub/second", Open::WRITE).unwrap();
    w.write(fd, "IN").unwrap();
    assert_eq!(dir.read("jail/inside"), "INside");
    assert_eq!(w.hard_link(ROOT, 0, "inside", ROOT, "sub/second"), Err(Errno::Exist));
    assert_eq!(w.unlink(ROOT, "inside"), Ok(()));
    assert_eq!(w.stat(ROOT, "sub/second", true), Ok((4, 1, 6)));
    // An open file outlives its names.
    assert_eq!(w.unlink(ROOT, "sub/second"), Ok(()));
    assert_eq!(w.write(fd, "x"), Ok(1));
    assert_eq!(w.seek(fd, 0, 1), Ok(3));
}

#[test]
fn a_dot_behind_a_link_is_no_way_out() {
    let (_dir, mut w) = jail();
    for path in ["parent/.", "out/.", "out/./", "chain/.//"] {
        assert_eq!(w.stat(ROOT, path, false), Err(Errno::Perm), "{path}");
    }
    assert_eq!(w.stat(ROOT, "way/.", false).unwrap().0, 3);
    assert_eq!(w.stat(ROOT, "way", false).unwrap().0, 7);
}

#[test]
fn creating_opens_no_directory() {
    let (_dir, mut w) = jail();
    let create = Open { oflags: oflags::CREAT, ..Open::READ };
    for path in ["sub", "sub/", "way", "."] {
        assert_eq!(w.open(ROOT, path, create), Err(Errno::IsDir), "{path}");
    }
    assert!(w.open(ROOT, "inside", create).is_ok());
}

//! Directories that go away or elsewhere while a guest has them.

use crate::child::is_child;
use crate::place::Place;
use crate::wasi_guest::Guest;
use std::fs;

const NOENT: &str = "error number 44";

#[test]
fn a_removed_preopen_is_an_empty_directory_without_a_name() {
    if is_child() {
        return;
    }
    let place = Place::new();
    let dir = place.dir.join("preopen");
    fs::create_dir(&dir).expect("a directory");
    let guest = Guest::in_dir(&dir).expect("a guest");
    let kept = guest.open("kept", 1, u64::MAX).expect("a file");
    fs::remove_dir_all(&dir).expect("it goes away");
    // What is open stays open.
    assert_eq!(guest.write(kept, b"still").expect("an open file"), 5);
    let create = guest.open("new", 1, u64::MAX).map(drop).expect_err("no directory").to_string();
    assert!(create.ends_with(NOENT), "{create}");
    let find = guest.open("kept", 0, 2).map(drop).expect_err("no file").to_string();
    assert!(find.ends_with(NOENT), "{find}");
    assert_eq!(guest.errno("fd_readdir", &[3, 65_536, 4096, 0, 512]).expect("an answer"), 0);
    assert_eq!(guest.errno("path_create_directory", &[3, 4096, 1]).expect("an answer"), 44);
    // One of the same name is another one.
    fs::create_dir(&dir).expect("a directory");
    fs::write(dir.join("other"), "secret").expect("a file");
    let other = guest.open("other", 0, 2).map(drop).expect_err("not the guest's").to_string();
    assert!(other.ends_with(NOENT), "{other}");
    assert!(fs::read_dir(&dir).expect("a directory").count() == 1);
}

#[test]
fn a_renamed_preopen_is_the_same_directory() {
    if is_child() {
        return;
    }
    let place = Place::new();
    let (here, there) = (place.dir.join("here"), place.dir.join("there"));
    fs::create_dir(&here).expect("a directory");
    let guest = Guest::in_dir(&here).expect("a guest");
    fs::rename(&here, &there).expect("it goes elsewhere");
    let fd = guest.open("file", 1, u64::MAX).expect("a file");
    assert_eq!(guest.write(fd, b"found").expect("a file"), 5);
    assert_eq!(fs::read(there.join("file")).expect("the file"), b"found");
    fs::create_dir(&here).expect("another directory");
    assert!(guest.open("../here/x", 1, u64::MAX).is_err(), "above is not the guest's");
    assert_eq!(fs::read_dir(&here).expect("a directory").count(), 0);
}

//! What has diverged once, by its cause.

use super::ops::{Name, Op};
use super::run::replay;
use super::world::{CREAT, DIRECTORY, rights};

fn name(text: &str) -> Name {
    Name(text.as_bytes().to_vec())
}

fn open(path: &str, oflags: u32) -> Op {
    Op::Open { fd: 3, path: name(path), follow: true, oflags, base: rights::READ, fdflags: 0 }
}

/// Does them all again.
pub fn replay_all() {
    let stat = |path| Op::Stat { fd: 3, path: name(path), follow: false };
    let (fd, path) = (3, name("dot"));
    let causes: [(&str, Vec<Op>); 4] = [
        ("a dot behind a link made the kernel follow it out of the tree", vec![stat("out/."), stat("dotdot/.//"), stat("l/.")]),
        ("a directory was opened although creating was asked for", vec![open("b", CREAT), open("b/c/", CREAT)]),
        (
            "a directory reached by a path with a slash at its end could not be listed without openat2",
            vec![open("d/a/", DIRECTORY), Op::List { fd: 7, room: 500 }],
        ),
        (
            "a link to a directory was no directory without openat2",
            vec![Op::Symlink { target: name("."), fd, path }, open("dot", DIRECTORY), open("l", DIRECTORY)],
        ),
    ];
    for (cause, ops) in causes {
        if let Some(why) = replay(&ops, false) {
            panic!("{cause}: {why}");
        }
    }
}

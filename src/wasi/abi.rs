//! The interface as a table: names, types, and how arguments reach the functions.

use super::guest::Guest;
use super::path::{OpenArg, PathArg};
use super::types::Version::{Preview1, Unstable};
use super::{fd, io, listing, path, poll, sock, system, Outcome};
use crate::runtime::ValRaw;
use crate::runtime::ValType::{self, I32, I64};

/// A module name under which guests import WASI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Module {
    /// `wasi_unstable`: other records for metadata and subscriptions, other numbers for seeking.
    Unstable,
    /// `wasi_snapshot_preview1`.
    Preview1,
}

impl Module {
    pub const ALL: [Module; 2] = [Module::Preview1, Module::Unstable];

    pub fn name(self) -> &'static str {
        match self {
            Module::Unstable => "wasi_unstable",
            Module::Preview1 => "wasi_snapshot_preview1",
        }
    }
}

/// A function of the interface. All but `proc_exit`, which has no result, return an error number as i32.
#[derive(Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    pub params: &'static [ValType],
    /// Takes one slot per parameter; fewer are a bug of the caller's.
    pub call: fn(&Guest<'_>, &[ValRaw]) -> Outcome,
}

impl Function {
    pub fn results(&self) -> &'static [ValType] {
        if self.name == "proc_exit" { &[] } else { &[I32] }
    }
}

const fn row(name: &'static str, params: &'static [ValType], call: fn(&Guest<'_>, &[ValRaw]) -> Outcome) -> Function {
    Function { name, params, call }
}

/// The functions of `module`.
pub fn functions(module: Module) -> impl Iterator<Item = &'static Function> {
    let own = match module {
        Module::Preview1 => PREVIEW1,
        Module::Unstable => UNSTABLE,
    };
    COMMON.iter().chain(own)
}

fn path_arg(a: &[ValRaw], i: usize) -> PathArg {
    PathArg { at: a[i].u32(), len: a[i + 1].u32() }
}

fn open_arg(a: &[ValRaw]) -> OpenArg {
    OpenArg { lookup: a[1].u32(), oflags: a[4].u32(), base: a[5].u64(), inheriting: a[6].u64(), fdflags: a[7].u32() }
}

/// The same under both names.
const COMMON: &[Function] = &[
    row("args_get", &[I32, I32], |g, a| system::args_get(g, a[0].u32(), a[1].u32())),
    row("args_sizes_get", &[I32, I32], |g, a| system::args_sizes_get(g, a[0].u32(), a[1].u32())),
    row("environ_get", &[I32, I32], |g, a| system::environ_get(g, a[0].u32(), a[1].u32())),
    row("environ_sizes_get", &[I32, I32], |g, a| system::environ_sizes_get(g, a[0].u32(), a[1].u32())),
    row("clock_res_get", &[I32, I32], |g, a| system::clock_res_get(g, a[0].u32(), a[1].u32())),
    row("clock_time_get", &[I32, I64, I32], |g, a| {
        system::clock_time_get(g, a[0].u32(), a[1].u64(), a[2].u32())
    }),
    row("fd_advise", &[I32, I64, I64, I32], |g, a| {
        fd::fd_advise(g, a[0].u32(), a[1].u64(), a[2].u64(), a[3].u32())
    }),
    row("fd_allocate", &[I32, I64, I64], |g, a| fd::fd_allocate(g, a[0].u32(), a[1].u64(), a[2].u64())),
    row("fd_close", &[I32], |g, a| fd::fd_close(g, a[0].u32())),
    row("fd_datasync", &[I32], |g, a| fd::fd_datasync(g, a[0].u32())),
    row("fd_fdstat_get", &[I32, I32], |g, a| fd::fd_fdstat_get(g, a[0].u32(), a[1].u32())),
    row("fd_fdstat_set_flags", &[I32, I32], |g, a| fd::fd_fdstat_set_flags(g, a[0].u32(), a[1].u32())),
    row("fd_fdstat_set_rights", &[I32, I64, I64], |g, a| {
        fd::fd_fdstat_set_rights(g, a[0].u32(), a[1].u64(), a[2].u64())
    }),
    row("fd_filestat_set_size", &[I32, I64], |g, a| fd::fd_filestat_set_size(g, a[0].u32(), a[1].u64())),
    row("fd_filestat_set_times", &[I32, I64, I64, I32], |g, a| {
        fd::fd_filestat_set_times(g, a[0].u32(), a[1].u64(), a[2].u64(), a[3].u32())
    }),
    row("fd_pread", &[I32, I32, I32, I64, I32], |g, a| {
        io::fd_pread(g, a[0].u32(), a[1].u32(), a[2].u32(), a[3].u64(), a[4].u32())
    }),
    row("fd_prestat_get", &[I32, I32], |g, a| fd::fd_prestat_get(g, a[0].u32(), a[1].u32())),
    row("fd_prestat_dir_name", &[I32, I32, I32], |g, a| {
        fd::fd_prestat_dir_name(g, a[0].u32(), a[1].u32(), a[2].u32())
    }),
    row("fd_pwrite", &[I32, I32, I32, I64, I32], |g, a| {
        io::fd_pwrite(g, a[0].u32(), a[1].u32(), a[2].u32(), a[3].u64(), a[4].u32())
    }),
    row("fd_read", &[I32, I32, I32, I32], |g, a| {
        io::fd_read(g, a[0].u32(), a[1].u32(), a[2].u32(), a[3].u32())
    }),
    row("fd_readdir", &[I32, I32, I32, I64, I32], |g, a| {
        listing::fd_readdir(g, a[0].u32(), a[1].u32(), a[2].u32(), a[3].u64(), a[4].u32())
    }),
    row("fd_renumber", &[I32, I32], |g, a| fd::fd_renumber(g, a[0].u32(), a[1].u32())),
    row("fd_sync", &[I32], |g, a| fd::fd_sync(g, a[0].u32())),
    row("fd_tell", &[I32, I32], |g, a| io::fd_tell(g, a[0].u32(), a[1].u32())),
    row("fd_write", &[I32, I32, I32, I32], |g, a| {
        io::fd_write(g, a[0].u32(), a[1].u32(), a[2].u32(), a[3].u32())
    }),
    row("path_create_directory", &[I32, I32, I32], |g, a| {
        path::path_create_directory(g, a[0].u32(), path_arg(a, 1))
    }),
    row("path_filestat_set_times", &[I32, I32, I32, I32, I64, I64, I32], |g, a| {
        let times = (a[4].u64(), a[5].u64(), a[6].u32());
        path::path_filestat_set_times(g, a[0].u32(), a[1].u32(), path_arg(a, 2), times)
    }),
    row("path_link", &[I32, I32, I32, I32, I32, I32, I32], |g, a| {
        path::path_link(g, a[0].u32(), a[1].u32(), path_arg(a, 2), a[4].u32(), path_arg(a, 5))
    }),
    row("path_open", &[I32, I32, I32, I32, I32, I64, I64, I32, I32], |g, a| {
        path::path_open(g, a[0].u32(), path_arg(a, 2), open_arg(a), a[8].u32())
    }),
    row("path_readlink", &[I32, I32, I32, I32, I32, I32], |g, a| {
        path::path_readlink(g, a[0].u32(), path_arg(a, 1), a[3].u32(), a[4].u32(), a[5].u32())
    }),
    row("path_remove_directory", &[I32, I32, I32], |g, a| {
        path::path_remove_directory(g, a[0].u32(), path_arg(a, 1))
    }),
    row("path_rename", &[I32, I32, I32, I32, I32, I32], |g, a| {
        path::path_rename(g, a[0].u32(), path_arg(a, 1), a[3].u32(), path_arg(a, 4))
    }),
    row("path_symlink", &[I32, I32, I32, I32, I32], |g, a| {
        path::path_symlink(g, path_arg(a, 0), a[2].u32(), path_arg(a, 3))
    }),
    row("path_unlink_file", &[I32, I32, I32], |g, a| path::path_unlink_file(g, a[0].u32(), path_arg(a, 1))),
    row("proc_exit", &[I32], |g, a| system::proc_exit(g, a[0].u32())),
    row("proc_raise", &[I32], |g, a| system::proc_raise(g, a[0].u32())),
    row("random_get", &[I32, I32], |g, a| system::random_get(g, a[0].u32(), a[1].u32())),
    row("sched_yield", &[], |g, _| system::sched_yield(g)),
    row("sock_recv", &[I32, I32, I32, I32, I32, I32], |g, a| {
        sock::sock_recv(g, a[0].u32(), (a[1].u32(), a[2].u32()), a[3].u32(), a[4].u32(), a[5].u32())
    }),
    row("sock_send", &[I32, I32, I32, I32, I32], |g, a| {
        sock::sock_send(g, a[0].u32(), (a[1].u32(), a[2].u32()), a[3].u32(), a[4].u32())
    }),
    row("sock_shutdown", &[I32, I32], |g, a| sock::sock_shutdown(g, a[0].u32(), a[1].u32())),
];

const PREVIEW1: &[Function] = &[
    row("fd_filestat_get", &[I32, I32], |g, a| fd::fd_filestat_get(g, a[0].u32(), a[1].u32(), Preview1)),
    row("fd_seek", &[I32, I64, I32, I32], |g, a| {
        io::fd_seek(g, a[0].u32(), a[1].i64(), a[2].u32(), a[3].u32(), Preview1)
    }),
    row("path_filestat_get", &[I32, I32, I32, I32, I32], |g, a| {
        path::path_filestat_get(g, a[0].u32(), a[1].u32(), path_arg(a, 2), a[4].u32(), Preview1)
    }),
    row("poll_oneoff", &[I32, I32, I32, I32], |g, a| {
        poll::poll_oneoff(g, a[0].u32(), a[1].u32(), a[2].u32(), a[3].u32(), Preview1)
    }),
    row("sock_accept", &[I32, I32, I32], |g, a| sock::sock_accept(g, a[0].u32(), a[1].u32(), a[2].u32())),
];

const UNSTABLE: &[Function] = &[
    row("fd_filestat_get", &[I32, I32], |g, a| fd::fd_filestat_get(g, a[0].u32(), a[1].u32(), Unstable)),
    row("fd_seek", &[I32, I64, I32, I32], |g, a| {
        io::fd_seek(g, a[0].u32(), a[1].i64(), a[2].u32(), a[3].u32(), Unstable)
    }),
    row("path_filestat_get", &[I32, I32, I32, I32, I32], |g, a| {
        path::path_filestat_get(g, a[0].u32(), a[1].u32(), path_arg(a, 2), a[4].u32(), Unstable)
    }),
    row("poll_oneoff", &[I32, I32, I32, I32], |g, a| {
        poll::poll_oneoff(g, a[0].u32(), a[1].u32(), a[2].u32(), a[3].u32(), Unstable)
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_functions_are_there_once() {
        for (module, count) in [(Module::Preview1, 46), (Module::Unstable, 45)] {
            let mut names: Vec<_> = functions(module).map(|f| f.name).collect();
            names.sort_unstable();
            let total = names.len();
            names.dedup();
            assert_eq!((total, names.len()), (count, count), "{}", module.name());
        }
    }
}

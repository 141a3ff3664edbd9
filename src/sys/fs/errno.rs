//! Why a system call failed, in numbers that do not depend on the host.

use std::fmt;
use std::io;

/// A POSIX error with WASI's numbers: hosts disagree about theirs, and these are fixed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u16)]
pub enum Errno {
    Success = 0,
    TooBig = 1,
    Acces = 2,
    AddrInUse = 3,
    AddrNotAvail = 4,
    AfNoSupport = 5,
    Again = 6,
    Already = 7,
    BadF = 8,
    BadMsg = 9,
    Busy = 10,
    Canceled = 11,
    Child = 12,
    ConnAborted = 13,
    ConnRefused = 14,
    ConnReset = 15,
    Deadlk = 16,
    DestAddrReq = 17,
    Dom = 18,
    DQuot = 19,
    Exist = 20,
    Fault = 21,
    FBig = 22,
    HostUnreach = 23,
    IdRm = 24,
    IlSeq = 25,
    InProgress = 26,
    Intr = 27,
    Inval = 28,
    Io = 29,
    IsConn = 30,
    IsDir = 31,
    Loop = 32,
    MFile = 33,
    MLink = 34,
    MsgSize = 35,
    Multihop = 36,
    NameTooLong = 37,
    NetDown = 38,
    NetReset = 39,
    NetUnreach = 40,
    NFile = 41,
    NoBufs = 42,
    NoDev = 43,
    NoEnt = 44,
    NoExec = 45,
    NoLck = 46,
    NoLink = 47,
    NoMem = 48,
    NoMsg = 49,
    NoProtoOpt = 50,
    NoSpc = 51,
    NoSys = 52,
    NotConn = 53,
    NotDir = 54,
    NotEmpty = 55,
    NotRecoverable = 56,
    NotSock = 57,
    NotSup = 58,
    NoTty = 59,
    NxIo = 60,
    Overflow = 61,
    OwnerDead = 62,
    Perm = 63,
    Pipe = 64,
    Proto = 65,
    ProtoNoSupport = 66,
    Prototype = 67,
    Range = 68,
    RoFs = 69,
    SPipe = 70,
    Srch = 71,
    Stale = 72,
    TimedOut = 73,
    TxtBsy = 74,
    XDev = 75,
    NotCapable = 76,
}

impl Errno {
    /// From a host's error number. What WASI has no number for becomes [`Errno::Io`].
    pub fn from_os(raw: i32) -> Errno {
        match raw {
            libc::E2BIG => Errno::TooBig,
            libc::EACCES => Errno::Acces,
            libc::EADDRINUSE => Errno::AddrInUse,
            libc::EADDRNOTAVAIL => Errno::AddrNotAvail,
            libc::EAFNOSUPPORT => Errno::AfNoSupport,
            libc::EAGAIN => Errno::Again,
            libc::EALREADY => Errno::Already,
            libc::EBADF => Errno::BadF,
            libc::EBADMSG => Errno::BadMsg,
            libc::EBUSY => Errno::Busy,
            libc::ECANCELED => Errno::Canceled,
            libc::ECHILD => Errno::Child,
            libc::ECONNABORTED => Errno::ConnAborted,
            libc::ECONNREFUSED => Errno::ConnRefused,
            libc::ECONNRESET => Errno::ConnReset,
            libc::EDEADLK => Errno::Deadlk,
            libc::EDESTADDRREQ => Errno::DestAddrReq,
            libc::EDOM => Errno::Dom,
            libc::EDQUOT => Errno::DQuot,
            libc::EEXIST => Errno::Exist,
            libc::EFAULT => Errno::Fault,
            libc::EFBIG => Errno::FBig,
            libc::EHOSTUNREACH => Errno::HostUnreach,
            libc::EIDRM => Errno::IdRm,
            libc::EILSEQ => Errno::IlSeq,
            libc::EINPROGRESS => Errno::InProgress,
            libc::EINTR => Errno::Intr,
            libc::EINVAL => Errno::Inval,
            libc::EIO => Errno::Io,
            libc::EISCONN => Errno::IsConn,
            libc::EISDIR => Errno::IsDir,
            libc::ELOOP => Errno::Loop,
            libc::EMFILE => Errno::MFile,
            libc::EMLINK => Errno::MLink,
            libc::EMSGSIZE => Errno::MsgSize,
            libc::EMULTIHOP => Errno::Multihop,
            libc::ENAMETOOLONG => Errno::NameTooLong,
            libc::ENETDOWN => Errno::NetDown,
            libc::ENETRESET => Errno::NetReset,
            libc::ENETUNREACH => Errno::NetUnreach,
            libc::ENFILE => Errno::NFile,
            libc::ENOBUFS => Errno::NoBufs,
            libc::ENODEV => Errno::NoDev,
            libc::ENOENT => Errno::NoEnt,
            libc::ENOEXEC => Errno::NoExec,
            libc::ENOLCK => Errno::NoLck,
            libc::ENOLINK => Errno::NoLink,
            libc::ENOMEM => Errno::NoMem,
            libc::ENOMSG => Errno::NoMsg,
            libc::ENOPROTOOPT => Errno::NoProtoOpt,
            libc::ENOSPC => Errno::NoSpc,
            libc::ENOSYS => Errno::NoSys,
            libc::ENOTCONN => Errno::NotConn,
            libc::ENOTDIR => Errno::NotDir,
            libc::ENOTEMPTY => Errno::NotEmpty,
            libc::ENOTRECOVERABLE => Errno::NotRecoverable,
            libc::ENOTSOCK => Errno::NotSock,
            libc::ENOTSUP => Errno::NotSup,
            libc::ENOTTY => Errno::NoTty,
            libc::ENXIO => Errno::NxIo,
            libc::EOVERFLOW => Errno::Overflow,
            libc::EOWNERDEAD => Errno::OwnerDead,
            libc::EPERM => Errno::Perm,
            libc::EPIPE => Errno::Pipe,
            libc::EPROTO => Errno::Proto,
            libc::EPROTONOSUPPORT => Errno::ProtoNoSupport,
            libc::EPROTOTYPE => Errno::Prototype,
            libc::ERANGE => Errno::Range,
            libc::EROFS => Errno::RoFs,
            libc::ESPIPE => Errno::SPipe,
            libc::ESRCH => Errno::Srch,
            libc::ESTALE => Errno::Stale,
            libc::ETIMEDOUT => Errno::TimedOut,
            libc::ETXTBSY => Errno::TxtBsy,
            libc::EXDEV => Errno::XDev,
            _ => Errno::Io,
        }
    }

    pub fn number(self) -> u16 {
        self as u16
    }

    fn text(self) -> &'static str {
        match self {
            Errno::Success => "success",
            Errno::TooBig => "argument list too long",
            Errno::Acces => "permission denied",
            Errno::AddrInUse => "address in use",
            Errno::AddrNotAvail => "address not available",
            Errno::AfNoSupport => "address family not supported",
            Errno::Again => "resource unavailable, or operation would block",
            Errno::Already => "connection already in progress",
            Errno::BadF => "bad file descriptor",
            Errno::BadMsg => "bad message",
            Errno::Busy => "device or resource busy",
            Errno::Canceled => "operation canceled",
            Errno::Child => "no child processes",
            Errno::ConnAborted => "connection aborted",
            Errno::ConnRefused => "connection refused",
            Errno::ConnReset => "connection reset",
            Errno::Deadlk => "resource deadlock would occur",
            Errno::DestAddrReq => "destination address required",
            Errno::Dom => "argument out of domain",
            Errno::DQuot => "disk quota exceeded",
            Errno::Exist => "file exists",
            Errno::Fault => "bad address",
            Errno::FBig => "file too large",
            Errno::HostUnreach => "host is unreachable",
            Errno::IdRm => "identifier removed",
            Errno::IlSeq => "illegal byte sequence",
            Errno::InProgress => "operation in progress",
            Errno::Intr => "interrupted function",
            Errno::Inval => "invalid argument",
            Errno::Io => "input/output error",
            Errno::IsConn => "socket is connected",
            Errno::IsDir => "is a directory",
            Errno::Loop => "too many levels of symbolic links",
            Errno::MFile => "too many open files",
            Errno::MLink => "too many links",
            Errno::MsgSize => "message too large",
            Errno::Multihop => "multihop attempted",
            Errno::NameTooLong => "file name too long",
            Errno::NetDown => "network is down",
            Errno::NetReset => "connection aborted by network",
            Errno::NetUnreach => "network unreachable",
            Errno::NFile => "too many files open in system",
            Errno::NoBufs => "no buffer space available",
            Errno::NoDev => "no such device",
            Errno::NoEnt => "no such file or directory",
            Errno::NoExec => "executable file format error",
            Errno::NoLck => "no locks available",
            Errno::NoLink => "link has been severed",
            Errno::NoMem => "not enough space",
            Errno::NoMsg => "no message of the desired type",
            Errno::NoProtoOpt => "protocol not available",
            Errno::NoSpc => "no space left on device",
            Errno::NoSys => "function not supported",
            Errno::NotConn => "the socket is not connected",
            Errno::NotDir => "not a directory",
            Errno::NotEmpty => "directory not empty",
            Errno::NotRecoverable => "state not recoverable",
            Errno::NotSock => "not a socket",
            Errno::NotSup => "not supported",
            Errno::NoTty => "inappropriate i/o control operation",
            Errno::NxIo => "no such device or address",
            Errno::Overflow => "value too large to be stored",
            Errno::OwnerDead => "previous owner died",
            Errno::Perm => "operation not permitted",
            Errno::Pipe => "broken pipe",
            Errno::Proto => "protocol error",
            Errno::ProtoNoSupport => "protocol not supported",
            Errno::Prototype => "wrong protocol type for socket",
            Errno::Range => "result too large",
            Errno::RoFs => "read-only file system",
            Errno::SPipe => "invalid seek",
            Errno::Srch => "no such process",
            Errno::Stale => "stale file handle",
            Errno::TimedOut => "connection timed out",
            Errno::TxtBsy => "text file busy",
            Errno::XDev => "cross-device link",
            Errno::NotCapable => "capabilities insufficient",
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl From<io::Error> for Errno {
    fn from(e: io::Error) -> Errno {
        if let Some(raw) = e.raw_os_error() {
            return Errno::from_os(raw);
        }
        match e.kind() {
            // The path library's way of saying that a path leads out of its directory.
            io::ErrorKind::PermissionDenied => Errno::Perm,
            io::ErrorKind::InvalidInput => Errno::Inval,
            io::ErrorKind::NotFound => Errno::NoEnt,
            io::ErrorKind::WouldBlock => Errno::Again,
            io::ErrorKind::Interrupted => Errno::Intr,
            io::ErrorKind::BrokenPipe => Errno::Pipe,
            io::ErrorKind::OutOfMemory => Errno::NoMem,
            io::ErrorKind::Unsupported => Errno::NotSup,
            io::ErrorKind::StorageFull => Errno::NoSpc,
            _ => Errno::Io,
        }
    }
}

impl From<rustix::io::Errno> for Errno {
    fn from(e: rustix::io::Errno) -> Errno {
        Errno::from_os(e.raw_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_wasi() {
        assert_eq!(Errno::from_os(libc::ENOENT).number(), 44);
        assert_eq!(Errno::from_os(libc::EXDEV).number(), 75);
        assert_eq!(Errno::from_os(libc::EOPNOTSUPP), Errno::NotSup);
        assert_eq!(Errno::from_os(9999), Errno::Io);
        assert_eq!(Errno::NotCapable.number(), 76);
    }
}

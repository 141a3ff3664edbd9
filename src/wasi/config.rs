//! What a guest is given.

use super::ctx::{Clock, Ctx, Limits, RandomSource, SystemClock};
use super::entry::{Entry, Listener, Node, OpenDir, OpenFile};
use super::streams::{Bytes, Discard, Empty, InputStream, OutputStream};
use super::table::Table;
use super::types::rights;
use crate::base::{Error, ErrorKind, Result};
use crate::sys::fs::{self, Dir, StdStream};
use std::ffi::OsStr;
use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::atomic::AtomicU16;

/// What may be done in a preopened directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Perms {
    /// Look up, open and list entries.
    pub dir_read: bool,
    /// Create, remove, rename and link entries, and set their times.
    pub dir_write: bool,
    pub file_read: bool,
    pub file_write: bool,
}

impl Perms {
    pub const READ_WRITE: Perms = Perms { dir_read: true, dir_write: true, file_read: true, file_write: true };
    pub const READ_ONLY: Perms = Perms { dir_read: true, dir_write: false, file_read: true, file_write: false };
}

/// Arguments, environment, streams and directories for a guest. Whatever belongs to the host is opened by the
/// method that names it, so that errors come up there; a failed call leaves the configuration as it was.
///
/// By default there are no arguments and no variables, input is at its end, output goes nowhere, and no
/// directory is open.
pub struct Config {
    pub(super) args: Vec<Box<[u8]>>,
    /// `NAME=value`.
    pub(super) env: Vec<Box<[u8]>>,
    stdin: Node,
    stdout: Node,
    stderr: Node,
    /// In the order in which the guest finds them, from descriptor 3 on.
    preopens: Vec<Node>,
    pub(super) clock: Box<dyn Clock>,
    pub(super) random: Option<Box<dyn RandomSource>>,
    pub(super) faults_as_errno: bool,
    limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Config::new()
    }
}

impl Config {
    pub fn new() -> Config {
        Config {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Node::Input(Box::new(Empty)),
            stdout: Node::Output(Box::new(Discard)),
            stderr: Node::Output(Box::new(Discard)),
            preopens: Vec::new(),
            clock: Box::new(SystemClock::new()),
            random: None,
            faults_as_errno: false,
            limits: Limits::default(),
        }
    }

    /// Replaces the arguments; the first is the program's name.
    pub fn set_args<A: AsRef<[u8]>>(&mut self, args: impl IntoIterator<Item = A>) -> Result<()> {
        let args = args.into_iter().map(|a| c_string(a.as_ref(), "argument"));
        self.args = args.collect::<Result<_>>()?;
        Ok(())
    }

    /// Takes over this process's arguments as they are now.
    pub fn inherit_args(&mut self) {
        self.args = std::env::args_os().map(|a| a.into_vec().into()).collect();
    }

    /// Replaces the environment.
    pub fn set_env<N: AsRef<[u8]>, V: AsRef<[u8]>>(
        &mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<()> {
        let env = variables.into_iter().map(|(n, v)| variable(n.as_ref(), v.as_ref()));
        self.env = env.collect::<Result<_>>()?;
        Ok(())
    }

    /// Takes over this process's environment as it is now.
    pub fn inherit_env(&mut self) {
        let join = |n: &OsStr, v: &OsStr| [n.as_bytes(), b"=", v.as_bytes()].concat().into();
        self.env = std::env::vars_os().map(|(n, v)| join(&n, &v)).collect();
    }

    pub fn stdin_empty(&mut self) {
        self.stdin = Node::Input(Box::new(Empty));
    }

    pub fn stdin_inherit(&mut self) -> Result<()> {
        self.stdin = inherited(StdStream::Input)?;
        Ok(())
    }

    /// Reads from a file of the host's, which must exist.
    pub fn stdin_file(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.stdin = host_file(path.as_ref(), false)?;
        Ok(())
    }

    pub fn stdin_bytes(&mut self, bytes: Vec<u8>) {
        self.stdin = Node::Input(Box::new(Bytes::new(bytes)));
    }

    pub fn stdin_custom(&mut self, stream: Box<dyn InputStream>) {
        self.stdin = Node::Input(stream);
    }

    pub fn stdout_discard(&mut self) {
        self.stdout = Node::Output(Box::new(Discard));
    }

    pub fn stdout_inherit(&mut self) -> Result<()> {
        self.stdout = inherited(StdStream::Output)?;
        Ok(())
    }

    /// Writes to a file of the host's, which is created or emptied.
    pub fn stdout_file(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.stdout = host_file(path.as_ref(), true)?;
        Ok(())
    }

    pub fn stdout_custom(&mut self, stream: Box<dyn OutputStream>) {
        self.stdout = Node::Output(stream);
    }

    pub fn stderr_discard(&mut self) {
        self.stderr = Node::Output(Box::new(Discard));
    }

    pub fn stderr_inherit(&mut self) -> Result<()> {
        self.stderr = inherited(StdStream::Error)?;
        Ok(())
    }

    /// Writes to a file of the host's, which is created or emptied.
    pub fn stderr_file(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.stderr = host_file(path.as_ref(), true)?;
        Ok(())
    }

    pub fn stderr_custom(&mut self, stream: Box<dyn OutputStream>) {
        self.stderr = Node::Output(stream);
    }

    /// Gives the guest the host's directory `host` under the name `guest`.
    pub fn preopen_dir(&mut self, host: impl AsRef<Path>, guest: impl AsRef<[u8]>, perms: Perms) -> Result<()> {
        let host = host.as_ref();
        let dir = Dir::open_ambient(host).map_err(|e| io_error("failed to open directory", host, &e))?;
        let name = c_string(guest.as_ref(), "name of a preopened directory")?;
        self.preopens.push(Node::Dir(OpenDir { dir, perms, preopen: Some(name) }));
        Ok(())
    }

    /// Gives the guest a socket to accept connections from, which becomes non-blocking for whoever shares it.
    pub fn preopen_listener(&mut self, socket: TcpListener) -> Result<()> {
        socket.set_nonblocking(true).map_err(|e| socket_error(&e))?;
        self.preopens.push(Node::Listener(Listener { socket, flags: AtomicU16::new(0) }));
        Ok(())
    }

    /// Gives the guest a connection, which becomes non-blocking for whoever shares it.
    pub fn preopen_stream(&mut self, socket: TcpStream) -> Result<()> {
        socket.set_nonblocking(true).map_err(|e| socket_error(&e))?;
        let file = File::from(OwnedFd::from(socket));
        self.preopens.push(Node::File(OpenFile::socket(file, 0)));
        Ok(())
    }

    /// Replaces the clocks.
    pub fn clock(&mut self, clock: Box<dyn Clock>) {
        self.clock = clock;
    }

    /// Replaces the source of random bytes.
    pub fn random(&mut self, source: Box<dyn RandomSource>) {
        self.random = Some(source);
    }

    /// Returns `fault` to a guest that passes a bad pointer, instead of stopping it.
    pub fn faults_as_errno(&mut self, on: bool) {
        self.faults_as_errno = on;
    }

    /// Limits how many descriptors the guest may have open, those it starts with included.
    pub fn max_descriptors(&mut self, limit: u32) {
        self.limits.descriptors = limit;
    }

    /// Replaces all limits.
    pub fn limits(&mut self, limits: Limits) {
        self.limits = limits.sane();
    }

    /// The state that a guest begins with.
    pub fn build(self) -> Result<Ctx> {
        let table = Table::new(self.limits.descriptors);
        let Config { stdin, stdout, stderr, preopens, .. } = self;
        for node in [stdin, stdout, stderr].into_iter().chain(preopens) {
            let base = match &node {
                Node::File(f) if !f.is_socket() => rights::STREAM | rights::SEEKABLE,
                _ => u64::MAX,
            };
            let inheriting = if matches!(node, Node::Dir(_)) { rights::INHERITED } else { 0 };
            table
                .insert(Entry::with_rights(node, base, inheriting))
                .map_err(|e| Error::new(ErrorKind::Limit, format!("failed to open a preopened descriptor: {e}")))?;
        }
        Ok(Ctx {
            table,
            args: self.args,
            env: self.env,
            clock: self.clock,
            random: self.random,
            faults_as_errno: self.faults_as_errno,
            limits: self.limits,
        })
    }
}

impl OpenFile {
    pub(super) fn socket(file: File, flags: u16) -> OpenFile {
        OpenFile {
            file,
            kind: fs::FileKind::SocketStream,
            read: true,
            write: true,
            perms: Perms::READ_WRITE,
            shared: false,
            flags: AtomicU16::new(flags),
        }
    }
}

fn inherited(stream: StdStream) -> Result<Node> {
    let failed = |e: &dyn std::fmt::Display| Error::new(ErrorKind::Io, format!("failed to inherit a standard stream: {e}"));
    let file = fs::duplicate_stdio(stream).map_err(|e| failed(&e))?;
    let kind = fs::kind_of(&file).map_err(|e| failed(&e))?;
    let input = stream == StdStream::Input;
    Ok(Node::File(stdio(file, kind, input, true)))
}

fn host_file(path: &Path, write: bool) -> Result<Node> {
    let file = fs::open_ambient(path, write).map_err(|e| io_error("failed to open file", path, &e))?;
    let kind = fs::kind_of(&file).map_err(|e| io_error("failed to open file", path, &e))?;
    let file = stdio(file, kind, !write, false);
    if file.may_wait() {
        fs::set_nonblocking(&file.file, true).map_err(|e| io_error("failed to open file", path, &e))?;
    }
    Ok(Node::File(file))
}

fn stdio(file: File, kind: fs::FileKind, input: bool, shared: bool) -> OpenFile {
    OpenFile {
        file,
        kind,
        read: input,
        write: !input,
        perms: Perms::READ_ONLY,
        shared,
        flags: AtomicU16::new(0),
    }
}

fn socket_error(e: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("failed to make a socket non-blocking: {e}"))
}

fn c_string(bytes: &[u8], what: &str) -> Result<Box<[u8]>> {
    if bytes.contains(&0) {
        return Err(Error::usage(format!("{what} contains a NUL byte: {:?}", bytes.escape_ascii().to_string())));
    }
    Ok(bytes.into())
}

fn variable(name: &[u8], value: &[u8]) -> Result<Box<[u8]>> {
    c_string(&[name, b"=", value].concat(), "environment variable")
}

fn io_error(what: &str, path: &Path, e: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Io, format!("{what} `{}`: {e}", path.display()))
}

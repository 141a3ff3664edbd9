//! Streams that the host program provides.

use parking_lot::Mutex;
use std::io;

/// Where a guest's standard input comes from. Called by any thread that runs the guest.
pub trait InputStream: Send + Sync {
    /// Fills the front of `out`; 0 is the end. An error's OS number reaches the guest, except that of
    /// [`io::ErrorKind::WouldBlock`]: then it is asked again a few milliseconds later. So can a guest that waits for
    /// input be stopped; one that waits in here cannot.
    fn read(&self, out: &mut [u8]) -> io::Result<usize>;
}

/// Where a guest's standard output goes. Called by any thread that runs the guest, in pieces of the
/// library's choice.
pub trait OutputStream: Send + Sync {
    /// Takes bytes from the front and says how many. An error's OS number reaches the guest.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
}

impl<F: Fn(&mut [u8]) -> io::Result<usize> + Send + Sync> InputStream for F {
    fn read(&self, out: &mut [u8]) -> io::Result<usize> {
        self(out)
    }
}

impl<F: Fn(&[u8]) -> io::Result<usize> + Send + Sync> OutputStream for F {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self(bytes)
    }
}

/// An input that is at its end.
pub(super) struct Empty;

impl InputStream for Empty {
    fn read(&self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

/// An output that takes everything and keeps nothing.
pub(super) struct Discard;

impl OutputStream for Discard {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
}

/// An input from memory.
pub(super) struct Bytes {
    bytes: Vec<u8>,
    position: Mutex<usize>,
}

impl Bytes {
    pub(super) fn new(bytes: Vec<u8>) -> Bytes {
        Bytes { bytes, position: Mutex::new(0) }
    }
}

impl InputStream for Bytes {
    fn read(&self, out: &mut [u8]) -> io::Result<usize> {
        let mut position = self.position.lock();
        let rest = &self.bytes[*position..];
        let n = rest.len().min(out.len());
        out[..n].copy_from_slice(&rest[..n]);
        *position += n;
        Ok(n)
    }
}

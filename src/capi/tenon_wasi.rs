//! What a WASI configuration can have beyond the names of `wasi.h`: clocks, random numbers, streaming input, kept
//! output, sockets and limits.

use super::ffi::{CBool, CVec, Finalizer, guard, guard_some, put, truth};
use super::wasi::wasi_config_t;
use super::wasm::bytes::wasm_byte_vec_t;
use crate::wasi::{Clock, Config, FixedClock, InputStream, Limits, OutputBuffer, RandomSource, SeededRandom};
use std::ffi::{c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{FromRawFd, IntoRawFd};

/// How much a guest may ask for; who asks for more gets an error number. 0 leaves a limit as it is by default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tenon_wasi_limits_t {
    /// Open descriptors, those it starts with included (by default 65,536): `mfile`.
    pub descriptors: u32,
    /// Bytes of a path (by default and at most 4,095): `nametoolong`.
    pub path_bytes: u32,
    /// Directory entries that one call may list (by default any number): `nobufs`. Guests with the usual buffers of
    /// 4 KiB ask for about 100.
    pub dir_entries: u32,
}

/// What a guest has written and the host has not taken yet.
pub struct tenon_wasi_output_t {
    buffer: OutputBuffer,
}

/// Changes a configuration, unless it is NULL.
fn change(config: Option<&mut wasi_config_t>, apply: impl FnOnce(&mut Config)) {
    guard_some(|| Some(apply(config?.config_mut())));
}

struct Input {
    read: unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> isize,
    data: Finalizer,
}

impl InputStream for Input {
    fn read(&self, out: &mut [u8]) -> io::Result<usize> {
        // SAFETY: function and data were given to be used together; the buffer lives through the call.
        match unsafe { (self.read)(self.data.env(), out.as_mut_ptr(), out.len()) } {
            got if got >= 0 => Ok(got.unsigned_abs().min(out.len())),
            failed => Err(os_error(failed.unsigned_abs() as u64)),
        }
    }
}

fn os_error(number: u64) -> io::Error {
    io::Error::from_raw_os_error(i32::try_from(number).unwrap_or(i32::MAX))
}

/// Lets the guest read what `callback` gives. It fills the front of the buffer and returns how many bytes, 0 at the end,
/// or minus an OS error. `-EAGAIN` means that there is nothing yet: it is called again a few milliseconds later, unless
/// the guest is stopped meanwhile; a callback that waits instead cannot be stopped. Called by any thread that runs the
/// guest. `finalizer`, if given, is called with `data` when the input is replaced or
/// its owner is gone. Without a callback nothing changes, and the finalizer is called at once.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_set_stdin_custom(
    config: Option<&mut wasi_config_t>,
    callback: Option<unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> isize>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard_some(|| {
        let data = Finalizer::new(data, finalizer);
        let read = callback?;
        config?.config_mut().stdin_custom(Box::new(Input { read, data }));
        Some(())
    });
}

/// Keeps what the guest writes, at most `limit` bytes that have not been taken; beyond, the guest gets `nospc`. The
/// output is owned by the caller; NULL if `config` is.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_keep_stdout(
    config: Option<&mut wasi_config_t>,
    limit: usize,
) -> Option<Box<tenon_wasi_output_t>> {
    guard(|| {
        let buffer = OutputBuffer::new(limit);
        config?.config_mut().stdout_custom(Box::new(buffer.clone()));
        Some(Box::new(tenon_wasi_output_t { buffer }))
    })
}

/// Keeps the errors that the guest writes; otherwise as `tenon_wasi_config_keep_stdout`.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_keep_stderr(
    config: Option<&mut wasi_config_t>,
    limit: usize,
) -> Option<Box<tenon_wasi_output_t>> {
    guard(|| {
        let buffer = OutputBuffer::new(limit);
        config?.config_mut().stderr_custom(Box::new(buffer.clone()));
        Some(Box::new(tenon_wasi_output_t { buffer }))
    })
}

/// Takes out what has been written since the last time, owned by the caller. Any thread, also while the guest runs.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_output_take(
    output: Option<&tenon_wasi_output_t>,
    out: Option<&mut MaybeUninit<wasm_byte_vec_t>>,
) {
    guard(|| {
        let bytes = output.map(|o| o.buffer.take()).unwrap_or_default();
        put(out, wasm_byte_vec_t::from_items(bytes));
    });
}

/// Frees an output, which the guest may go on writing to; NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_output_delete(output: Option<Box<tenon_wasi_output_t>>) {
    guard(|| drop(output));
}

/// Stops the guest's clocks at these nanoseconds: since 1970, and of the clock that never goes back. Sleeping still
/// takes time.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_set_clock_fixed(config: Option<&mut wasi_config_t>, realtime: u64, monotonic: u64) {
    change(config, |c| c.clock(Box::new(FixedClock { realtime, monotonic })));
}

struct CustomClock {
    now: unsafe extern "C" fn(*mut c_void, u32) -> u64,
    resolution: u64,
    data: Finalizer,
}

impl CustomClock {
    fn now(&self, id: u32) -> u64 {
        // SAFETY: function and data were given to be used together.
        unsafe { (self.now)(self.data.env(), id) }
    }
}

impl Clock for CustomClock {
    fn realtime(&self) -> u64 {
        self.now(0)
    }
    fn monotonic(&self) -> u64 {
        self.now(1)
    }
    fn realtime_resolution(&self) -> u64 {
        self.resolution
    }
    fn monotonic_resolution(&self) -> u64 {
        self.resolution
    }
}

/// Has the guest's clocks read by `callback`: nanoseconds, of the clock that counts since 1970 (0) or of the one that
/// never goes back (1), good to `resolution` nanoseconds. Called by any thread that runs the guest. Sleeping goes by the
/// host's clock. The finalizer is used as by `tenon_wasi_config_set_stdin_custom`.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_set_clock_custom(
    config: Option<&mut wasi_config_t>,
    callback: Option<unsafe extern "C" fn(*mut c_void, u32) -> u64>,
    resolution: u64,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard_some(|| {
        let data = Finalizer::new(data, finalizer);
        let now = callback?;
        config?.config_mut().clock(Box::new(CustomClock { now, resolution: resolution.max(1), data }));
        Some(())
    });
}

/// Makes the guest's random numbers follow from a seed: the same in every run, and no secret.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_set_random_seed(config: Option<&mut wasi_config_t>, seed: u64) {
    change(config, |c| c.random(Box::new(SeededRandom::new(seed))));
}

struct CustomRandom {
    fill: unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> c_int,
    data: Finalizer,
}

impl RandomSource for CustomRandom {
    fn fill(&self, out: &mut [u8]) -> io::Result<()> {
        // SAFETY: function and data were given to be used together; the buffer lives through the call.
        match unsafe { (self.fill)(self.data.env(), out.as_mut_ptr(), out.len()) } {
            0 => Ok(()),
            failed => Err(os_error(failed.unsigned_abs().into())),
        }
    }
}

/// Has the guest's random numbers made by `callback`, which fills all of the buffer and returns 0, or returns an OS error.
/// Called by any thread that runs the guest. The finalizer is used as by
/// `tenon_wasi_config_set_stdin_custom`.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_set_random_custom(
    config: Option<&mut wasi_config_t>,
    callback: Option<unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> c_int>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    guard_some(|| {
        let data = Finalizer::new(data, finalizer);
        let fill = callback?;
        config?.config_mut().random(Box::new(CustomRandom { fill, data }));
        Some(())
    });
}

/// Gives the guest a listening TCP socket to accept connections from, as its next descriptor after the directories and
/// sockets given before, and makes it non-blocking. True: the configuration has taken the descriptor over. False: it is no
/// such socket, and stays the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_wasi_config_preopen_listener(config: Option<&mut wasi_config_t>, socket: c_int) -> bool {
    guard_some(|| {
        let config = config.filter(|_| socket >= 0)?.config_mut();
        // SAFETY: an open descriptor that the caller hands over; what is not taken over is let go without being closed.
        let listener = unsafe { TcpListener::from_raw_fd(socket) };
        if listener.local_addr().is_err() || listener.set_nonblocking(true).is_err() {
            let _ = listener.into_raw_fd();
            return Some(false);
        }
        Some(config.preopen_listener(listener).is_ok())
    })
}

/// Gives the guest a connected TCP socket; otherwise as `tenon_wasi_config_preopen_listener`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_wasi_config_preopen_connection(config: Option<&mut wasi_config_t>, socket: c_int) -> bool {
    guard_some(|| {
        let config = config.filter(|_| socket >= 0)?.config_mut();
        // SAFETY: as in `tenon_wasi_config_preopen_listener`.
        let stream = unsafe { TcpStream::from_raw_fd(socket) };
        if stream.peer_addr().is_err() || stream.set_nonblocking(true).is_err() {
            let _ = stream.into_raw_fd();
            return Some(false);
        }
        Some(config.preopen_stream(stream).is_ok())
    })
}

/// Replaces all limits.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_set_limits(config: Option<&mut wasi_config_t>, limits: Option<&tenon_wasi_limits_t>) {
    guard_some(|| {
        let given = limits?;
        let or = |value: u32, otherwise: u32| if value == 0 { otherwise } else { value };
        let usual = Limits::default();
        config?.config_mut().limits(Limits {
            descriptors: or(given.descriptors, usual.descriptors),
            path_bytes: or(given.path_bytes, usual.path_bytes),
            dir_entries: or(given.dir_entries, usual.dir_entries),
        });
        Some(())
    });
}

/// Whether a bad pointer is an error number (`fault`) to the guest; by default it is the guest's end.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_wasi_config_set_faults_as_errno(config: Option<&mut wasi_config_t>, enable: CBool) {
    change(config, |c| c.faults_as_errno(truth(enable)));
}

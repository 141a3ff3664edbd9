//! A guest that waits in WASI is stopped soon, by an interruption or by the epoch's deadline.

#[path = "support/paths/mod.rs"]
#[allow(dead_code)] // of the path tests, only their guest is used here
mod paths;

use paths::guest::Guest;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tenon::runtime::EpochUpdate;
use tenon::base::TrapCode;
use tenon::wasi::{Config, Perms};

/// What is promised on an idle machine is 10 ms; this is for the busy ones that tests run on.
const BOUND: Duration = Duration::from_secs(1);
const ROUNDS: usize = 25;

/// A way to wait: what the guest is given, and the call that does not return.
struct Wait {
    name: &'static str,
    configure: fn(&mut Config, &Fixture),
    call: fn(&mut Guest) -> Result<u16, tenon::base::Error>,
}

/// Things outside that stay silent.
struct Fixture {
    dir: PathBuf,
    _peers: Vec<TcpStream>,
    listener: TcpListener,
    connection: TcpStream,
}

impl Fixture {
    fn new() -> Fixture {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tenon-waits-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir(&dir).expect("a scratch directory");
        assert!(std::process::Command::new("mkfifo").arg(dir.join("pipe")).status().expect("mkfifo").success());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let other = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let peer = TcpStream::connect(other.local_addr().expect("bound")).expect("a connection");
        let connection = other.accept().expect("a connection").0;
        Fixture { dir, _peers: vec![peer], listener, connection }
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

const OUT: u64 = 512;

/// Puts a list of one buffer of 64 KiB.
fn vec(guest: &Guest) -> u64 {
    guest.put(1024, &[(1u32 << 17).to_le_bytes(), (1u32 << 16).to_le_bytes()].concat());
    1024
}

/// Opens the pipe, to read and write: so it has a writer, who writes nothing.
fn pipe(guest: &mut Guest) -> u64 {
    guest.put(4096, b"pipe");
    assert_eq!(guest.call("path_open", &[3, 0, 4096, 4, 0, 2 | 64, u64::MAX, 0, OUT]).expect("a call"), 0);
    u32::from_le_bytes(guest.get(OUT as u32, 4).try_into().expect("4 bytes")).into()
}

fn in_dir(config: &mut Config, fixture: &Fixture) {
    config.preopen_dir(&fixture.dir, "/", Perms::READ_WRITE).expect("a directory");
}

fn subscription(guest: &Guest, kind: u8, rest: &[u8]) {
    let mut bytes = [0; 48];
    bytes[8] = kind;
    bytes[16..16 + rest.len()].copy_from_slice(rest);
    guest.put(2048, &bytes);
}

const WAITS: &[Wait] = &[
    Wait {
        name: "sleep",
        configure: |_, _| {},
        call: |g| {
            // The monotonic clock, for ever.
            subscription(g, 0, &[&1u64.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat());
            g.call("poll_oneoff", &[2048, 4096, 1, OUT])
        },
    },
    Wait {
        name: "poll",
        configure: in_dir,
        call: |g| {
            let fd = pipe(g);
            subscription(g, 1, &(fd as u32).to_le_bytes());
            g.call("poll_oneoff", &[2048, 4096, 1, OUT])
        },
    },
    Wait {
        name: "read",
        configure: in_dir,
        call: |g| {
            let (fd, vec) = (pipe(g), vec(g));
            g.call("fd_read", &[fd, vec, 1, OUT])
        },
    },
    Wait {
        name: "write",
        configure: in_dir,
        call: |g| {
            let (fd, vec) = (pipe(g), vec(g));
            loop {
                let errno = g.call("fd_write", &[fd, vec, 1, OUT])?;
                assert_eq!(errno, 0, "until the pipe is full");
            }
        },
    },
    Wait {
        name: "accept",
        configure: |c, f| c.preopen_listener(f.listener.try_clone().expect("a socket")).expect("a listener"),
        call: |g| g.call("sock_accept", &[3, 0, OUT]),
    },
    Wait {
        name: "receive",
        configure: |c, f| c.preopen_stream(f.connection.try_clone().expect("a socket")).expect("a connection"),
        call: |g| {
            let vec = vec(g);
            g.call("sock_recv", &[3, vec, 1, 0, OUT, OUT + 8])
        },
    },
    Wait {
        name: "input",
        configure: |c, _| {
            let nothing = |_: &mut [u8]| Err(std::io::ErrorKind::WouldBlock.into());
            c.stdin_custom(Box::new(nothing));
        },
        call: |g| {
            let vec = vec(g);
            g.call("fd_read", &[0, vec, 1, OUT])
        },
    },
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stop {
    Interrupt,
    Epoch,
}

/// From the request to stop until the guest's call is over.
fn time_to_stop(wait: &Wait, fixture: &Fixture, stop: Stop) -> Duration {
    let mut config = Config::new();
    (wait.configure)(&mut config, fixture);
    let mut guest = Guest::with_epochs(Arc::new(config.build().expect("a context")));
    guest.store.set_epoch_deadline(1);
    let (engine, interrupt) = (guest.store.engine().clone(), guest.store.interrupt_handle());
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(12));
        let at = Instant::now();
        match stop {
            Stop::Interrupt => interrupt.trigger(),
            Stop::Epoch => engine.increment_epoch(),
        }
        at
    });
    let error = (wait.call)(&mut guest).map(|e| panic!("{}: error {e}", wait.name)).unwrap_or_else(|e| e);
    let over = Instant::now();
    assert_eq!(error.trap_code(), Some(TrapCode::Interrupt), "{}: {error}", wait.name);
    over - stopper.join().expect("the other thread")
}

#[test]
fn every_wait_ends_soon() {
    for wait in WAITS {
        for stop in [Stop::Interrupt, Stop::Epoch] {
            let fixture = Fixture::new();
            let mut times: Vec<_> = (0..ROUNDS).map(|_| time_to_stop(wait, &fixture, stop)).collect();
            times.sort();
            let (median, worst) = (times[ROUNDS / 2], times[ROUNDS - 1]);
            println!("{:<8} {stop:?}: median {median:?}, worst of {ROUNDS} {worst:?}", wait.name);
            assert!(median < BOUND, "{} {stop:?}: {times:?}", wait.name);
        }
    }
}

/// A callback may grant more time, and then the wait goes on.
#[test]
fn the_epoch_callback_is_asked_while_the_guest_waits() {
    let mut guest = Guest::with_epochs(Arc::new(Config::new().build().expect("a context")));
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    guest.store.set_epoch_deadline(1);
    guest.store.set_epoch_callback(Some(Box::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(EpochUpdate::Continue(1_000_000))
    })));
    guest.store.engine().increment_epoch();
    subscription(&guest, 0, &[&1u64.to_le_bytes()[..], &30_000_000u64.to_le_bytes()].concat());
    let began = Instant::now();
    assert_eq!(guest.call("poll_oneoff", &[2048, 4096, 1, OUT]).expect("a whole sleep"), 0);
    assert!(began.elapsed() >= Duration::from_millis(30));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

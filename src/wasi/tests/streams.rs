use super::*;

#[test]
fn by_default_input_ends_and_output_goes_nowhere() {
    let mut w = World::new(Config::new());
    assert_eq!(w.read(0, 9), Ok("".into()));
    assert_eq!(w.write(1, "x"), Ok(1));
    assert_eq!(w.write(2, "x"), Ok(1));
    assert_eq!(w.write(0, "x"), Err(Errno::BadF));
    assert_eq!(w.read(1, 9), Err(Errno::BadF));
    assert_eq!(w.seek(1, 0, 1), Err(Errno::SPipe));
    assert_eq!(w.tell(0), Err(Errno::SPipe));
    assert_eq!(w.pwrite(1, "x", 0), Err(Errno::SPipe));
    assert_eq!(w.fdstat(1).unwrap().0, 0);
    assert_eq!(w.fdstat(1).unwrap().2 & (rights::FD_READ | rights::FD_SEEK | rights::FD_WRITE), rights::FD_WRITE);
    let out = w.alloc(64);
    assert_eq!(w.call("fd_filestat_get", &[1, out.into()]), Ok(()));
    assert_eq!(w.call("fd_filestat_set_size", &[1, 0]), Err(Errno::BadF));
    assert_eq!(w.read(3, 1), Err(Errno::BadF));
}

#[test]
fn bytes_come_in_once() {
    let mut config = Config::new();
    config.stdin_bytes(b"hello".to_vec());
    let mut w = World::new(config);
    assert_eq!(w.read(0, 3), Ok("hel".into()));
    assert_eq!(w.read(0, 0), Ok("".into()));
    assert_eq!(w.read(0, 9), Ok("lo".into()));
    assert_eq!(w.read(0, 9), Ok("".into()));
}

#[test]
fn callbacks_get_all_bytes_in_order() {
    let (out, err) = (Capture::default(), Capture::default());
    let mut config = Config::new();
    config.stdout_custom(out.stream());
    config.stderr_custom(err.stream());
    let mut w = World::new(config);
    let long = "0123456789".repeat(1500);
    assert_eq!(w.write(1, &long), Ok(15_000));
    assert_eq!(w.write(2, "oops"), Ok(4));
    assert_eq!(out.text(), long);
    assert_eq!(err.text(), "oops");
}

#[test]
fn callbacks_may_take_less_or_fail() {
    let mut config = Config::new();
    config.stdout_custom(Box::new(|b: &[u8]| Ok(b.len().min(3))));
    config.stderr_custom(Box::new(|_: &[u8]| Err(std::io::Error::from_raw_os_error(28))));
    let mut w = World::new(config);
    assert_eq!(w.write(1, "abcdef"), Ok(3));
    assert_eq!(w.write(2, "abc"), Err(Errno::NoSpc));
    // One that claims more than it was given is not believed.
    let mut config = Config::new();
    config.stdout_custom(Box::new(|_: &[u8]| Ok(1000)));
    assert_eq!(World::new(config).write(1, "abc"), Ok(3));
}

#[test]
fn custom_input() {
    struct Ones;
    impl crate::wasi::InputStream for Ones {
        fn read(&self, out: &mut [u8]) -> std::io::Result<usize> {
            out.fill(b'1');
            Ok(out.len() + 5)
        }
    }
    let mut config = Config::new();
    config.stdin_custom(Box::new(Ones));
    assert_eq!(World::new(config).read(0, 4), Ok("1111".into()));
}

#[test]
fn files_stand_in_for_streams() {
    let dir = TempDir::new();
    dir.write("in", "input");
    dir.write("out", "old");
    let mut config = Config::new();
    config.stdin_file(dir.path().join("in")).unwrap();
    config.stdout_file(dir.path().join("out")).unwrap();
    config.stderr_file(dir.path().join("err")).unwrap();
    assert!(config.stdin_file(dir.path().join("missing")).is_err());
    assert!(config.stdout_file(dir.path().join("no/such")).is_err());
    let mut w = World::new(config);
    assert_eq!(w.read(0, 99), Ok("input".into()));
    assert_eq!(w.write(1, "output"), Ok(6));
    assert_eq!(w.write(2, "error"), Ok(5));
    assert_eq!(dir.read("out"), "output");
    assert_eq!(dir.read("err"), "error");
    assert_eq!(w.fdstat(1).unwrap().0, 4);
    assert_eq!(w.call("fd_filestat_set_size", &[1, 0]), Err(Errno::Perm), "the file is the host's");
    assert_eq!(w.call("fd_filestat_set_times", &[1, 0, 0, 10]), Err(Errno::Perm));
    assert_eq!(w.read(1, 1), Err(Errno::BadF));
}

#[test]
fn closed_streams_are_closed() {
    let mut w = World::new(Config::new());
    assert_eq!(w.close(1), Ok(()));
    assert_eq!(w.write(1, "x"), Err(Errno::BadF));
    assert_eq!(w.call("fd_renumber", &[2, 1]), Err(Errno::BadF));
}

#[test]
fn a_slow_write_does_not_hold_up_others() {
    let (entered, begun) = std::sync::mpsc::channel();
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let (entered, gate) = (Mutex::new(entered), Mutex::new(gate));
    let mut config = Config::new();
    config.stdout_custom(Box::new(move |b: &[u8]| {
        entered.lock().send(()).unwrap();
        gate.lock().recv().unwrap();
        Ok(b.len())
    }));
    let ctx = Arc::new(config.build().unwrap());
    let mut slow = World::share(ctx.clone());
    let mut other = World::share(ctx);
    let thread = std::thread::spawn(move || slow.write(1, "x"));
    begun.recv().unwrap();
    assert_eq!(other.write(2, "y"), Ok(1));
    assert_eq!(other.close(1), Ok(()), "while it is being written to");
    go.send(()).unwrap();
    assert_eq!(thread.join().unwrap(), Ok(1));
}

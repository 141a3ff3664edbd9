use super::*;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn listening() -> (World, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut config = Config::new();
    config.preopen_listener(listener).unwrap();
    (World::new(config), address)
}

impl World {
    fn accept(&mut self, fd: u32, flags: u64) -> Result<u32, Errno> {
        let out = self.alloc(4);
        self.call("sock_accept", &[fd.into(), flags, out.into()])?;
        Ok(self.u32_at(out))
    }

    fn recv(&mut self, fd: u32, room: u32, flags: u64) -> Result<String, Errno> {
        let (at, out) = (self.alloc(room as usize), self.alloc(8));
        let vec = self.iovec(at, room);
        self.call("sock_recv", &[fd.into(), vec, 1, flags, out.into(), (out + 4).into()])?;
        let n = self.u32_at(out) as usize;
        Ok(String::from_utf8(self.bytes(at, n).to_vec()).unwrap())
    }

    fn send(&mut self, fd: u32, text: &str) -> Result<u32, Errno> {
        let (at, out) = (self.put(text.as_bytes()), self.alloc(4));
        let vec = self.iovec(at, text.len() as u32);
        self.call("sock_send", &[fd.into(), vec, 1, 0, out.into()])?;
        Ok(self.u32_at(out))
    }
}

#[test]
fn accept_and_talk() {
    let (mut w, address) = listening();
    assert_eq!(w.fdstat(ROOT).unwrap().0, 6);
    assert_eq!(w.call("fd_fdstat_set_flags", &[ROOT.into(), fdflags::NONBLOCK.into()]), Ok(()));
    assert_eq!(w.accept(ROOT, 0), Err(Errno::Again));
    assert_eq!(w.call("fd_fdstat_set_flags", &[ROOT.into(), 0]), Ok(()));
    let mut peer = TcpStream::connect(address).unwrap();
    let fd = w.accept(ROOT, 0).unwrap();
    assert_eq!(fd, 4);
    peer.write_all(b"hello").unwrap();
    assert_eq!(w.recv(fd, 2, 1), Ok("he".into()), "peek");
    let late = std::thread::spawn({
        let mut peer = peer.try_clone().unwrap();
        move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            peer.write_all(b" you").unwrap();
        }
    });
    assert_eq!(w.recv(fd, 9, 2), Ok("hello you".into()), "wait for all");
    late.join().unwrap();
    assert_eq!(w.send(fd, "hi "), Ok(3));
    assert_eq!(w.write(fd, "there"), Ok(5));
    assert_eq!(w.seek(fd, 0, 1), Err(Errno::SPipe));
    assert_eq!(w.call("sock_shutdown", &[fd.into(), 2]), Ok(()));
    let mut text = String::new();
    peer.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hi there");
    assert_eq!(w.write(fd, "x"), Err(Errno::Pipe), "and no signal");
    drop(peer);
    assert_eq!(w.read(fd, 9), Ok("".into()));
}

#[test]
fn connections_can_be_given() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut config = Config::new();
    config.preopen_stream(listener.accept().unwrap().0).unwrap();
    let mut w = World::new(config);
    peer.write_all(b"x").unwrap();
    assert_eq!(w.read(ROOT, 9), Ok("x".into()));
    let (at, out) = (w.alloc(9), w.alloc(8));
    let vec = w.iovec(at, 9);
    let waiting = w.try_call("sock_recv", &[ROOT.into(), vec, 1, 0, out.into(), (out + 4).into()], &|| true);
    assert_eq!(waiting, Err(Fail::Interrupted));
}

#[test]
fn what_is_no_socket() {
    let dir = TempDir::new();
    let mut w = World::in_dir(&dir, Perms::READ_WRITE);
    let file = w.open(ROOT, "a", Open::CREATE).unwrap();
    for fd in [0, 1, ROOT, file] {
        assert_eq!(w.accept(fd, 0), Err(Errno::NotSock));
        assert_eq!(w.recv(fd, 1, 0), Err(Errno::NotSock));
        assert_eq!(w.send(fd, "x"), Err(Errno::NotSock));
        assert_eq!(w.call("sock_shutdown", &[fd.into(), 1]), Err(Errno::NotSock));
    }
    assert_eq!(w.accept(99, 0), Err(Errno::BadF));
    assert_eq!(w.call("sock_shutdown", &[99, 1]), Err(Errno::BadF));
}

#[test]
fn what_no_socket_does() {
    let (mut w, address) = listening();
    assert_eq!(w.recv(ROOT, 1, 0), Err(Errno::NotConn));
    assert_eq!(w.call("sock_shutdown", &[ROOT.into(), 1]), Err(Errno::NotConn));
    assert_eq!(w.read(ROOT, 1), Err(Errno::BadF));
    let _peer = TcpStream::connect(address).unwrap();
    let fd = w.accept(ROOT, 0).unwrap();
    assert_eq!(w.accept(fd, 0), Err(Errno::Inval));
    assert_eq!(w.call("sock_shutdown", &[fd.into(), 0]), Err(Errno::Inval));
    assert_eq!(w.call("sock_shutdown", &[fd.into(), 4]), Err(Errno::Inval));
    assert_eq!(w.recv(fd, 1, 4), Err(Errno::Inval));
    assert_eq!(w.accept(ROOT, 1), Err(Errno::Inval));
}

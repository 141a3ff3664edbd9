use super::*;
use crate::wasi::Clock;

impl World {
    fn strings(&mut self, sizes: &str, get: &str) -> Vec<String> {
        let out = self.alloc(8);
        self.call(sizes, &[out.into(), (out + 4).into()]).unwrap();
        let (count, size) = (self.u32_at(out), self.u32_at(out + 4));
        let (pointers, bytes) = (self.alloc(count as usize * 4), self.alloc(size as usize));
        self.call(get, &[pointers.into(), bytes.into()]).unwrap();
        (0..count)
            .map(|i| {
                let at = self.u32_at(pointers + i * 4) as usize;
                let len = self.mem[at..].iter().position(|b| *b == 0).unwrap();
                String::from_utf8(self.mem[at..at + len].to_vec()).unwrap()
            })
            .collect()
    }
}

#[test]
fn arguments_and_variables() {
    let mut config = Config::new();
    config.set_args(["prog", "", "an argument"]).unwrap();
    config.set_env([("A", "1"), ("EMPTY", "")]).unwrap();
    assert!(config.set_args(["a\0b"]).is_err());
    assert!(config.set_env([("a", "\0")]).is_err());
    let mut w = World::new(config);
    assert_eq!(w.strings("args_sizes_get", "args_get"), ["prog", "", "an argument"]);
    assert_eq!(w.strings("environ_sizes_get", "environ_get"), ["A=1", "EMPTY="]);
    let end = MEMORY as u64 - 4;
    assert!(matches!(w.try_call("args_get", &[0, end], &|| false), Err(Fail::Fault(_))));
    let mut w = World::new(Config::new());
    assert!(w.strings("args_sizes_get", "args_get").is_empty());
}

#[test]
fn clocks() {
    let mut w = World::new(Config::new());
    let out = w.alloc(8);
    let mut time = |id: u64| {
        w.call("clock_time_get", &[id, 1, out.into()])?;
        Ok(w.u64_at(out))
    };
    assert!(time(0).unwrap() > 1_600_000_000_000_000_000);
    let first = time(1).unwrap();
    assert!(first < 60_000_000_000, "starts with the guest");
    assert!(time(1).unwrap() >= first);
    assert_eq!(time(2), Err(Errno::Inval));
    assert_eq!(time(99), Err(Errno::Inval));
    for id in [0, 1] {
        w.call("clock_res_get", &[id, out.into()]).unwrap();
        assert!(w.u64_at(out) > 0);
    }
    assert_eq!(w.call("clock_res_get", &[4, out.into()]), Err(Errno::Inval));
}

#[test]
fn clocks_can_be_replaced() {
    struct Fixed;
    impl Clock for Fixed {
        fn realtime(&self) -> u64 {
            1
        }
        fn monotonic(&self) -> u64 {
            2
        }
        fn realtime_resolution(&self) -> u64 {
            3
        }
        fn monotonic_resolution(&self) -> u64 {
            4
        }
    }
    let mut config = Config::new();
    config.clock(Box::new(Fixed));
    let mut w = World::new(config);
    let out = w.alloc(8);
    w.call("clock_time_get", &[1, 0, out.into()]).unwrap();
    assert_eq!(w.u64_at(out), 2);
    w.call("clock_res_get", &[0, out.into()]).unwrap();
    assert_eq!(w.u64_at(out), 3);
}

#[test]
fn random_bytes() {
    let mut w = World::new(Config::new());
    let at = w.alloc(65_536);
    w.call("random_get", &[at.into(), 65_536]).unwrap();
    let zeroes = w.bytes(at, 65_536).iter().filter(|b| **b == 0).count();
    assert!(zeroes < 1000, "{zeroes} zeroes");
    assert_eq!(w.call("random_get", &[at.into(), 0]), Ok(()));
    let wild = w.try_call("random_get", &[at.into(), u32::MAX.into()], &|| false);
    assert!(matches!(wild, Err(Fail::Fault(_))));
    let mut config = Config::new();
    config.random(Box::new(|out: &mut [u8]| {
        out.fill(7);
        Ok(())
    }));
    let mut w = World::new(config);
    w.call("random_get", &[at.into(), 2000]).unwrap();
    assert!(w.bytes(at, 2000).iter().all(|b| *b == 7));
    assert_eq!(w.bytes(at + 2000, 1), [0]);
    let mut config = Config::new();
    config.random(Box::new(|_: &mut [u8]| Err(std::io::Error::other("dry"))));
    assert_eq!(World::new(config).call("random_get", &[0, 1]), Err(Errno::Io));
}

#[test]
fn leaving() {
    let mut w = World::new(Config::new());
    assert_eq!(w.try_call("proc_exit", &[33], &|| false), Err(Fail::Exit(33)));
    assert_eq!(w.call("proc_raise", &[9]), Err(Errno::NotSup));
    assert_eq!(w.call("sched_yield", &[]), Ok(()));
}

//! One way to run a suite: engine settings, kind of store, form of host calls. A matrix of suites and setups is a
//! list of these.

use tenon::layout::{MemoryMode, Tunables};
use tenon::runtime::{Config, Engine, Store};
use tenon::wasm::Features;

/// How host functions are served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostCalls {
    /// As callbacks on the guest's stack.
    Callback,
    /// By suspending the guest, which runs on a private stack.
    Yield,
}

/// Where the code that runs comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    Compiled,
    /// Compiled, serialised, loaded back.
    Image,
}

#[derive(Clone, Debug)]
pub struct Setup {
    /// Names the setup in messages and its list of known failures.
    pub name: &'static str,
    pub config: Config,
    pub host_calls: HostCalls,
    pub source: Source,
    pub shared_store: bool,
}

impl Setup {
    /// What an embedder gets without asking for anything.
    pub fn plain(features: Features) -> Setup {
        let config = Config { features, ..Config::default() };
        Setup { name: "plain", config, host_calls: HostCalls::Callback, source: Source::Compiled, shared_store: false }
    }

    fn tuned(name: &'static str, features: Features, change: impl FnOnce(&mut Tunables)) -> Setup {
        let mut setup = Setup { name, ..Setup::plain(features) };
        change(&mut setup.config.tunables);
        setup
    }

    /// Every setup but the plain one, each with one thing changed.
    pub fn matrix(features: Features) -> Vec<Setup> {
        let plain = Setup::plain(features);
        vec![
            Setup::tuned("explicit", features, |t| t.memory_mode = MemoryMode::Explicit),
            Setup { config: Config { gc_stress: true, ..plain.config.clone() }, name: "gc-stress", ..plain.clone() },
            Setup::tuned("unoptimised", features, |t| t.opt_level = 0),
            Setup::tuned("no-inlining", features, |t| t.inlining = false),
            Setup::tuned("fuel", features, |t| t.fuel = true),
            Setup::tuned("epochs", features, |t| t.epochs = true),
            Setup { name: "image", source: Source::Image, ..plain.clone() },
            Setup { name: "yield", host_calls: HostCalls::Yield, ..plain.clone() },
            Setup { name: "shared", shared_store: true, host_calls: HostCalls::Yield, ..plain },
        ]
    }

    /// A store in which the suites' longest test has fuel and time enough.
    pub fn store(&self, engine: &Engine) -> Store {
        let store = if self.shared_store { Store::new_shared(engine) } else { Store::new(engine) };
        if self.config.tunables.fuel {
            store.set_fuel(1 << 60).expect("fuel is configured");
        }
        if self.config.tunables.epochs {
            store.set_epoch_deadline(1 << 40);
        }
        store
    }
}

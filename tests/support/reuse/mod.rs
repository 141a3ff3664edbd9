//! Tenants that follow each other in the same places: each writes secrets wherever it can, and looks for what another
//! left, at the start, after growth and past its end.

mod shape;

use crate::differential::Rng;
use shape::{PAGE, Shape};
use tenon::base::{Result as TenonResult, TrapCode};
use tenon::layout::MemoryMode;
use tenon::runtime::{Config, Engine, Extern, Instance, Module, Pool, Store, Val};
use tenon::wasm::text;

/// Modules of a case, and tenants that come one after the other.
const SHAPES: usize = 4;
const TENANTS: usize = 12;

pub struct Machine {
    engines: Vec<(&'static str, Engine)>,
    pub tenants: u64,
    pub grew: u64,
    pub trapped: u64,
}

fn engines() -> Vec<(&'static str, Engine)> {
    let changes: [(&'static str, fn(&mut Config)); 5] = [
        ("plain", |_| {}),
        ("explicit", |c| c.tunables.memory_mode = MemoryMode::Explicit),
        ("eager", |c| c.memory_init_cow = false),
        ("pool", |c| c.pool = Some(Pool { tables_per_module: 2, ..Pool::default() })),
        ("in place", |c| (c.tunables.memory_mode, c.memory_may_move) = (MemoryMode::Explicit, false)),
    ];
    let engine = |change: fn(&mut Config)| {
        let mut config = Config { parallel_compilation: false, gc_heap_reservation: 8 << 20, ..Config::default() };
        change(&mut config);
        Engine::new(&config).expect("an engine")
    };
    changes.into_iter().map(|(name, change)| (name, engine(change))).collect()
}

/// One user of a place.
struct Tenant<'s> {
    shape: &'s Shape,
    store: Store,
    instance: Instance,
}

impl Machine {
    pub fn new() -> Machine {
        Machine { engines: engines(), tenants: 0, grew: 0, trapped: 0 }
    }

    /// Some modules, and tenants in a row on one engine; a few stay while others come and go.
    pub fn case(&mut self, seed: u64) -> Result<(), String> {
        let repeat = |fault: String| format!("{fault}, repeat: TENON_FUZZ_SEED={seed} TENON_FUZZ_RUNS=1 cargo test --test fuzz reused");
        self.check(&mut Rng::new(seed)).map_err(repeat)
    }

    /// As [`Machine::case`], with everything chosen by `rng`.
    pub fn check(&mut self, rng: &mut Rng) -> Result<(), String> {
        let (name, engine) = rng.pick(&self.engines).clone();
        let shapes: Vec<Shape> = (0..SHAPES).map(|_| Shape::new(rng)).collect();
        let module = |s: &Shape| text::parse(s.text().as_bytes()).and_then(|wasm| Module::new(&engine, &wasm));
        let modules: TenonResult<Vec<Module>> = shapes.iter().map(module).collect();
        let modules = modules.map_err(|e| format!("{name}: {e}"))?;
        let mut staying = Vec::new();
        for number in 0..TENANTS {
            let which = rng.below(SHAPES as u64) as usize;
            self.tenants += 1;
            let tenant = Tenant::new(&engine, &shapes[which], &modules[which]).map_err(|f| format!("{name}, tenant {number}: {f}"))?;
            let Some(tenant) = tenant else { continue };
            self.life(rng, &tenant).map_err(|f| format!("{name}, tenant {number}: {f}"))?;
            if rng.chance(25) && staying.len() < 3 {
                staying.push(tenant);
            }
        }
        Ok(())
    }

    fn life(&mut self, rng: &mut Rng, tenant: &Tenant<'_>) -> Result<(), String> {
        tenant.look()?;
        if rng.chance(50) {
            tenant.call("soil", &[])?;
        }
        for _ in 0..rng.below(3) {
            self.grew += 1;
            tenant.grow(rng)?;
        }
        if rng.chance(80) {
            tenant.call("soil", &[])?;
        }
        if rng.chance(40) {
            self.trapped += 1;
            let ended = tenant.call("trap", &[Val::I32(rng.below(2) as i32)]);
            ended.err().ok_or("a trap was expected")?;
        }
        Ok(())
    }
}

impl<'s> Tenant<'s> {
    /// `None` if the module's last segment does not fit.
    fn new(engine: &Engine, shape: &'s Shape, module: &Module) -> Result<Option<Tenant<'s>>, String> {
        let store = Store::new(engine);
        match Instance::new(&store, module, &[]) {
            Ok(_) if shape.broken => Err("a segment that does not fit was accepted".into()),
            Ok(instance) => Ok(Some(Tenant { shape, store, instance })),
            Err(e) if shape.broken && e.trap_code() == Some(TrapCode::MemoryOutOfBounds) => Ok(None),
            Err(e) => Err(e.to_string()),
        }
    }

    fn call(&self, name: &str, args: &[Val]) -> Result<i64, String> {
        let func = self.instance.func(&self.store, name).ok_or("no such function")?;
        let mut results = vec![Val::I64(0); func.ty(&self.store).results.len()];
        func.call(&self.store, args, &mut results).map_err(|e| format!("{name}: {:?} {e}", e.trap_code()))?;
        Ok(results.first().map_or(0, |v| v.i64().or(v.i32().map(i64::from)).unwrap_or(-1)))
    }

    fn bytes(&self) -> Vec<u8> {
        let memory = self.instance.memory("m").expect("m");
        let mut bytes = vec![0; memory.data_size()];
        memory.read(0, &mut bytes).expect("the whole memory can be read");
        bytes
    }

    /// Which elements of a table are there.
    fn elements(&self, name: &str) -> Vec<bool> {
        let Some(Extern::Table(table)) = self.instance.export(&self.store, name) else { panic!("no table {name}") };
        let null = |v: Val| matches!(v, Val::FuncRef(None) | Val::AnyRef(None));
        (0..table.size()).map(|i| !null(table.get(&self.store, i).expect("an element"))).collect()
    }

    fn global(&self, name: &str) -> Val {
        let Some(Extern::Global(global)) = self.instance.export(&self.store, name) else { panic!("no global {name}") };
        global.get(&self.store)
    }

    /// Everything is as the module says.
    fn look(&self) -> Result<(), String> {
        let [a, b, c] = self.shape.globals;
        let wide = u128::from(c) << 64 | u128::from(b);
        same_bytes(&self.bytes(), &self.shape.memory())?;
        self.look_past_the_end()?;
        let faults = [
            (self.elements("t") != self.shape.elements, "the table of functions"),
            (self.elements("o") != vec![false; self.shape.objects], "the table of objects"),
            (!matches!(self.global("g0"), Val::I64(v) if v as u64 == a), "a global"),
            (!matches!(self.global("g1"), Val::V128(v) if v == wide), "a wide global"),
            (!matches!(self.global("g2"), Val::AnyRef(None)), "a global with a reference"),
            (self.call("fresh", &[])? != 0, "a new array or object"),
        ];
        let found = faults.iter().find(|(wrong, _)| *wrong);
        found.map_or(Ok(()), |(_, what)| Err(format!("{what} is not as the module says")))
    }

    /// A guest's access right behind its memory is a trap, however large the place was for another.
    fn look_past_the_end(&self) -> Result<(), String> {
        let end = self.instance.memory("m").expect("m").data_size() as i64;
        for at in [end, end + 1, end + PAGE as i64, end + 9 * PAGE as i64] {
            match self.call("peek", &[Val::I64(at)]) {
                Err(text) if text.contains("MemoryOutOfBounds") => {}
                other => return Err(format!("a byte at {at} of {end}: {other:?}")),
            }
        }
        Ok(())
    }

    /// What is new is empty, what was there stays.
    fn grow(&self, rng: &mut Rng) -> Result<(), String> {
        let before = (self.bytes(), self.elements("t"), self.elements("o"));
        let (pages, elements) = (rng.below(3), rng.below(60) as usize);
        let arg = if self.shape.memory64 { Val::I64(pages as i64) } else { Val::I32(pages as i32) };
        let fits = before.0.len() / PAGE + pages as usize <= self.shape.max;
        let expected = if fits { (before.0.len() / PAGE) as i64 } else { -1 };
        let found = self.call("grow", &[arg, Val::I32(elements as i32)])?;
        if found != expected {
            return Err(format!("growth by {pages} pages: {found} instead of {expected}"));
        }
        let mut bytes = before.0;
        bytes.resize(bytes.len() + if fits { pages as usize * PAGE } else { 0 }, 0);
        same_bytes(&self.bytes(), &bytes)?;
        self.look_past_the_end()?;
        for (name, mut expected) in [("t", before.1), ("o", before.2)] {
            if expected.len() + elements <= 200 {
                expected.resize(expected.len() + elements, false);
            }
            if self.elements(name) != expected {
                return Err(format!("table {name} is not as it was with nulls behind"));
            }
        }
        Ok(())
    }
}

fn same_bytes(found: &[u8], expected: &[u8]) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!("a memory of {} bytes instead of {}", found.len(), expected.len()));
    }
    let at = found.iter().zip(expected).position(|(a, b)| a != b);
    at.map_or(Ok(()), |at| Err(format!("byte {at:#x} of the memory is {:#x} instead of {:#x}", found[at], expected[at])))
}

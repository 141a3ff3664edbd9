//! Driving guest and model side by side.

use super::disk::Disk;
use super::guest::{Got, Guest};
use super::model::{Body, Id};
use super::ops::{Maker, Op};
use super::world::{Expected, Value, World};
use super::Rng;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Operations on one tree, before a new one is planted.
pub const EPISODE: usize = 1500;
/// How often the tree is compared with the disk.
const COMPARE: usize = 250;

/// A guest with its tree, and the model of both.
struct Pair {
    disk: Disk,
    world: World,
    guest: Guest,
}

impl Pair {
    fn new(chain: bool) -> Pair {
        let (disk, fs) = Disk::new(chain);
        let world = Disk::world(fs);
        let guest = Guest::new(disk.context());
        Pair { disk, world, guest }
    }

    fn step(&mut self, op: &Op, tally: &mut Tally) -> Result<(), String> {
        let expected = self.world.apply(op);
        let got = self.guest.run(op);
        tally.count(op, &got);
        judge(&mut self.world, expected, got).map_err(|why| format!("{op:?}: {why}"))
    }

    fn compare(&mut self) -> Result<(), String> {
        self.disk.check(&mut self.world)
    }
}

/// Variants of [`Op`].
const KINDS: usize = 26;

/// How often each operation succeeded and failed, by the error.
#[derive(Default)]
pub struct Tally(BTreeMap<String, BTreeMap<u16, usize>>);

impl Tally {
    fn count(&mut self, op: &Op, got: &Got) {
        let text = format!("{op:?}");
        let name = text.split([' ', '{']).next().unwrap_or_default().to_owned();
        *self.0.entry(name).or_default().entry(got.as_ref().err().copied().unwrap_or(0)).or_default() += 1;
    }

    /// How many operations were done.
    pub fn total(&self) -> u64 {
        self.0.values().flat_map(BTreeMap::values).sum::<usize>() as u64
    }

    /// How many kinds of operation have both succeeded and failed, of how many there are.
    pub fn both_ways(&self) -> (usize, usize) {
        let both = self.0.values().filter(|results| results.contains_key(&0) && results.len() > 1);
        (both.count(), KINDS)
    }

    /// Every operation has to have succeeded and failed often enough for the comparison to mean something.
    pub fn assert_balanced(&self) {
        for (name, results) in &self.0 {
            let (all, well): (usize, usize) = (results.values().sum(), results.get(&0).copied().unwrap_or(0));
            assert!(well * 50 > all, "{name} succeeded {well} times of {all}: {results:?}");
            assert!(well < all, "{name} never failed: {results:?}");
        }
        assert_eq!(self.0.len(), KINDS, "not every operation came up");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, results)| writeln!(f, "{name:<10} {results:?}"))
    }
}

/// Whether paths are resolved without the kernel's help. Then it matters what fails, but not with which number: when
/// several things are wrong, another one comes up first.
pub static WALKED_BY_HAND: AtomicBool = AtomicBool::new(false);

fn judge(world: &mut World, expected: Expected, got: Got) -> Result<(), String> {
    let fits = match (&expected, &got) {
        (Expected::Errors(_), Err(_)) if WALKED_BY_HAND.load(Relaxed) => true,
        (Expected::Whatever, _) => true,
        (Expected::Errors(list), Err(e)) => list.contains(e),
        (Expected::Value(v), Ok(w)) => v == w,
        (Expected::Stat(id), Ok(Value::Stat(_))) => return stat(world, *id, got),
        (Expected::List(id), Ok(Value::List(_))) => return list(world, *id, got),
        _ => false,
    };
    let wanted = match expected {
        Expected::Errors(list) => format!("an error of {list:?}"),
        Expected::Value(v) => format!("{v:?}"),
        Expected::Stat(id) => format!("the metadata of file {id}"),
        Expected::List(id) => format!("the entries of file {id}"),
        Expected::Whatever => String::new(),
    };
    if fits { Ok(()) } else { Err(format!("expected {wanted}, got {got:?}")) }
}

fn kind(body: &Body) -> u8 {
    match body {
        Body::Dir { .. } => 3,
        Body::File(_) => 4,
        Body::Link(_) => 7,
    }
}

fn stat(world: &mut World, id: Id, got: Got) -> Result<(), String> {
    let Ok(Value::Stat(s)) = got else { return Err("no metadata".into()) };
    world.same_ino(id, s.ino)?;
    let node = &world.fs.nodes[id];
    // Sizes and links of directories are the file system's own affair.
    let (links, size) = match &node.body {
        Body::Dir { .. } => (s.links, s.size),
        Body::File(data) => (node.links, data.len() as u64),
        Body::Link(target) => (node.links, target.len() as u64),
    };
    let accessed = node.accessed.filter(|_| !matches!(node.body, Body::Link(_))).unwrap_or(s.accessed);
    let modified = node.modified.unwrap_or(s.modified);
    let wanted = super::world::Stat { kind: kind(&node.body), links, size, accessed, modified, ino: s.ino };
    if s == wanted { Ok(()) } else { Err(format!("expected {wanted:?}, got {s:?}")) }
}

fn list(world: &mut World, id: Id, got: Got) -> Result<(), String> {
    let Ok(Value::List(found)) = got else { return Err("no list".into()) };
    let entries = world.fs.entries(id).map_err(|_| "no directory".to_owned())?.clone();
    let mut wanted: Vec<_> = entries.iter().map(|(n, i)| (n.clone(), kind(&world.fs.nodes[*i].body))).collect();
    wanted.extend([(b".".to_vec(), 3), (b"..".to_vec(), 3)]);
    wanted.sort();
    let listed: Vec<_> = found.iter().map(|(n, k, _)| (n.clone(), *k)).collect();
    if listed != wanted {
        let text = |l: &[(Vec<u8>, u8)]| l.iter().map(|(n, k)| format!("{}:{k}", n.escape_ascii())).collect::<Vec<_>>();
        return Err(format!("expected {:?}, got {:?}", text(&wanted), text(&listed)));
    }
    for (name, _, ino) in found {
        match entries.get(&name) {
            Some(entry) => world.same_ino(*entry, ino)?,
            None => world.same_ino(id, ino)?,
        }
    }
    Ok(())
}

/// What an episode did until something diverged.
struct Trouble {
    ops: Vec<Op>,
    why: String,
}

fn episode(rng: &mut Rng, chain: bool, count: usize, tally: &mut Tally) -> Result<(), Trouble> {
    let mut pair = Pair::new(chain);
    let mut ops = Vec::with_capacity(count);
    for i in 1..=count {
        let op = Maker { rng, world: &pair.world, from: 0 }.op();
        ops.push(op.clone());
        let mut result = pair.step(&op, tally);
        if result.is_ok() && (i % COMPARE == 0 || i == count) {
            result = pair.compare();
        }
        if let Err(why) = result {
            return Err(Trouble { ops, why });
        }
    }
    Ok(())
}

/// Replays operations; what diverges first, or in the end.
pub fn replay(ops: &[Op], chain: bool) -> Option<String> {
    let mut pair = Pair::new(chain);
    ops.iter().find_map(|op| pair.step(op, &mut Tally::default()).err()).or_else(|| pair.compare().err())
}

/// Leaves out what is not needed for a divergence.
fn shrink(trouble: Trouble, chain: bool) -> Trouble {
    let Trouble { mut ops, mut why } = trouble;
    let mut chunk = ops.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        while at < ops.len() {
            let mut fewer = ops.clone();
            fewer.drain(at..(at + chunk).min(ops.len()));
            match replay(&fewer, chain) {
                Some(now) => (ops, why) = (fewer, now),
                None => at += chunk,
            }
        }
        chunk /= 2;
    }
    Trouble { ops, why }
}

/// Does an episode's operations, made from `seed`. What diverges comes as the shortest sequence found.
pub fn case(seed: u64, tally: &mut Tally) -> Result<(), String> {
    // The walk by hand counts links in its own way.
    let chain = seed % 4 == 1 && !WALKED_BY_HAND.load(Relaxed);
    let mut rng = Rng(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
    let Err(trouble) = episode(&mut rng, chain, EPISODE, tally) else { return Ok(()) };
    let first = trouble.why.clone();
    let Trouble { ops, why } = shrink(trouble, chain);
    let steps: Vec<_> = ops.iter().map(|op| format!("  {op:?}\n")).collect();
    Err(format!("seed {seed}: {first}\nshortened to {why}\n{}", steps.concat()))
}

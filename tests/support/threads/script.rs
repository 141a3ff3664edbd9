//! What threads do: as a module, and as a model.

use crate::differential::Rng;
use std::fmt::Write;

pub const PAGE: usize = 1 << 16;
pub const MOST_PAGES: u64 = 8;

/// Where things stand. Cells take eight bytes each.
const CELLS: u32 = 64;
const CELL_COUNT: u64 = 24;
/// The lock is at 0.
const TURN: u32 = 8;
const TICKET: u32 = 16;
/// What each thread writes without a lock.
const OWN: u32 = 1024;
const OWN_BYTES: u32 = 256;
/// A byte for each ticket.
const MARKS: u32 = 8192;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One atomic operator, of those that commute with each other; which, by a number.
    Atomic { family: u64, bits: u32, long: bool },
    /// The same multiplication and addition by everybody, in a loop of compare and exchange.
    Exchange,
    /// Addition with plain accesses, behind the lock.
    Locked,
    /// Multiplication and addition with plain accesses, in turn.
    Turned,
}

enum Step {
    /// The cell, and which of its family's operators.
    Cell(usize, bool, u64),
    /// A number that nobody else gets, and its mark.
    Ticket,
    /// Adds to a number of the thread's own.
    Own(u32, u64),
}

pub struct Script {
    pub rounds: u32,
    cells: Vec<Kind>,
    /// Steps of a round and whether the thread grows the memory first.
    threads: Vec<(Vec<Step>, bool)>,
}

impl Kind {
    fn new(rng: &mut Rng) -> Kind {
        match rng.below(6) {
            0 => Kind::Exchange,
            1 => Kind::Locked,
            2 => Kind::Turned,
            _ => {
                let long = rng.chance(50);
                let bits = *rng.pick(if long { &[8, 16, 32, 64][..] } else { &[8, 16, 32][..] });
                Kind::Atomic { family: rng.below(4), bits, long }
            }
        }
    }
}

impl Script {
    pub fn new(rng: &mut Rng) -> Script {
        let cells: Vec<Kind> = (0..CELL_COUNT).map(|_| Kind::new(rng)).collect();
        let threads = 2 + rng.below(3);
        // Waiting for turns takes the longest.
        let rounds = 1 + rng.below(60) as u32;
        let threads = (0..threads).map(|_| ((0..4 + rng.below(12)).map(|_| step(rng, &cells)).collect(), rng.chance(40))).collect();
        Script { rounds, cells, threads }
    }

    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    /// Whose turn is how often in a round: each thread has one, in which it does all that is to be done in turn.
    fn turned(&self, thread: usize) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.threads[thread].0.iter().filter_map(move |step| match step {
            Step::Cell(cell, _, value) if self.cells[*cell] == Kind::Turned => Some((*cell, *value)),
            _ => None,
        })
    }

    pub fn text(&self) -> String {
        let mut text = String::from(HELPERS);
        for (number, (steps, grows)) in self.threads.iter().enumerate() {
            let _ = writeln!(text, "(func (export \"t{number}\") (param $n i32) (local $t i32) (local $x i64) (local $y i64)");
            if *grows {
                text += "  (i64.atomic.store (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)) (i64.const 1))\n";
            }
            let _ = write!(text, "  (local.set $t (i32.const {number}))\n  (loop $round\n");
            for step in steps {
                self.step_text(&mut text, number, step);
            }
            let _ = write!(text, "  (call $await (local.get $t))\n");
            for (cell, value) in self.turned(number) {
                let at = address(cell);
                let _ = write!(text, "  (i64.store (i32.const {at}) (i64.add (i64.mul (i64.load (i32.const {at})) (i64.const 31)) (i64.const {value})))\n");
            }
            let _ = write!(text, "  (call $next)\n  (local.set $t (i32.add (local.get $t) (i32.const {})))\n", self.threads());
            text += "  (br_if $round (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))\n";
        }
        text + ")"
    }

    fn step_text(&self, text: &mut String, thread: usize, step: &Step) {
        let _ = match *step {
            Step::Ticket => write!(text, "  (i32.store8 offset={MARKS} (i32.atomic.rmw.add (i32.const {TICKET}) (i32.const 1)) (i32.const 1))\n"),
            Step::Own(at, value) => {
                let at = OWN + OWN_BYTES * thread as u32 + at;
                write!(text, "  (i64.store (i32.const {at}) (i64.add (i64.load (i32.const {at})) (i64.const {value})))\n")
            }
            Step::Cell(cell, other, value) => {
                let at = address(cell);
                match self.cells[cell] {
                    Kind::Atomic { family, bits, long } => {
                        let (ty, whole) = if long { ("i64", 64) } else { ("i32", 32) };
                        let (width, ending) = if bits == whole { (String::new(), "") } else { (bits.to_string(), "_u") };
                        let value = if long { value } else { value & 0xffff_ffff };
                        write!(text, "  (drop ({ty}.atomic.rmw{width}.{}{ending} (i32.const {at}) ({ty}.const {value})))\n", name(family, other))
                    }
                    Kind::Exchange => write!(
                        text,
                        "  (local.set $x (i64.atomic.load (i32.const {at})))
  (loop $again
    (local.set $y (i64.atomic.rmw.cmpxchg (i32.const {at}) (local.get $x) (i64.add (i64.mul (local.get $x) (i64.const 3)) (i64.const 1))))
    (if (i64.ne (local.get $x) (local.get $y)) (then (local.set $x (local.get $y)) (br $again))))\n"
                    ),
                    Kind::Locked => write!(
                        text,
                        "  (call $lock) (i64.store (i32.const {at}) (i64.add (i64.load (i32.const {at})) (i64.const {value}))) (call $unlock)\n"
                    ),
                    Kind::Turned => Ok(()),
                }
            }
        };
    }

    /// What the memory must be at the end.
    pub fn memory(&self) -> Vec<u8> {
        let mut cells = vec![0_u64; self.cells.len()];
        let grown = self.threads.iter().filter(|(_, grows)| *grows).count();
        let mut memory = vec![0; PAGE * (1 + grown)];
        memory.chunks_exact_mut(PAGE).skip(1).for_each(|page| page[0] = 1);
        let mut tickets = 0;
        for _ in 0..self.rounds {
            for (number, (steps, _)) in self.threads.iter().enumerate() {
                for step in steps {
                    match *step {
                        Step::Ticket => {
                            memory[MARKS as usize + tickets] = 1;
                            tickets += 1;
                        }
                        Step::Own(at, value) => add(&mut memory, (OWN + OWN_BYTES * number as u32 + at) as usize, value),
                        Step::Cell(cell, other, value) => cells[cell] = self.cells[cell].after(cells[cell], other, value),
                    }
                }
                self.turned(number).for_each(|(cell, value)| cells[cell] = cells[cell].wrapping_mul(31).wrapping_add(value));
            }
        }
        cells.iter().enumerate().for_each(|(cell, value)| add(&mut memory, address(cell) as usize, *value));
        add(&mut memory, TICKET as usize, tickets as u64);
        add(&mut memory, TURN as usize, u64::from(self.rounds) * self.threads() as u64);
        memory
    }
}

impl Kind {
    /// What a step leaves in a cell; steps in turn come later.
    fn after(self, old: u64, other: bool, value: u64) -> u64 {
        match self {
            Kind::Atomic { family, bits, .. } => {
                let new = match name(family, other) {
                    "add" => old.wrapping_add(value),
                    "sub" => old.wrapping_sub(value),
                    "xor" => old ^ value,
                    _ => old | value,
                };
                new & u64::MAX >> (64 - bits)
            }
            Kind::Exchange => old.wrapping_mul(3).wrapping_add(1),
            Kind::Locked => old.wrapping_add(value),
            Kind::Turned => old,
        }
    }
}

/// Operators of one family commute.
fn name(family: u64, other: bool) -> &'static str {
    match (family, other) {
        (0 | 1, false) => "add",
        (0 | 1, true) => "sub",
        (2, _) => "xor",
        _ => "or",
    }
}

fn address(cell: usize) -> u32 {
    CELLS + 8 * cell as u32
}

fn step(rng: &mut Rng, cells: &[Kind]) -> Step {
    match rng.below(8) {
        0 => Step::Ticket,
        1 => Step::Own(8 * rng.below(u64::from(OWN_BYTES) / 8) as u32, rng.next()),
        _ => Step::Cell(rng.below(cells.len() as u64) as usize, rng.chance(50), rng.next()),
    }
}

fn add(memory: &mut [u8], at: usize, value: u64) {
    let place = &mut memory[at..at + 8];
    let old = u64::from_le_bytes(place.try_into().expect("eight bytes"));
    place.copy_from_slice(&old.wrapping_add(value).to_le_bytes());
}

/// A mutex of three states, and turns. Who waits in vain for long traps.
const HELPERS: &str = r#"(module
(import "" "memory" (memory 1 8 shared))
(func $wait (param $at i32) (param $seen i32)
  (if (i32.eq (memory.atomic.wait32 (local.get $at) (local.get $seen) (i64.const 20000000000)) (i32.const 2)) (then (unreachable))))
(func $lock (local $seen i32)
  (local.set $seen (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1)))
  (block $mine
    (loop $again
      (br_if $mine (i32.eqz (local.get $seen)))
      (local.set $seen (i32.atomic.rmw.xchg (i32.const 0) (i32.const 2)))
      (br_if $mine (i32.eqz (local.get $seen)))
      (call $wait (i32.const 0) (i32.const 2))
      (br $again))))
(func $unlock
  (if (i32.eq (i32.atomic.rmw.xchg (i32.const 0) (i32.const 0)) (i32.const 2))
    (then (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
(func $await (param $turn i32) (local $seen i32)
  (loop $again
    (local.set $seen (i32.atomic.load (i32.const 8)))
    (if (i32.ne (local.get $seen) (local.get $turn))
      (then (call $wait (i32.const 8) (local.get $seen)) (br $again)))))
(func $next
  (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
  (drop (memory.atomic.notify (i32.const 8) (i32.const -1))))
"#;

//! What the fuzz targets call: the machines of `tests/support`, with a fuzzer's bytes in place of random numbers. A fault is a
//! panic with the same words that the machine's test has for it.

#[path = "../../support/artifact.rs"]
pub mod artifact;
#[path = "../../support/campaign.rs"]
pub mod campaign;
#[path = "../../support/differential/mod.rs"]
pub mod differential;
#[path = "../../support/edits.rs"]
pub mod edits;
#[path = "../../support/operators/mod.rs"]
pub mod operators;
#[path = "../../support/parsers/mod.rs"]
pub mod parsers;
#[path = "../../support/paths/mod.rs"]
pub mod paths;
#[path = "../../support/reuse/mod.rs"]
pub mod reuse;
#[path = "../../support/setup.rs"]
pub mod setup;

use differential::{Hunt, Rng, Source};
use std::cell::RefCell;

/// Makes a machine once and lets it work on each input.
macro_rules! machine {
    ($new:expr, $type:ty, $work:expr) => {{
        thread_local!(static MACHINE: RefCell<$type> = RefCell::new($new));
        let work: fn(&mut $type, &[u8]) -> Result<(), String> = $work;
        move |bytes: &[u8]| MACHINE.with_borrow_mut(|machine| work(machine, bytes)).unwrap_or_else(|fault| panic!("{fault}"))
    }};
}

fn hunt(source: Source, bytes: &[u8]) {
    thread_local!(static HUNT: RefCell<Hunt> = RefCell::new(Hunt::new()));
    let found = HUNT.with_borrow_mut(|hunt| hunt.choose(source, Rng::from_bytes(bytes), &format!("fuzz-{}", source.name())));
    found.unwrap_or_else(|fault| panic!("{fault}"));
}

pub fn smith(bytes: &[u8]) {
    hunt(Source::Smith, bytes);
}

pub fn smith_gc(bytes: &[u8]) {
    hunt(Source::SmithGc, bytes);
}

pub fn biased(bytes: &[u8]) {
    hunt(Source::Biased, bytes);
}

pub fn objects(bytes: &[u8]) {
    hunt(Source::Objects, bytes);
}

pub fn operators(bytes: &[u8]) {
    machine!(operators::Machine::new(), operators::Machine, |machine, bytes| {
        let mut rng = Rng::from_bytes(bytes);
        let number = rng.below(machine.operators() as u64) as usize;
        machine.check(number, &mut rng, 2)
    })(bytes);
}

pub fn reuse(bytes: &[u8]) {
    machine!(reuse::Machine::new(), reuse::Machine, |machine, bytes| machine.check(&mut Rng::from_bytes(bytes)))(bytes);
}

/// Images: the bytes themselves, and as edits of an image that is right.
pub fn artifacts(bytes: &[u8]) {
    machine!(artifact::sample(), (tenon::compile::Compiler, tenon::image::Image), |(compiler, image), bytes| {
        edits::check_bytes(bytes.to_vec(), compiler.fingerprint())?;
        edits::check_bytes(edits::edited(image.as_bytes(), bytes), compiler.fingerprint())
    })(bytes);
}

pub fn binary(bytes: &[u8]) {
    machine!(parsers::Parsers::new(), parsers::Parsers, |machine, bytes| machine.binary(bytes))(bytes);
}

pub fn text(bytes: &[u8]) {
    machine!(parsers::Parsers::new(), parsers::Parsers, |machine, bytes| machine.text(bytes))(bytes);
}

/// An episode of the seed that the first eight bytes are.
pub fn paths(bytes: &[u8]) {
    machine!(paths::run::Tally::default(), paths::run::Tally, |tally, bytes| paths::run::case(Rng::from_bytes(bytes).next(), tally))(bytes);
}

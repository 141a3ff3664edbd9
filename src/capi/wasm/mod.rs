//! `wasm.h`: the standard C interface. Every object that belongs to a store holds a count on it, so that the
//! store can be deleted first.
#![allow(non_camel_case_types)]

pub mod bytes;
pub mod engine;
pub mod externs;
pub mod externtype;
pub mod foreign;
pub mod frame;
pub mod func;
pub mod functype;
pub mod global;
pub mod globaltype;
pub mod importtype;
pub mod instance;
pub mod memory;
pub mod memorytype;
pub mod module;
pub mod reference;
pub mod table;
pub mod tabletype;
pub mod tagtype;
pub mod trap;
pub mod val;
pub mod valtype;

use crate::base::{Error, Result};
use crate::runtime::Engine;

/// The engine in which the number of a concrete function type has its meaning; none for types that contain
/// no such number.
#[derive(Clone, Default)]
pub struct Home(Option<Engine>);

impl Home {
    pub(in crate::capi) fn of(engine: &Engine) -> Home {
        Home(Some(engine.clone()))
    }

    pub(in crate::capi) fn engine(&self) -> Option<&Engine> {
        self.0.as_ref()
    }

    /// Refuses types of another engine, whose numbers would mean something else.
    pub(in crate::capi) fn check(&self, engine: &Engine) -> Result<()> {
        match &self.0 {
            Some(home) if !home.same(engine) => Err(Error::usage("type belongs to another engine")),
            _ => Ok(()),
        }
    }

    /// The first that is known.
    fn or(&self, other: &Home) -> Home {
        Home(self.0.as_ref().or(other.0.as_ref()).cloned())
    }
}

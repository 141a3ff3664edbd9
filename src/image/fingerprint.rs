//! What must be equal between the compiler that made an image and the process that loads it.

use super::format::VERSION;
use crate::base::{Error, ErrorKind, Result};
use crate::layout::Tunables;
use serde::{Deserialize, Serialize};

/// Everything that decides whether machine code fits this process.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Fingerprint {
    format: u32,
    crate_version: String,
    /// Target triple of the code.
    target: String,
    /// Code generator switches, the CPU's features included.
    isa_flags: String,
    tunables: Tunables,
}

impl Fingerprint {
    /// The code generator's switches, one per line.
    pub fn switches(&self) -> &str {
        &self.isa_flags
    }

    pub fn new(target: String, isa_flags: String, tunables: Tunables) -> Fingerprint {
        let crate_version = env!("CARGO_PKG_VERSION").to_owned();
        Fingerprint { format: VERSION, crate_version, target, isa_flags, tunables }
    }

    pub fn tunables(&self) -> &Tunables {
        &self.tunables
    }

    /// Equal bytes for equal fingerprints, and for no others.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// An error that names the first difference.
    pub(super) fn check(&self, found: &Fingerprint) -> Result<()> {
        let differs = |what: &str, expected: &str, found: &str| {
            let text = format!("compiled artifact does not fit: {what} expected {expected}, found {found}");
            Err(Error::new(ErrorKind::Artifact, text))
        };
        if self.crate_version != found.crate_version {
            return differs("version", &self.crate_version, &found.crate_version);
        }
        if self.target != found.target {
            return differs("target", &self.target, &found.target);
        }
        if self.isa_flags != found.isa_flags {
            return differs("code generator flags", &self.isa_flags, &found.isa_flags);
        }
        if self.tunables != found.tunables {
            return differs("settings", &format!("{:?}", self.tunables), &format!("{:?}", found.tunables));
        }
        if self != found {
            return differs("format", &self.format.to_string(), &found.format.to_string());
        }
        Ok(())
    }
}

//! What the test programs share.

pub mod known;
pub mod setup;
pub mod spectest;
pub mod value;
pub mod wast_run;

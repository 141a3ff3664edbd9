//! The crossing, faults and suspension, tried with a few hand-written machine functions in place of compiled ones.

mod chain;
mod crossing;
mod epochs;
mod figures;
mod guests;
mod interrupts;
mod rawcall;

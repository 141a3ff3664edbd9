//! Which operators modules are made of, out of all that are on.

use std::collections::BTreeSet;
use wasmparser::{Operator, Parser, Payload};

/// Proposals that are off, and operators that stand for what another one does.
const OFF: [&str; 7] = [
    "legacy_exceptions",
    "stack_switching",
    "shared_everything_threads",
    "custom_descriptors",
    "memory_control",
    "acquire_release_atomics",
    "multibyte_array_access",
];

macro_rules! table {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        const ALL: &[(&str, &str)] = &[$((stringify!($proposal), stringify!($op))),*];

        fn name(op: &Operator<'_>) -> &'static str {
            match op {
                $(Operator::$op { .. } => stringify!($op),)*
                _ => "unknown",
            }
        }
    };
}

wasmparser::for_each_operator!(table);

/// The operators of these proposals.
pub fn operators_of(proposals: &[&str]) -> Vec<&'static str> {
    ALL.iter().filter(|(proposal, _)| proposals.contains(proposal)).map(|(_, op)| *op).collect()
}

/// How many operators are on.
pub fn enabled() -> usize {
    ALL.iter().filter(|(proposal, _)| !OFF.contains(proposal)).count()
}

/// Those of the proposals that are on and that are not in `seen`.
pub fn missing(seen: &BTreeSet<&'static str>) -> Vec<&'static str> {
    ALL.iter().filter(|(proposal, op)| !OFF.contains(proposal) && !seen.contains(op)).map(|(_, op)| *op).collect()
}

/// Notes the operators of a module.
pub fn note(wasm: &[u8], seen: &mut BTreeSet<&'static str>) {
    for payload in Parser::new(0).parse_all(wasm).flatten() {
        let Payload::CodeSectionEntry(body) = payload else { continue };
        let Ok(operators) = body.get_operators_reader() else { continue };
        seen.extend(operators.into_iter().flatten().map(|op| name(&op)));
    }
}

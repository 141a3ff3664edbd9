//! What can be seen of a module from outside, in terms that every engine shares.

use super::rng::Rng;
use tenon::wasm::ValType;

/// A value; of a reference only whether it is null.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    I32(u32),
    I64(u64),
    F32(u32),
    F64(u64),
    V128(u128),
    Null,
    Reference,
}

/// How a call, or an instantiation, ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    Values(Vec<Value>),
    /// By its number in Tenon.
    Trap(u8),
    Exception,
    /// An engine's limit was reached, which says nothing about another engine.
    Exhausted,
    Refused(String),
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Observed {
    pub ends: Vec<End>,
    /// Exported globals, after each call and in the module's order.
    pub globals: Vec<Vec<Value>>,
    /// Bytes and hash of each exported memory at the end.
    pub memories: Vec<(u64, u128)>,
    /// Which elements of each exported table are there at the end.
    pub tables: Vec<Vec<bool>>,
    /// Fuel that was left after each call that returned, if it was counted.
    pub fuel: Vec<u64>,
}

impl Observed {
    /// The first difference, in words. Fuel counts only if both have it.
    pub fn difference(&self, other: &Observed) -> Option<String> {
        for (i, (a, b)) in self.ends.iter().zip(&other.ends).enumerate() {
            if *a == End::Exhausted || *b == End::Exhausted {
                return None;
            }
            if a != b {
                return Some(format!("step {i} ended with {a:x?} against {b:x?}"));
            }
            if self.globals.get(i) != other.globals.get(i) {
                return Some(format!("globals after step {i}: {:x?} against {:x?}", self.globals.get(i), other.globals.get(i)));
            }
            if let (Some(a), Some(b)) = (self.fuel.get(i), other.fuel.get(i))
                && a != b
            {
                return Some(format!("fuel left after step {i}: {a} against {b}"));
            }
        }
        if self.memories != other.memories {
            return Some(format!("memories (bytes, hash): {:x?} against {:x?}", self.memories, other.memories));
        }
        (self.tables != other.tables).then(|| format!("tables: {:?} against {:?}", self.tables, other.tables))
    }
}

/// Module and name of the one function that modules may import, of the type (i32) -> i32.
pub const IMPORT: (&str, &str) = ("h", "f");

/// What that function does in every engine.
pub fn host(x: u32) -> u32 {
    x.wrapping_mul(0x9e37_79b1) ^ x >> 7
}

/// What to do with a module.
#[derive(Default)]
pub struct Plan {
    /// All exports, in the module's order.
    pub exports: Vec<String>,
    pub calls: Vec<Call>,
}

/// One call of an exported function.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: String,
    pub args: Vec<Value>,
    /// Of the arguments.
    pub params: Vec<ValType>,
    pub results: usize,
}

/// An argument of this type; `None` if only the guest can make one.
pub fn argument(rng: &mut Rng, ty: ValType) -> Option<Value> {
    Some(match ty {
        ValType::I32 => Value::I32(rng.i32() as u32),
        ValType::I64 => Value::I64(rng.i64() as u64),
        ValType::F32 => Value::F32(rng.f32()),
        ValType::F64 => Value::F64(rng.f64()),
        ValType::V128 => Value::V128(rng.v128()),
        ValType::Ref(r) if r.nullable => Value::Null,
        ValType::Ref(_) => return None,
    })
}

pub fn hash(bytes: &[u8]) -> u128 {
    twox_hash::XxHash3_128::oneshot(bytes)
}

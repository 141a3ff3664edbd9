//! Garbage collection.
//!
//! ```text
//! heap     one store's objects: two halves of a reserved range, bump allocation, growth
//! collect  a collection: what is reached is copied to the other half, the rest is forgotten
//! array    bulk operations on arrays
//! externs  references out of the heap, and the host's roots into it
//! types    the engine's types as machine code and collector need them
//! ```

mod array;
mod collect;
mod externs;
mod heap;
mod types;

pub use collect::OuterObjects;
pub use externs::{ExternTable, Owner};
pub use heap::{GcHost, Heap, HeapSettings};
pub use types::TypeTable;

//! Types of the component model, one file per handle.

pub mod component;
pub mod enumeration;
pub mod externs;
pub mod fixed_length_list;
pub mod flags;
pub mod func;
pub mod future;
pub mod instance;
pub mod item;
pub mod list;
pub mod map;
pub mod module;
pub mod option;
pub mod record;
pub mod resource;
pub mod result;
pub mod stream;
pub mod tuple;
pub mod valtype;
pub mod variant;

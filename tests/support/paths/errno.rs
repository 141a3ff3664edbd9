//! WASI's error numbers, as far as paths have to do with them.

pub type E = u16;

pub const BADF: E = 8;
pub const BUSY: E = 10;
pub const EXIST: E = 20;
pub const ILSEQ: E = 25;
pub const INVAL: E = 28;
pub const ISDIR: E = 31;
pub const LOOP: E = 32;
pub const MFILE: E = 33;
pub const NAMETOOLONG: E = 37;
pub const NOENT: E = 44;
pub const NOTDIR: E = 54;
pub const NOTEMPTY: E = 55;
pub const NOTSUP: E = 58;
pub const PERM: E = 63;
pub const FBIG: E = 22;
pub const NOTCAPABLE: E = 76;

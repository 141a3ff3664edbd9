//! A compiled module as plain bytes.

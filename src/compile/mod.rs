//! From declarations and bodies to an image, by Cranelift.

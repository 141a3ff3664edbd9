//! Running: published code, instances, memories, entering and leaving machine code, faults.

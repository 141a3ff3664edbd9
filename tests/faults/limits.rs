pub const OTHERS: &[(&str, fn())] = &[];

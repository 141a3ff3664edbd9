//! Which proposals a module may use.

use crate::base::{Error, ErrorKind};
use std::fmt;
use wasmparser::WasmFeatures;

macro_rules! proposals {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal, $flag:ident, $default:literal;)*) => {
        /// A proposal that can be switched on or off. The numbers are kept in images and never change.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Proposal { $($(#[$doc])* $name = $bit,)* }

        impl Proposal {
            pub const ALL: &'static [Proposal] = &[$(Proposal::$name),*];

            /// The proposal's usual name, as in its repository.
            pub fn name(self) -> &'static str {
                match self { $(Proposal::$name => $text,)* }
            }

            fn flags(self) -> WasmFeatures {
                match self { $(Proposal::$name => WasmFeatures::$flag,)* }
            }

            fn default(self) -> bool {
                match self { $(Proposal::$name => $default,)* }
            }
        }
    };
}

proposals! {
    MutableGlobals = 0, "mutable-global", MUTABLE_GLOBAL, true;
    SatFloatToInt = 1, "nontrapping-float-to-int-conversions", SATURATING_FLOAT_TO_INT, true;
    SignExtension = 2, "sign-extension-ops", SIGN_EXTENSION, true;
    MultiValue = 3, "multi-value", MULTI_VALUE, true;
    ReferenceTypes = 4, "reference-types", REFERENCE_TYPES, true;
    BulkMemory = 5, "bulk-memory-operations", BULK_MEMORY, true;
    Simd = 6, "simd", SIMD, true;
    ExtendedConst = 7, "extended-const", EXTENDED_CONST, true;
    RelaxedSimd = 8, "relaxed-simd", RELAXED_SIMD, true;
    TailCall = 9, "tail-call", TAIL_CALL, true;
    MultiMemory = 10, "multi-memory", MULTI_MEMORY, true;
    Memory64 = 11, "memory64", MEMORY64, true;
    Threads = 12, "threads", THREADS, true;
    FunctionReferences = 13, "function-references", FUNCTION_REFERENCES, true;
    CustomPageSizes = 14, "custom-page-sizes", CUSTOM_PAGE_SIZES, false;
    WideArithmetic = 15, "wide-arithmetic", WIDE_ARITHMETIC, false;
    Gc = 16, "gc", GC, true;
    Exceptions = 17, "exception-handling", EXCEPTIONS, true;
    /// Accepted by the validator when on; modules that use it are refused as unsupported for now.
    StackSwitching = 18, "stack-switching", STACK_SWITCHING, false;
    /// Accepted by the validator when on; modules that use it are refused as unsupported for now.
    SharedEverythingThreads = 19, "shared-everything-threads", SHARED_EVERYTHING_THREADS, false;
    /// Accepted by the validator when on; modules that use it are refused as unsupported for now.
    LegacyExceptions = 20, "legacy-exceptions", LEGACY_EXCEPTIONS, false;
}

impl Proposal {
    /// The error for a module that uses a proposal this library validates but cannot run.
    #[cold]
    pub fn unsupported(self, what: impl fmt::Display) -> Error {
        Error::new(
            ErrorKind::Unsupported,
            format!("{what}: the {} proposal is not supported by this library", self.name()),
        )
    }
}

impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The set of proposals a module may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Features(WasmFeatures);

/// The peer's defaults as far as they are implemented: WebAssembly 2.0 and the finished proposals after it.
impl Default for Features {
    fn default() -> Self {
        let mut features = Features::mvp();
        for &p in Proposal::ALL {
            features.set(p, p.default());
        }
        features
    }
}

impl Features {
    /// WebAssembly as first released, nothing else.
    pub fn mvp() -> Features {
        Features(WasmFeatures::FLOATS | WasmFeatures::GC_TYPES)
    }

    pub fn set(&mut self, proposal: Proposal, enabled: bool) {
        self.0.set(proposal.flags(), enabled);
    }

    #[must_use]
    pub fn with(mut self, proposal: Proposal, enabled: bool) -> Features {
        self.set(proposal, enabled);
        self
    }

    pub fn has(&self, proposal: Proposal) -> bool {
        self.0.contains(proposal.flags())
    }

    /// One bit per proposal, by [`Proposal`]'s number.
    pub fn bits(&self) -> u64 {
        Proposal::ALL.iter().filter(|p| self.has(**p)).map(|p| 1 << *p as u8).sum()
    }

    /// What wasmparser needs.
    pub(crate) fn parser(&self) -> WasmFeatures {
        self.0
    }
}

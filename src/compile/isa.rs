//! The code generator's configuration, from [`Tunables`].

use crate::base::{Error, ErrorKind, Result};
use crate::image::Fingerprint;
use crate::layout::Tunables;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

/// Flags that every build has. Frame pointers are what stack walks follow; prologues check the limit
/// themselves, so that probes and unwind tables are not needed.
const FIXED: &[(&str, &str)] = &[
    ("preserve_frame_pointers", "true"),
    ("unwind_info", "false"),
    ("enable_probestack", "false"),
    ("enable_multi_ret_implicit_sret", "true"),
    ("is_pic", "false"),
];

/// The code generator for this machine.
pub(super) fn build(t: &Tunables) -> Result<OwnedTargetIsa> {
    let mut flags = settings::builder();
    let mut cpu = cranelift_native::builder()
        .map_err(|e| Error::new(ErrorKind::Unsupported, format!("no code generator for this machine: {e}")))?;
    for (name, value) in FIXED {
        set(&mut flags, name, value)?;
    }
    set(&mut flags, "opt_level", ["none", "speed", "speed_and_size"][usize::from(t.opt_level.min(2))])?;
    set(&mut flags, "enable_verifier", if t.verify_ir { "true" } else { "false" })?;
    set(&mut flags, "enable_nan_canonicalization", if t.nan_canonicalization { "true" } else { "false" })?;
    // Where blocks begin and what follows them: decides where code is placed.
    set(&mut flags, "machine_code_cfg_info", if t.opt_level > 0 { "true" } else { "false" })?;
    if t.opt_level == 0 {
        set(&mut flags, "regalloc_algorithm", "single_pass")?;
    }
    for (name, value) in &t.extra_flags {
        extra(&mut flags, &mut cpu, name, value.as_deref())?;
    }
    cpu.finish(settings::Flags::new(flags))
        .map_err(|e| Error::new(ErrorKind::Unsupported, format!("code generator flags do not fit together: {e}")))
}

fn set(flags: &mut settings::Builder, name: &str, value: &str) -> Result<()> {
    flags.set(name, value).map_err(|e| Error::internal(format!("code generator flag {name}: {e}")))
}

/// A flag of the embedder: shared or of the CPU, with a value or just enabled.
fn extra(flags: &mut dyn Configurable, cpu: &mut dyn Configurable, name: &str, value: Option<&str>) -> Result<()> {
    let apply = |to: &mut dyn Configurable| match value {
        Some(v) => to.set(name, v),
        None => to.enable(name),
    };
    match apply(flags) {
        Err(settings::SetError::BadName(_)) => apply(cpu),
        other => other,
    }
    .map_err(|e| Error::new(ErrorKind::Usage, format!("code generator flag {name:?}: {e}")))
}

/// Everything about the code generator that decides what code it makes.
pub(super) fn fingerprint(isa: &OwnedTargetIsa, t: &Tunables) -> Fingerprint {
    let mut text = String::new();
    for value in isa.flags().iter().chain(isa.isa_flags()) {
        text.push_str(&value.to_string());
        text.push('\n');
    }
    Fingerprint::new(isa.triple().to_string(), text, t.clone())
}

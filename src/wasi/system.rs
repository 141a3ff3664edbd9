//! Arguments, environment, clocks, random bytes, and leaving.

use super::fail::Fail;
use super::guest::Guest;
use super::Outcome;
use crate::sys::fs::{fill_random, Errno};

pub(super) fn args_get(g: &Guest<'_>, pointers: u32, bytes: u32) -> Outcome {
    strings(g, &g.ctx.args, pointers, bytes)
}

pub(super) fn args_sizes_get(g: &Guest<'_>, count: u32, size: u32) -> Outcome {
    sizes(g, &g.ctx.args, count, size)
}

pub(super) fn environ_get(g: &Guest<'_>, pointers: u32, bytes: u32) -> Outcome {
    strings(g, &g.ctx.env, pointers, bytes)
}

pub(super) fn environ_sizes_get(g: &Guest<'_>, count: u32, size: u32) -> Outcome {
    sizes(g, &g.ctx.env, count, size)
}

/// Writes zero-terminated strings one after the other, and a pointer to each.
fn strings(g: &Guest<'_>, list: &[Box<[u8]>], pointers: u32, bytes: u32) -> Outcome {
    let mut at = u64::from(bytes);
    for (i, text) in list.iter().enumerate() {
        let slot = u32::try_from(u64::from(pointers) + i as u64 * 4).map_err(|_| Errno::Overflow)?;
        let here = u32::try_from(at).map_err(|_| Errno::Overflow)?;
        g.mem.write_u32(slot, here)?;
        g.mem.write(here, text)?;
        at += text.len() as u64 + 1;
        let end = u32::try_from(at - 1).map_err(|_| Errno::Overflow)?;
        g.mem.write(end, &[0])?;
    }
    Ok(())
}

fn sizes(g: &Guest<'_>, list: &[Box<[u8]>], count: u32, size: u32) -> Outcome {
    let total: usize = list.iter().map(|s| s.len() + 1).sum();
    let total = u32::try_from(total).map_err(|_| Errno::Overflow)?;
    let number = u32::try_from(list.len()).map_err(|_| Errno::Overflow)?;
    g.mem.write_u32(count, number)?;
    g.mem.write_u32(size, total)?;
    Ok(())
}

/// The clocks a guest can read. Processor time would tell about the host's other work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockId {
    Realtime,
    Monotonic,
}

pub(super) fn clock_id(id: u32) -> Result<ClockId, Errno> {
    match id {
        0 => Ok(ClockId::Realtime),
        1 => Ok(ClockId::Monotonic),
        _ => Err(Errno::Inval),
    }
}

pub(super) fn clock_now(g: &Guest<'_>, id: ClockId) -> u64 {
    match id {
        ClockId::Realtime => g.ctx.clock.realtime(),
        ClockId::Monotonic => g.ctx.clock.monotonic(),
    }
}

pub(super) fn clock_res_get(g: &Guest<'_>, id: u32, out: u32) -> Outcome {
    let resolution = match clock_id(id)? {
        ClockId::Realtime => g.ctx.clock.realtime_resolution(),
        ClockId::Monotonic => g.ctx.clock.monotonic_resolution(),
    };
    Ok(g.mem.write_u64(out, resolution)?)
}

/// The precision that the guest would be content with makes no difference.
pub(super) fn clock_time_get(g: &Guest<'_>, id: u32, _precision: u64, out: u32) -> Outcome {
    let now = clock_now(g, clock_id(id)?);
    Ok(g.mem.write_u64(out, now)?)
}

pub(super) fn random_get(g: &Guest<'_>, at: u32, len: u32) -> Outcome {
    let Some(source) = &g.ctx.random else {
        let finished = fill_random(g.mem, at, len, g.interrupted)??;
        return if finished { Ok(()) } else { Err(Fail::Interrupted) };
    };
    g.mem.check(at, len)?;
    let mut buffer = [0; 512];
    let mut done = 0;
    while done < len {
        let n = (len - done).min(buffer.len() as u32);
        let piece = &mut buffer[..n as usize];
        source.fill(piece)?;
        g.mem.write(at + done, piece)?;
        done += n;
        if done < len && (g.interrupted)() {
            return Err(Fail::Interrupted);
        }
    }
    Ok(())
}

pub(super) fn sched_yield(_: &Guest<'_>) -> Outcome {
    std::thread::yield_now();
    Ok(())
}

pub(super) fn proc_exit(_: &Guest<'_>, status: u32) -> Outcome {
    Err(Fail::Exit(status))
}

/// Signals are no business of a guest's.
pub(super) fn proc_raise(_: &Guest<'_>, _signal: u32) -> Outcome {
    Err(Errno::NotSup.into())
}

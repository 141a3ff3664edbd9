//! A progress bar for compilations that take long, if somebody is watching.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A compilation that is over by then needs no bar.
const PATIENCE: Duration = Duration::from_millis(300);
/// Between two looks at the counts.
const STEP: Duration = Duration::from_millis(50);

/// Counts functions on stderr if that is a terminal; else does nothing.
pub(crate) struct Meter {
    bar: Option<Mutex<Shown>>,
}

struct Shown {
    bar: ProgressBar,
    /// When to draw next.
    due: Instant,
    hidden: bool,
}

impl Meter {
    pub(crate) fn new() -> Meter {
        let shown = || Mutex::new(Shown { bar: ProgressBar::hidden(), due: Instant::now() + PATIENCE, hidden: true });
        Meter { bar: io::stderr().is_terminal().then(shown) }
    }

    /// To be told after each function; any thread. A thread that finds another drawing goes on with its work.
    pub(crate) fn tell(&self, done: usize, total: usize) {
        let Some(bar) = &self.bar else { return };
        let Ok(mut shown) = bar.try_lock() else { return };
        let now = Instant::now();
        if now < shown.due {
            return;
        }
        shown.due = now + STEP;
        if std::mem::take(&mut shown.hidden) {
            shown.begin(total);
        }
        if done as u64 > shown.bar.position() {
            shown.bar.set_position(done as u64);
        }
    }
}

impl Shown {
    fn begin(&mut self, total: usize) {
        // A wrong template would be an error of this line; without it the bar merely looks plainer.
        if let Ok(style) = ProgressStyle::with_template("compiling [{bar:40}] {pos}/{len} functions, {elapsed}") {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.bar.set_length(total as u64);
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
    }
}

/// The bar goes away when the work is done.
impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(shown) = self.bar.as_ref().and_then(|bar| bar.lock().ok()) {
            shown.bar.finish_and_clear();
        }
    }
}

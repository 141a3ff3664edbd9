#!/usr/bin/env bash
# Runs suites with the library's own Rust code watched by AddressSanitizer, which also counts what is left at the end.
# The runtimes come with the toolchain; std and the guests' code are not watched. Needs about 2 GB in target/sanitizers.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=x86_64-unknown-linux-gnu
export RUSTC_BOOTSTRAP=1 CARGO_INCREMENTAL=0

# The library's own handlers must see the faults of guests first, and guests run on stacks that the sanitizer does not know.
export ASAN_OPTIONS="detect_leaks=1:handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:use_sigaltstack=0:detect_stack_use_after_return=0"

RUSTFLAGS="-Zsanitizer=address" CARGO_TARGET_DIR=target/sanitizers/address \
  cargo test --no-default-features --target "$target" "${@:---test=api}"

#!/usr/bin/env bash
# Runs one fuzz target for a time, or on the inputs that are named: run.sh TARGET [SECONDS | FILE...]
# As `cargo fuzz run --sanitizer none` does it, but with the stable compiler: its switch for the instrumentation is an ordinary
# pass of LLVM's. libFuzzer is built from the source that libfuzzer-sys brings along, with c++. TENON_FUZZ_TARGET_DIR
# says where to build (target/fuzz otherwise); the corpus is target/corpus/TARGET.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${1:?run.sh TARGET [SECONDS | FILE...]}
shift
export CARGO_TARGET_DIR=${TENON_FUZZ_TARGET_DIR:-$PWD/target/fuzz} CARGO_INCREMENTAL=0
export RUSTFLAGS="--cfg fuzzing -Ccodegen-units=16 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares"
# With --target the flags are for what runs here in the end, and not for build scripts.
triple=$(rustc -vV | sed -n 's/^host: //p')
"${CARGO:-cargo}" build --locked --release --manifest-path tests/fuzz/Cargo.toml --target "$triple" --bin "$target"
program=$CARGO_TARGET_DIR/$triple/release/$target
if [ $# -gt 0 ] && [ -e "$1" ]; then
  exec "$program" "$@"
fi
corpus=target/corpus/$target
mkdir -p "$corpus" target/findings
# libFuzzer's handlers are installed first, so that the library asks them about faults that are no guest's.
exec "$program" -max_total_time="${1:-60}" -artifact_prefix="target/findings/fuzz-$target-" -rss_limit_mb=4096 "$corpus"

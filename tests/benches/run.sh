#!/usr/bin/env bash
# What the demo's guests cost from the C host, best of RUNS runs each, and what single operations cost.
# `make bench` builds everything and calls this; RUNS=20 makes it steadier. BASELINE=/path/to/libwasmtime.so
# measures the single operations of that library as well.
set -euo pipefail
bin=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=$root/c-examples/demo/data
runs=${RUNS:-7}
out=$bin/bench
rm -rf "$out"
mkdir -p "$out/pages"
# More text than the demo has, so that running takes longer than starting.
for i in $(seq 1 60); do cp "$data/pages/guests.md" "$out/pages/g$i.md"; done

now() { date +%s%N; }

# best <file of numbers>
best() { sort -g "$1" | head -1; }

field() { sed -n "s/^stats .*\b$2=\([0-9.]*\).*/\1/p" "$1"; }

measure() { # measure <guest> <host dir> <guest dir> <stdin> <args...>
  local guest=$1 host_dir=$2 guest_dir=$3 stdin=$4
  shift 4
  for _ in $(seq "$runs"); do
    local t
    t=$(now)
    "$bin/$guest-native" "$@" "$host_dir" <"$stdin" >/dev/null
    awk -v d=$(($(now) - t)) 'BEGIN { printf "%.2f\n", d / 1e6 }' >>"$out/$guest.native"
    "$bin/host-c" --stats --dir "$host_dir::$guest_dir" --stdin "$stdin" --stdout /dev/null \
      "$bin/$guest.wasm" "$@" "$guest_dir" 2>"$out/stats"
    for key in compile_ms instantiate_us run_ms load_ms second_instantiate_us second_run_ms; do
      field "$out/stats" $key >>"$out/$guest.$key"
    done
  done
  printf '%-10s %12s %12s %16s %10s %10s %16s\n' "$guest" "$(best "$out/$guest.native")" \
    "$(best "$out/$guest.compile_ms")" "$(best "$out/$guest.instantiate_us")" "$(best "$out/$guest.run_ms")" \
    "$(best "$out/$guest.load_ms")" "$(best "$out/$guest.second_instantiate_us")"
}

echo "guests, best of $runs; native is the whole process"
printf '%-10s %12s %12s %16s %10s %10s %16s\n' guest "native ms" "compile ms" "instantiate us" "run ms" "load ms" "instantiate us"
measure loglens "$data/logs" /logs "$data/patterns.txt" -top 5
measure mdpress "$out/pages" /pages "$data/ignore.txt" -w 10

micro() { # micro <name> <library>
  local dir
  dir=$(cd "$(dirname "$2")" && pwd)
  local cc
  cc=$("$root/tests/setup/tool.sh" cc)
  $cc -std=gnu11 -O2 -I "$root/include" -o "$out/micro-$1" "$here/micro.c" "$2" -lpthread "-Wl,-rpath,$dir"
  echo
  echo "single operations, $1, median in ns"
  "$out/micro-$1"
}

micro tenon "$root/target/release/libtenon.so"
if [ -n "${BASELINE:-}" ]; then
  micro baseline "$BASELINE"
fi

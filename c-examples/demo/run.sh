#!/usr/bin/env bash
# Runs the demo's guests natively, from the C host and from the Go host, compares what they wrote, and prints
# the result and what each step cost. `make demo` builds everything and calls this.
#
# Usage: run.sh <directory with host-c, host-go, *.wasm and *-native>
set -euo pipefail
bin=$(cd "$1" && pwd)
data=$(cd "$(dirname "$0")/data" && pwd)
work=$bin/work
rm -rf "$work"
mkdir -p "$work"/{native,c,go}
passed=0 failed=0

check() { # check <what> <expected file> <found file>
  if cmp -s "$2" "$3"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "DIFFERENT: $1" >&2
    diff "$2" "$3" | head -20 >&2 || true
  fi
}

status() { # status <file> <command...>: runs it, keeps its exit status in the file
  local file=$1
  shift
  if "$@"; then echo 0 >"$file"; else echo $? >"$file"; fi
}

# The same three tasks for everybody; only how a program is started and what its directories are called differ.
native() {
  local out=$work/native
  LOGLENS_TITLE="Two days in March" "$bin/loglens-native" -top 4 -out "$out/report.json" "$data/logs" \
    <"$data/patterns.txt" >"$out/loglens.txt"
  MDPRESS_TITLE="Notes & more" "$bin/mdpress-native" -w 8 "$data/pages" <"$data/ignore.txt" >"$out/mdpress.html"
  status "$out/refused.status" "$bin/loglens-native" -format xml "$data/logs" </dev/null 2>"$out/refused.txt"
}

hosted() { # hosted <c|go>
  local host=$bin/host-$1 out=$work/$1
  "$host" --stats --dir "$data/logs::/logs" --dir "$out::/out" --env "LOGLENS_TITLE=Two days in March" \
    --stdin "$data/patterns.txt" --stdout "$out/loglens.txt" \
    "$bin/loglens.wasm" -top 4 -out /out/report.json /logs 2>"$out/loglens.stats"
  "$host" --stats --dir "$data/pages::/pages" --env "MDPRESS_TITLE=Notes & more" \
    --stdin "$data/ignore.txt" --stdout "$out/mdpress.html" \
    "$bin/mdpress.wasm" -w 8 /pages 2>"$out/mdpress.stats"
  status "$out/refused.status" "$host" --dir "$data/logs::/logs" --stdin /dev/null \
    "$bin/loglens.wasm" -format xml /logs 2>"$out/refused.txt"
  for file in loglens.txt report.json mdpress.html refused.status refused.txt; do
    check "$file, $1 host against native" "$work/native/$file" "$out/$file"
  done
}

field() { # field <stats file> <key>
  sed -n "s/^stats .*\b$2=\([0-9.]*\).*/\1/p" "$1"
}

kib() { echo $(((${1:-0} + 1023) / 1024)); }

table() {
  local row="%-8s %-4s %10s %11s %14s %8s %10s %8s %14s %8s\n"
  # shellcheck disable=SC2059
  {
    printf "$row" guest host module compile instantiate run image load instantiate run
    printf "$row" "" "" KiB ms us ms KiB ms us ms
    for guest in loglens mdpress; do
      for host in c go; do
        f=$work/$host/$guest.stats
        printf "$row" $guest $host "$(kib "$(field "$f" module_bytes)")" "$(field "$f" compile_ms)" \
          "$(field "$f" instantiate_us)" "$(field "$f" run_ms)" "$(kib "$(field "$f" image_bytes)")" \
          "$(field "$f" load_ms)" "$(field "$f" second_instantiate_us)" "$(field "$f" second_run_ms)"
      done
    done
  }
}

native
hosted c
hosted go

echo "--- loglens (Go, standard library), from the C host"
cat "$work/c/loglens.txt"
echo
echo "--- mdpress (C), from the Go host: last lines"
tail -n 14 "$work/go/mdpress.html"
echo
echo "--- costs; the last four columns are a second run from the serialised image"
table
echo
echo "demo: $passed passed, $failed failed (outputs, written files, messages and exit statuses equal the native runs)"
[ "$failed" -eq 0 ]

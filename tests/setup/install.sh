#!/usr/bin/env bash
# Installs into a scratch prefix as a packager would, and builds README's C hello against what is there: by
# pkg-config's flags, by the name wasmtime, and from the archive alone.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$root/target/install-test
rm -rf "$dir"
mkdir -p "$dir"
make -s -C "$root" install PREFIX="$dir/usr" WASMTIME_ALIAS=1 >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on' "$root/README.md" >"$dir/hello.c"
cc=$("$root/tests/setup/tool.sh" cc)
lib=$dir/usr/lib

pc() { sed -n "s|^$1: ||p" "$lib/pkgconfig/tenon.pc" | sed "s|\${libdir}|$lib|; s|\${includedir}|$dir/usr/include|"; }

expect_hello() {
  local found
  found=$(LD_LIBRARY_PATH=$lib "$1")
  [ "$found" = "6 * 7 = 42" ] || { echo "install: $1 says $found"; exit 1; }
}

# The flags are words on purpose.
# shellcheck disable=SC2046,SC2086
{
  $cc -o "$dir/shared" "$dir/hello.c" $(pc Cflags) $(pc Libs)
  $cc -o "$dir/alias" "$dir/hello.c" $(pc Cflags) -L"$lib" -lwasmtime
  $cc -o "$dir/archive" "$dir/hello.c" $(pc Cflags) "$lib/libtenon.a" $(pc Libs.private)
}
for program in shared alias archive; do expect_hello "$dir/$program"; done
found=$(echo '(module (func (export "mul") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1))))' >"$dir/mul.wat"
  "$dir/usr/bin/tenon" run --invoke mul "$dir/mul.wat" 6 7)
[ "$found" = 42 ] || { echo "install: tenon says $found"; exit 1; }
rm -rf "$dir"
echo "install: 4 passed, 0 failed"

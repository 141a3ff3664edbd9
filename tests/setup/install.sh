#!/usr/bin/env bash
# Installs into a scratch prefix as a packager would, and builds README's C hello against what is there: by
# pkg-config's flags, by the name wasmtime, from the archive alone, and by the CMake packages.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$root/target/install-test
rm -rf "$dir"
mkdir -p "$dir"
make -s -C "$root" install PREFIX="$dir/usr" WASMTIME_ALIAS=1 >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on' "$root/README.md" >"$dir/hello.c"
cc=$("$root/tests/setup/tool.sh" cc)
lib=$dir/usr/lib

passed=0

pc() { sed -n "s|^$1: ||p" "$lib/pkgconfig/tenon.pc" | sed "s|\${libdir}|$lib|; s|\${includedir}|$dir/usr/include|"; }

expect_hello() {
  local found
  found=$(LD_LIBRARY_PATH=$lib "$1")
  [ "$found" = "6 * 7 = 42" ] || { echo "install: $1 says $found"; exit 1; }
  passed=$((passed + 1))
}

# The flags are words on purpose.
# shellcheck disable=SC2046,SC2086
{
  $cc -o "$dir/shared" "$dir/hello.c" $(pc Cflags) $(pc Libs)
  $cc -o "$dir/alias" "$dir/hello.c" $(pc Cflags) -L"$lib" -lwasmtime
  $cc -o "$dir/archive" "$dir/hello.c" $(pc Cflags) "$lib/libtenon.a" $(pc Libs.private)
}
for program in shared alias archive; do expect_hello "$dir/$program"; done
echo '(module (func (export "mul") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1))))' >"$dir/mul.wat"
found=$("$dir/usr/bin/tenon" run --invoke mul "$dir/mul.wat" 6 7)
[ "$found" = 42 ] || { echo "install: tenon says $found"; exit 1; }
passed=$((passed + 1))

# The flags are words on purpose.
# shellcheck disable=SC2046
if command -v pkg-config >/dev/null; then
  export PKG_CONFIG_PATH=$lib/pkgconfig
  for name in tenon wasmtime; do
    $cc -o "$dir/pc-$name" "$dir/hello.c" $(pkg-config --cflags --libs "$name")
    expect_hello "$dir/pc-$name"
  done
  pkg-config --atleast-version=50 wasmtime || { echo "install: wasmtime.pc has an old version"; exit 1; }
else
  echo "install: pkg-config skipped: it is not there"
fi

# A project that finds the packages below a prefix that was moved after installing.
cmake_project() {
  cat >"$dir/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.10)
project(hello C)
find_package(tenon 0.1 REQUIRED)
find_package(wasmtime 50 REQUIRED)
find_package(tenon 99 QUIET)
if(tenon_FOUND)
  message(FATAL_ERROR "version 99 was found")
endif()
foreach(target tenon::tenon tenon::static wasmtime::wasmtime wasmtime::static wasmtime)
  string(REPLACE "::" "-" name "cmake-${target}")
  add_executable(${name} hello.c)
  target_link_libraries(${name} ${target})
endforeach()
END
  cp "$dir/hello.c" "$dir/project/"
  CC=$cc cmake -S "$dir/project" -B "$dir/project/build" -DCMAKE_PREFIX_PATH="$1" && cmake --build "$dir/project/build"
}

if command -v cmake >/dev/null; then
  mkdir -p "$dir/project"
  mv "$dir/usr" "$dir/moved"
  lib=$dir/moved/lib
  cmake_project "$dir/moved" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
  for target in tenon-tenon tenon-static wasmtime-wasmtime wasmtime-static wasmtime; do
    expect_hello "$dir/project/build/cmake-$target"
  done
else
  echo "install: CMake skipped: it is not there"
fi
rm -rf "$dir"
echo "install: $passed passed, 0 failed"

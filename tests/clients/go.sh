#!/usr/bin/env bash
# Fetches wasmtime-go, puts our library in the place of the one it brings, and runs its whole test suite, compiled with
# its own headers. What is fetched stays in the Go module cache and in target/.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
library=${1:-$root/target/release/libtenon.so}
work=$root/target/clients/go
module=github.com/bytecodealliance/wasmtime-go/v44
version=v44.0.0
go=$("$root/tests/setup/tool.sh" go)

rm -rf "$work"
mkdir -p "$work"
cd "$work"
printf 'module client\ngo 1.24\n' > go.mod
source=$("$go" mod download -json "$module@$version" | sed -n 's/^.*"Dir": "\(.*\)",$/\1/p')
cp -R "$source" src
chmod -R u+w src
cd src
libs=$PWD/build/linux-x86_64
rm "$libs"/libwasmtime.a
cp "$library" "$libs/libtenon.so"
ln -s libtenon.so "$libs/libwasmtime.so"
LD_LIBRARY_PATH=$libs "$go" test -count=1 -v . > ../log || { grep -v '^=== \|^--- PASS' ../log; exit 1; }
echo "wasmtime-go $version: $(grep -c '^--- PASS' ../log) passed"

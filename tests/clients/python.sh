#!/usr/bin/env bash
# Fetches the Python binding of libwasmtime, runs tests/clients/python.py with the library it brings and with ours in
# its place, and compares what they print. What is fetched stays in target/.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
library=${1:-$root/target/release/libtenon.so}
work=$root/target/clients/python
version=50.0.1

mkdir -p "$work"
if [ ! -d "$work/theirs/wasmtime" ]; then
  python3 -m pip download --quiet --disable-pip-version-check --no-deps -d "$work" "wasmtime==$version"
  rm -rf "$work/theirs"
  python3 -m zipfile -e "$work"/wasmtime-"$version"-*.whl "$work/theirs"
fi
rm -rf "$work/ours"
cp -R "$work/theirs" "$work/ours"
cp "$library" "$work/ours/wasmtime/linux-x86_64/_libwasmtime.so"

for side in theirs ours; do
  PYTHONPATH=$work/$side python3 "$root/tests/clients/python.py" > "$work/$side.txt"
done
diff "$work/theirs.txt" "$work/ours.txt"
tail -n 1 "$work/ours.txt"
! grep ' fails: ' "$work/ours.txt"

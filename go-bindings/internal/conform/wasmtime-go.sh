#!/usr/bin/env bash
# Runs the tests and examples of wasmtime-go against this module: all of v1.0.0, and those of v44 whose signatures fit.
# They are fetched from the module proxy into a temporary directory, their import path is rewritten, and nothing of them
# is kept. unfit-v1.txt and unfit-v44.txt list what is left out, and why.
#
# Usage: wasmtime-go.sh [flags for go test]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ours=$(cd "$here/../.." && pwd)
path=$(sed -n 's/^module //p' "$ours/go.mod")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOFLAGS=-mod=mod
(cd "$ours" && GOFLAGS= go build -o "$work/prepare" ./internal/conform/prepare)

passed=0 failed=0
# run name module version: adds to the totals.
run() {
  local name=$1 peer=$2 version=$3 source log=$work/$1.log status=0
  shift 3
  mkdir "$work/$name"
  cd "$work/$name"
  cat >go.mod <<EOF
module conform
go 1.26
require $path v0.0.0
replace $path => $ours
EOF
  source=$(go mod download -json "$peer@$version" | sed -n 's/^.*"Dir": "\(.*\)",$/\1/p')
  "$work/prepare" "$source" "$peer" "$path" "$here/unfit-$name.txt" .
  go get github.com/stretchr/testify@v1.8.0 >/dev/null 2>&1
  go test -count=1 -v "$@" ./... >"$log" 2>&1 || status=$?
  local good bad
  good=$(grep -c '^--- PASS' "$log" || true)
  bad=$(grep -c '^--- FAIL' "$log" || true)
  # A package that does not compile or crashes is one failure more.
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  if [ "$bad" != 0 ]; then grep -v '^=== \|^--- PASS' "$log" || true; fi
  echo "wasmtime-go $version: $good passed, $bad failed, $(grep -vc '^#' "$here/unfit-$name.txt") left out"
  passed=$((passed + good)) failed=$((failed + bad))
}

run v1 github.com/bytecodealliance/wasmtime-go v1.0.0 "$@"
run v44 github.com/bytecodealliance/wasmtime-go/v44 v44.0.0 "$@"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

#!/usr/bin/env bash
# Runs the tests and examples of wasmtime-go v1.0.0 against this module. They are fetched from the module proxy into a
# temporary directory, their import path is rewritten, and nothing of them is kept. slab_test.go is left out: it tests a
# private type.
#
# Usage: wasmtime-go.sh [flags for go test]
set -euo pipefail
ours=$(cd "$(dirname "$0")/../.." && pwd)
path=$(sed -n 's/^module //p' "$ours/go.mod")
peer=github.com/bytecodealliance/wasmtime-go
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work"/{inside,outside}

cd "$work"
cat >go.mod <<EOF
module conform
go 1.26
require $path v0.0.0
replace $path => $ours
EOF
export GOFLAGS=-mod=mod
source_dir=$(go mod download -json "$peer@v1.0.0" | sed -n 's/^.*"Dir": "\(.*\)",$/\1/p')

for file in "$source_dir"/*_test.go; do
  name=$(basename "$file")
  if [ "$name" = slab_test.go ]; then
    continue
  elif grep -q '^package wasmtime_test$' "$file"; then
    sed "s#\"$peer\"#wasmtime \"$path\"#; s/^package wasmtime_test\$/package outside/" "$file" >"outside/$name"
  else
    sed "s#^package wasmtime\$#package inside\n\nimport . \"$path\"#" "$file" >"inside/$name"
  fi
done
go get github.com/stretchr/testify@v1.8.0 >/dev/null 2>&1
go test -count=1 "$@" ./...

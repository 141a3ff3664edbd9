#!/bin/sh
# Cargo calls this in place of the compiler for this crate's own parts: the library gets counters on its edges, and whatever
# is linked the object that reports them, $TENON_COVERAGE_OBJECT.
rustc=$1
shift
case " $* " in
*" --crate-name tenon "*" --crate-type rlib "*)
  set -- "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  ;;
esac
exec "$rustc" "$@" "-Clink-arg=$TENON_COVERAGE_OBJECT"

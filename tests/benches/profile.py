#!/usr/bin/env python3
"""Makes src/release.profdata anew; `make profile` calls this.

Builds the library with counters into target/profile, has it compile, load and run the benchmark's programs and do the single operations, and
merges what was counted. Needs a benchmark that has run (its harnesses and guests are used) and a `llvm-profdata` that knows what
rustc's LLVM writes: version 19 or later, named by LLVM_PROFDATA if it is not found.
"""

import os
import shutil
import subprocess
import sys

import building
import measuring
from ask import Failure, Server
from building import OUT, ROOT, run, say

TARGET = ROOT / "target" / "profile"
COUNTED = TARGET / "counted"
RESULT = ROOT / "src" / "release.profdata"
# Programs of these sizes in bytes take seconds to compile with counters.
LARGE = 300_000


def merger():
    """The first llvm-profdata that is there."""
    names = [os.environ.get("LLVM_PROFDATA", ""), *(f"llvm-profdata-{v}" for v in range(25, 18, -1)), "llvm-profdata"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if not found:
        raise Failure("no llvm-profdata: name one by LLVM_PROFDATA")
    return found


def build():
    say("building with counters")
    env = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
    flags = f"build.rustflags=['-Cprofile-generate={COUNTED}']"
    run([os.environ.get("CARGO", "cargo"), "build", "--release", "--lib", "--config", flags], cwd=ROOT, env=env)
    return {"LD_LIBRARY_PATH": str(TARGET / "release"), "LLVM_PROFILE_FILE": str(COUNTED / "%m.profraw")}


def guests():
    """Wasm programs that the benchmark has built, each with flags for the harness."""
    own = sorted((OUT / "guests").glob("*.wasm"))
    known = [name for name in (*building.GUESTS, "gotext", "wat", *building.GC_GUESTS)]
    found = [(wasm, ["--gc"] if wasm.stem.startswith("gc-") else []) for wasm in own if wasm.stem in known]
    found += [(wasm, []) for name, wasm, _ in building.corpora() if name not in measuring.LONG]
    if not found:
        raise Failure("no programs in target/bench: run `make bench QUICK=1` first")
    return found


def train(env):
    for wasm, flags in guests():
        say(f"running {wasm.stem}")
        harness = [OUT / "guest-tenon", *flags, "--out", os.devnull, wasm.name]
        with Server(wasm.stem, harness, wasm.parent, env) as server:
            for command in ["compile"] * (2 if wasm.stat().st_size > LARGE else 4) + ["load", "run"]:
                server.ask(command)
    with Server("single operations", [OUT / "micro-tenon", "--serve"], None, env) as server:
        for figure in measuring.C_FIGURES:
            server.ask(figure)


def main():
    merge = merger()
    env = build()
    # Build scripts and macros have been counting, too.
    shutil.rmtree(COUNTED, ignore_errors=True)
    train(env)
    run([merge, "merge", "--sparse", "-o", RESULT, *sorted(COUNTED.glob("*.profraw"))])
    say(f"wrote {RESULT.relative_to(ROOT)}: {RESULT.stat().st_size:,} bytes")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"profile: {failure}")

#!/usr/bin/env python3
"""Do the machines find faults? Puts bugs into a copy of the sources, one at a time, and lets a machine hunt; `make test-machines`.

    seeded.py [--only BUG[,BUG...]] [--seconds N] [--seed N] [--control N]

The bugs are patches in seeded/, whose first lines say what is wrong and which machine has to find it. The same machines
must find nothing in the sources as they are, for a short time. Fails if a bug is not found in time.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import hunting
from hunting import HERE, ROOT, Failure, Run
from machines import by_name

COPIES = ROOT / "target" / "seeded"
TREE = COPIES / "tree"


def say(text):
    print(f"machines: {text}", file=sys.stderr, flush=True)


class Bug:
    def __init__(self, path):
        self.name, self.path = path.stem, path
        head = dict(line.split(": ", 1) for line in path.read_text().split("\n\n", 1)[0].splitlines())
        self.what, self.machine = head["bug"], by_name(head["machine"])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="bugs to put in; no control then")
    parser.add_argument("--seconds", type=int, default=600, help="time to find a bug in")
    parser.add_argument("--seed", type=int, default=1, help="where a hunt begins")
    parser.add_argument("--control", type=int, default=20, help="seconds in which the sources as they are must show nothing")
    args = parser.parse_args()
    bugs = [Bug(path) for path in sorted((HERE / "seeded").glob("*.patch"))]
    args.bugs = [bug for bug in bugs if not args.only or bug.name in args.only.split(",")]
    if not args.bugs:
        parser.error(f"no such bug: there are {', '.join(bug.name for bug in bugs)}")
    return args


def sources():
    """Files that the repository has, or will have, as they are now."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def patched(bug, scratch):
    """The files that a bug changes, by name, with the bug in them."""
    if bug is None:
        return {}
    named = [line.removeprefix("+++ b/").strip() for line in bug.path.read_text().splitlines() if line.startswith("+++ b/")]
    shutil.rmtree(scratch, ignore_errors=True)
    for name in named:
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, scratch / name)
    # Otherwise the patch would be one for the repository above, which has no such folder.
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(scratch.parent)}
    done = subprocess.run(["git", "apply", str(bug.path)], cwd=scratch, env=env, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure(f"{bug.path.name} no longer fits the sources: {done.stderr.strip()}")
    texts = {name: (scratch / name).read_bytes() for name in named}
    if any(text == (ROOT / name).read_bytes() for name, text in texts.items()):
        raise Failure(f"{bug.path.name} changes nothing")
    shutil.rmtree(scratch)
    return texts


def put_sources(bug):
    """Makes the copy one of the sources, with the bug if there is one. What is right already is left alone."""
    changed, wanted = patched(bug, COPIES / "patched"), set(sources())
    TREE.mkdir(parents=True, exist_ok=True)
    for file in wanted:
        target, text = TREE / file, changed.get(file) or (ROOT / file).read_bytes()
        if not target.is_file() or target.read_bytes() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
            target.chmod((ROOT / file).stat().st_mode)
    for path in [p for p in TREE.rglob("*") if p.is_file()]:
        file = str(path.relative_to(TREE))
        if file not in wanted and not file.startswith("target/"):
            path.unlink()
    # What was built from other sources must not be taken for these; `build` makes sure.
    os.utime(TREE / "src/lib.rs")


def build(machines):
    """Test binaries of what stands in the copy."""
    # Cargo knows a package by its place in its workspace, so that it takes the copy's for those of the repository. A wrapper
    # of the compiler, even one that does nothing, keeps them apart: no soak may run a build with a bug.
    # A bug changes a function or two, so that building in increments takes a third of the time.
    env = {"RUSTC_WORKSPACE_WRAPPER": shutil.which("env"), "CARGO_INCREMENTAL": "1"}
    paths = hunting.build({machine.binary for machine in machines}, TREE, env, anew=True)
    hunting.check_tests(machines, paths)
    return paths


class Result:
    """What came of a hunt: what was found, if anything, and what went wrong if it was no finding."""

    def __init__(self, run, said, stopped, executions):
        self.took, self.executions, self.kept = run.took, max(executions, run.executions()), run.kept
        crashed = not stopped and not run.killed and run.process.returncode < 0
        self.found = said if stopped or run.reported.get("findings") else run.trouble if crashed else ""
        self.broke = "" if self.found else run.trouble


def hunt(machine, binary, seconds, seed):
    """Lets a machine hunt until it finds something or its time is up."""
    run = Run(machine, binary, seconds, seed, TREE)
    try:
        while not run.poll() and not run.said():
            time.sleep(0.2)
        stopped, said, executions = run.process.poll() is None, run.said(), run.progress()[1]
    finally:
        run.kill()
    run.finish(interrupted=stopped)
    return Result(run, said, stopped, executions)


def control(args):
    """The machines on the sources as they are."""
    machines = {bug.machine.name: bug.machine for bug in args.bugs}.values()
    put_sources(None)
    paths = build(machines)
    for machine in machines:
        result = hunt(machine, paths[machine.binary], args.control, args.seed)
        if result.found or result.broke:
            raise Failure(f"{machine.name} finds something where nothing was put in: {result.found or result.broke}; see {result.kept}")
        row("none", machine, result)


def seed_bug(args, bug):
    """Whether the bug's machine finds it."""
    put_sources(bug)
    say(f"{bug.name}: {bug.what}")
    result = hunt(bug.machine, build([bug.machine])[bug.machine.binary], args.seconds, args.seed)
    row(bug.name, bug.machine, result)
    return bool(result.found)


def row(bug, machine, result):
    end = "found after" if result.found else "nothing in" if bug == "none" else "NOT FOUND in"
    text = (result.found or result.broke).removeprefix(f"{machine.name}: ")[:150]
    print(f"{bug:<11} {machine.name:<10} {end:<12} {result.took:>6.1f} s {result.executions:>10,} executions  {text}".rstrip(), flush=True)


def main():
    args = arguments()
    if not args.only:
        control(args)
    missed = [bug.name for bug in args.bugs if not seed_bug(args, bug)]
    shutil.rmtree(COPIES)
    if missed:
        raise Failure(f"not found: {', '.join(missed)}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"machines: {failure}")
    except KeyboardInterrupt:
        sys.exit("machines: interrupted")

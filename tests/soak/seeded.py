#!/usr/bin/env python3
"""Do the machines find faults? Puts bugs into copies of the sources, one each, and lets a machine hunt; `make test-machines`.

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


def copy_sources(name, bug):
    """A copy of the sources, with the bug if there is one. What is right already is left alone, and not built again."""
    folder = COPIES / name
    changed, wanted = patched(bug, COPIES / f"{name}.patched"), set(sources())
    folder.mkdir(parents=True, exist_ok=True)
    for file in wanted:
        target, text = folder / file, changed.get(file) or (ROOT / file).read_bytes()
        if not target.is_file() or target.read_bytes() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
            target.chmod((ROOT / file).stat().st_mode)
    # Another bug may have stood here before: what was built from it must not be taken for this one's.
    os.utime(folder / "src/lib.rs")
    for path in [p for p in folder.rglob("*") if p.is_file()]:
        file = str(path.relative_to(folder))
        if file not in wanted and not file.startswith("target/"):
            path.unlink()
    return folder


def hunt(machine, folder, binary, seconds, seed):
    """Lets a machine hunt until it finds something or its time is up."""
    run = Run(machine, binary, seconds, seed, folder)
    try:
        while not run.poll() and not said_finding(run):
            time.sleep(0.2)
        found = "" if run.process.poll() is not None else said_finding(run)
        executions = run.progress()[1]
    finally:
        run.kill()
    run.finish(interrupted=bool(found))
    return Result(run, found or run.trouble, max(executions, run.executions()))


def said_finding(run):
    """The line in which a campaign tells of a finding; it goes on to look for more, which nobody waits for."""
    text = run.output.read_text(errors="replace")
    lines = (line for line in text.splitlines() if line.startswith(f"{run.machine.name}: "))
    return next(lines, "")


class Result:
    def __init__(self, run, found, executions):
        self.took, self.found, self.executions, self.kept = run.took, found, executions, run.kept


def control(args):
    """The machines on the sources as they are."""
    machines = {bug.machine.name: bug.machine for bug in args.bugs}.values()
    folder = copy_sources("control", None)
    paths = hunting.build({machine.binary for machine in machines}, folder)
    hunting.check_tests(machines, paths)
    for machine in machines:
        result = hunt(machine, folder, paths[machine.binary], args.control, args.seed)
        if result.found:
            raise Failure(f"{machine.name} finds something where nothing was put in: {result.found}; see {result.kept}")
        say(f"control: {machine.name} found nothing in {result.took:.0f} s, {result.executions:,} executions")


def seed_bug(args, bug):
    """Whether the bug's machine finds it."""
    folder = copy_sources(bug.name, bug)
    say(f"{bug.name}: {bug.what}")
    paths = hunting.build([bug.machine.binary], folder)
    hunting.check_tests([bug.machine], paths)
    result = hunt(bug.machine, folder, paths[bug.machine.binary], args.seconds, args.seed)
    print(f"{bug.name:<12} {bug.machine.name:<10} {'found after' if result.found else 'NOT FOUND in':<13} {result.took:>6.1f} s  "
          f"{result.executions:>10,} executions  {result.found.splitlines()[0][:150] if result.found else ''}", flush=True)
    return bool(result.found)


def main():
    args = arguments()
    if not args.only:
        control(args)
    missed = [bug.name for bug in args.bugs if not seed_bug(args, bug)]
    if missed:
        raise Failure(f"not found: {', '.join(missed)}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"machines: {failure}")
    except KeyboardInterrupt:
        sys.exit("machines: interrupted")

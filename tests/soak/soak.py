#!/usr/bin/env python3
"""Runs all machines that hunt for faults for a time, two processors' worth at once; `make soak MINUTES=n` calls this.

    soak.py MINUTES [--seed N] [--only MACHINE[,MACHINE...]] [--workers N] [--no-edges] [--no-peer]

The machines stand in machines.py. Ends with status 1 if anything was found, 2 if an hour or more did less than it must,
and with the table so far when interrupted.
"""

import argparse
import os
import signal
import sys
import time

import edges
import hunting
from hunting import Failure, Run, say
from machines import MACHINES, TARGETS, by_name

# Seconds between lines about what runs.
TELL = 15
# Between looks at what has ended.
PAUSE = 0.5
# Between the first seeds of two rounds; no machine does that many cases in one.
STRIDE = 1_000_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--seed", type=int, help="where seeds begin; the time of day otherwise")
    parser.add_argument("--only", help="machines to run")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="machines at once")
    parser.add_argument("--no-edges", action="store_true", help="do not count which edges of the library are reached")
    parser.add_argument("--no-peer", action="store_true", help="do not hold what machines do against libwasmtime's")
    args = parser.parse_args()
    if args.minutes <= 0 or args.workers < 1:
        parser.error("minutes and workers must be positive")
    args.seed = args.seed or int(time.time())
    try:
        args.machines = [by_name(name) for name in args.only.split(",")] if args.only else MACHINES
    except KeyError as unknown:
        parser.error(unknown.args[0])
    return args


def plan(machines, seconds, workers, seed):
    """What to run, in order: (machine, seconds, seed). Several rounds, so that an early end has seen all machines."""
    rounds = max(1, min(8, int(seconds // 450)))
    whole = sum(machine.weight for machine in machines)
    turns = []
    for nth in range(rounds):
        firsts = [1 if m.from_one and not nth else seed + nth * STRIDE for m in machines]
        shares = [(m, seconds * workers / rounds * m.weight / whole, first) for m, first in zip(machines, firsts)]
        # The longest first: then the short ones fill what is left.
        turns += sorted(shares, key=lambda turn: -turn[1])
    return turns


class Soak:
    def __init__(self, args, paths):
        self.args, self.paths = args, paths
        self.turns = plan(args.machines, args.minutes * 60, args.workers, args.seed)
        self.active, self.done = [], []
        self.edges, self.reached = edges.Edges(), {machine.name: set() for machine in args.machines}
        self.began, self.told = time.monotonic(), 0.0

    def run(self):
        """Until all turns are over."""
        while self.turns or self.active:
            while self.turns and len(self.active) < self.args.workers:
                machine, seconds, seed = self.turns.pop(0)
                self.active.append(Run(machine, self.paths[machine.binary], self.shorten(seconds), seed))
            for run in [run for run in self.active if run.poll()]:
                self.active.remove(run)
                self.end(run)
            self.tell()
            time.sleep(PAUSE)

    def shorten(self, seconds):
        """A late turn gets what is left, so that machines that end late do not add up."""
        left = self.args.minutes * 60 - (time.monotonic() - self.began)
        return min(seconds, max(left, 1)) if not self.turns else seconds

    def end(self, run, interrupted=False):
        run.finish(interrupted)
        self.done.append(run)
        self.reached[run.machine.name] |= self.edges.of_run(run.binary, run.edges)
        if run.trouble:
            say(f"FINDING by {run.machine.name}, seed {run.seed}: {run.trouble}; see {run.kept}")

    def stop(self):
        for run in self.active:
            run.kill()
            self.end(run, interrupted=True)
        self.active = []

    def tell(self):
        elapsed = time.monotonic() - self.began
        if elapsed - self.told < TELL:
            return
        self.told = elapsed
        running = ", ".join(f"{r.machine.name} {r.elapsed():.0f}/{r.seconds} s {r.progress()[1]:,}" for r in self.active)
        so_far = sum(r.executions() for r in self.done) + sum(r.progress()[1] for r in self.active)
        findings = sum(r.findings() for r in self.done)
        say(f"{elapsed / 60:.1f} of {self.args.minutes:g} min, {so_far:,} executions, {findings} findings; {running}")

    def findings(self):
        return sum(run.findings() for run in self.done)


def coverage(runs):
    """One machine's own figures: the most that a run reached of a fixed whole, sums otherwise."""
    figures = {}
    for run in runs:
        for what, (reached, of) in run.reported.get("coverage", {}).items():
            figures.setdefault(what, []).append((reached, of))
    words = []
    for what, pairs in figures.items():
        fixed = len({of for _, of in pairs}) == 1
        reached, of = max(pairs) if fixed else (sum(r for r, _ in pairs), sum(o for _, o in pairs))
        words.append(f"{what} {reached:,}/{of:,}")
    return "; ".join(words)


def print_table(soak):
    row = "{:<20} {:>12} {:>8} {:>8} {:>7}  {}".format
    print(row("machine", "executions", "findings", "seconds", "edges", "its own figures"))
    for machine in soak.args.machines:
        runs = [run for run in soak.done if run.machine is machine]
        executions, findings = sum(r.executions() for r in runs), sum(r.findings() for r in runs)
        seconds, edges_reached = f"{sum(r.took for r in runs):.0f}", f"{len(soak.reached[machine.name]):,}"
        print(row(machine.name, f"{executions:,}", findings, seconds, edges_reached, coverage(runs)))


def print_totals(soak):
    """Executions by kind beside what the time must come to; whether any is short."""
    short = False
    print()
    for kind, target in TARGETS.items():
        target = round(target * soak.args.minutes / 60)
        done = sum(run.executions() for run in soak.done if run.machine.kind == kind)
        missed = done < target
        short |= missed
        print(f"{kind:<24} {done:>12,} of {target:,}{'  SHORT' if missed else ''}")
    there, reached = len(soak.edges.there), len(set().union(*soak.reached.values()))
    if there:
        print(f"{'edges of the library':<24} {reached:>12,} of {there:,} ({reached / there:.0%})")
    print(f"{'findings':<24} {soak.findings():>12,}")
    return short


def fetch_peer():
    """Names libwasmtime's library to the machines, fetched as `make bench` does it; without it they go on, and say so."""
    if os.environ.get("TENON_FUZZ_LIBWASMTIME"):
        return
    sys.path.insert(0, str(hunting.ROOT / "tests" / "benches"))
    import ask
    import building
    try:
        building.OUT.mkdir(parents=True, exist_ok=True)
        os.environ["TENON_FUZZ_LIBWASMTIME"] = str(building.libwasmtime())
    except (ask.Failure, OSError) as failure:
        say(f"no libwasmtime to compare with: {failure}")


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    args = arguments()
    say(f"building with profile {hunting.PROFILE}")
    paths = hunting.build({machine.binary for machine in args.machines}, env={} if args.no_edges else edges.environment())
    hunting.check_tests(args.machines, paths)
    if not args.no_peer:
        fetch_peer()
    # Shells have what they start in the background ignore SIGINT.
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    say(f"{args.minutes:g} minutes, {args.workers} machines at once; SEED={args.seed} repeats the cases")
    soak, interrupted = Soak(args, paths), False
    try:
        soak.run()
    except KeyboardInterrupt:
        interrupted = True
    finally:
        soak.stop()
    print_table(soak)
    short = print_totals(soak)
    print(f"{(time.monotonic() - soak.began) / 60:.1f} minutes, SEED={args.seed}{', interrupted' if interrupted else ''}")
    if soak.findings():
        return 1
    if interrupted:
        return 130
    return 2 if short and args.minutes >= 60 else 0


def command():
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"soak: {failure}")
    except KeyboardInterrupt:
        sys.exit("soak: interrupted")


if __name__ == "__main__":
    command()

#!/usr/bin/env python3
"""Measures Tenon beside its peers and prints a table; `make bench` calls this.

    bench.py [--quick] [--only GROUP[,GROUP...] [--combine]] [--program NAME[,NAME...]] [--lib FOLDER]

Groups: exec gc calls wasi go size. A whole run writes tests/benches/results.json and results.svg; so does --combine, which
takes what is not measured now from the last runs of the other groups. --lib takes libtenon.so from another folder than
target/release, for the C harness.
"""

import argparse
import json
import sys
import time

import building
import measuring
import report
from ask import Failure

GROUPS = ["exec", "gc", "calls", "wasi", "go", "size"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under three minutes")
    parser.add_argument("--only", default="", help="groups to measure")
    parser.add_argument("--combine", action="store_true", help="with --only: the other groups' last figures, and write all")
    parser.add_argument("--program", default="", help="programs to measure")
    parser.add_argument("--lib", help="folder of another libtenon.so")
    args = parser.parse_args()
    args.groups = args.only.split(",") if args.only else (["exec", "gc", "wasi"] if args.program else GROUPS)
    for group in args.groups:
        if group not in GROUPS:
            parser.error(f"no group {group}: there are {', '.join(GROUPS)}")
    args.programs = args.program.split(",") if args.program else None
    return args


def remember(results):
    """Adds figures to those of earlier runs, and gives all of them."""
    path = building.OUT / "figures.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known.update(results)
    path.write_text(json.dumps(known, indent=1))
    return known


def main():
    args = arguments()
    began = time.monotonic()
    bench = measuring.Bench(args)
    for group in args.groups:
        getattr(bench, f"measure_{group}")()
    results, whole = bench.results, not args.program and not args.lib
    if whole:
        known = remember(results)
        results = known if args.combine else results
    rows = report.rows(results)
    report.print_programs(results)
    report.print_table(rows)
    if whole and (args.combine or not args.only):
        report.write(rows, results, args.quick)
    building.say(f"done in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")

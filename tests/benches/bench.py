#!/usr/bin/env python3
"""Measures Tenon beside its peers and prints a table; `make bench` calls this.

    bench.py [--quick] [--only GROUP[,GROUP...]] [--program NAME[,NAME...]] [--lib FOLDER]

Groups: exec gc calls wasi go size. With --only or --program nothing is written; else tests/benches/results.json and
results.svg are. --lib takes libtenon.so from another folder than target/release, for the C harness.
"""

import argparse
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
    parser.add_argument("--program", default="", help="programs to measure")
    parser.add_argument("--lib", help="folder of another libtenon.so")
    args = parser.parse_args()
    args.groups = args.only.split(",") if args.only else (["exec", "gc", "wasi"] if args.program else GROUPS)
    for group in args.groups:
        if group not in GROUPS:
            parser.error(f"no group {group}: there are {', '.join(GROUPS)}")
    args.programs = args.program.split(",") if args.program else None
    return args


def main():
    args = arguments()
    began = time.monotonic()
    bench = measuring.Bench(args)
    for group in args.groups:
        getattr(bench, f"measure_{group}")()
    rows = report.rows(bench.results)
    report.print_programs(bench.results)
    report.print_table(rows)
    if not args.only and not args.program:
        report.write(rows, bench.results, args.quick)
    building.say(f"done in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")

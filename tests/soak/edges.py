"""Which edges of the library the machines passed: instruments what is built, reads what processes report."""

import bisect
import struct
import subprocess

from hunting import HERE, OUT, ROOT, Failure


def environment():
    """For a build of instrumented test binaries."""
    words = subprocess.run([ROOT / "tests/setup/tool.sh", "cc"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    OUT.mkdir(parents=True, exist_ok=True)
    made = OUT / "coverage.o"
    command = [*words, "-O1", "-Wall", "-Wextra", "-fPIC", "-c", str(HERE / "coverage.c"), "-o", str(made)]
    if subprocess.run(command).returncode:
        raise Failure("coverage.c cannot be compiled")
    return {"RUSTC_WORKSPACE_WRAPPER": str(HERE / "instrument.sh"), "TENON_COVERAGE_OBJECT": str(made)}


def functions(binary):
    """Addresses and names of a program's functions, in order of addresses."""
    listed = subprocess.run(["nm", "--defined-only", binary], stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = (line.split(maxsplit=2) for line in listed.splitlines())
    return sorted((int(row[0], 16), row[2]) for row in rows if len(row) == 3 and row[1] in "tTwW")


class Edges:
    """What was reached and what there is. An edge is a function's name and a number, so that binaries can be held together."""

    def __init__(self):
        self.there, self.listed = set(), {}

    def of_run(self, binary, stem):
        """The edges that the processes of a run have passed; takes their files away."""
        reached = set()
        for path in stem.parent.glob(stem.name + ".*"):
            records = [record for (record,) in struct.iter_unpack("<Q", path.read_bytes())]
            reached |= {key for key, record in zip(self.keys(binary, records), records) if record & 1}
            path.unlink()
        return reached

    def keys(self, binary, records):
        """The edges of a binary, in its order; they are the same for all its processes."""
        if binary not in self.listed:
            known, keys, name, nth = functions(binary), [], "", 0
            starts = [start for start, _ in known]
            for record in records:
                if record & 2:
                    name, nth = known[bisect.bisect_right(starts, record >> 2) - 1][1], 0
                keys.append((name, nth))
                nth += 1
            self.listed[binary] = keys
            self.there |= set(keys)
        return self.listed[binary]

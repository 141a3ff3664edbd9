"""Builds the test binaries and runs one machine for a time."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "target" / "hunt"
PROFILE = "soak"
# Seconds that a machine may take longer than it was told: for its last case, and for shortening what it found.
GRACE = 90


class Failure(Exception):
    """Something that is said in one line, without a trace."""


def say(text):
    print(f"soak: {text}", file=sys.stderr, flush=True)


def build(binaries, source=ROOT, env=None, anew=False):
    """Builds test binaries of the crate in `source`; their paths by name. Everything goes to this repository's target/.

    `anew` fails if cargo takes the library for one that it has built before.
    """
    command = [os.environ.get("CARGO", "cargo"), "test", "--profile", PROFILE, "--no-run", "--message-format=json-render-diagnostics"]
    for binary in sorted(binaries):
        command += ["--test", binary]
    env = {"CARGO_INCREMENTAL": "0", **os.environ, "CARGO_TARGET_DIR": str(ROOT / "target"), **(env or {})}
    done = subprocess.run(command, cwd=source, env=env, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure(f"the tests of {source} cannot be built")
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    made = [message for message in messages if message["reason"] == "compiler-artifact"]
    if anew and not any("tenon" == m["target"]["name"] and "rlib" in m["target"]["crate_types"] and not m["fresh"] for m in made):
        raise Failure(f"cargo did not build the library of {source} anew")
    paths = {m["target"]["name"]: Path(m["executable"]) for m in made if m["target"]["kind"] == ["test"] and m["executable"]}
    for binary in binaries:
        if binary not in paths:
            raise Failure(f"cargo built no test {binary}")
    return paths


def check_tests(machines, paths):
    """Fails if a binary lacks a test that the table names: such a machine would do nothing, and well."""
    tests = {}
    for name, path in paths.items():
        listed = subprocess.run([path, "--list", "--format", "terse"], stdout=subprocess.PIPE, text=True, check=True).stdout
        tests[name] = {line.removesuffix(": test") for line in listed.splitlines() if line.endswith(": test")}
    for machine in machines:
        if machine.test not in tests[machine.binary]:
            raise Failure(f"machine {machine.name}: {machine.binary} has no test {machine.test}")


class Run:
    """One machine at work: a process of its own, with what it says in a file."""

    def __init__(self, machine, binary, seconds, seed, source=None):
        self.machine, self.seconds, self.seed = machine, max(1, round(seconds)), seed
        source = source or ROOT
        self.running = source / "target/findings" / f"running-{machine.name}"
        self.kept = source / "target/findings"
        OUT.mkdir(parents=True, exist_ok=True)
        stem = OUT / f"{machine.name}-{seed}-{os.getpid()}"
        self.binary = binary
        self.output, self.report, self.edges = (stem.with_suffix(end) for end in (".log", ".json", ".edges"))
        self.report.unlink(missing_ok=True)
        self.running.unlink(missing_ok=True)
        own = {"TENON_FUZZ_SECONDS": str(self.seconds), "TENON_FUZZ_SEED": str(seed), "TENON_FUZZ_REPORT": str(self.report),
               "TENON_FUZZ_EDGES": str(self.edges)}
        # What uses several threads by itself would take the other worker's processor.
        env = {**os.environ, "RAYON_NUM_THREADS": "1", **machine.env, **own}
        env.pop("TENON_FUZZ_RUNS", None)
        self.began = time.monotonic()
        with self.output.open("wb") as out:
            command = [binary, "--exact", machine.test, "--include-ignored", "--nocapture", "--test-threads=1"]
            self.process = subprocess.Popen(command, cwd=source, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        self.took, self.killed, self.reported, self.trouble, self.seen = 0.0, False, {}, "", (0, 0)

    def elapsed(self):
        return time.monotonic() - self.began

    def progress(self):
        """Seed of the case that runs and executions before it, as the campaign wrote them down; zeros before that."""
        for _ in range(5):
            try:
                seed, executions = self.running.read_text().split()
                self.seen = int(seed), int(executions)
                break
            except OSError:
                break  # Not there yet, or no longer: what was seen last.
            except ValueError:
                pass  # Just being written.
        return self.seen

    def poll(self):
        """Whether it has ended; kills it when it is overdue."""
        if self.process.poll() is None and self.elapsed() > self.seconds + GRACE:
            self.killed = True
            self.kill()
        return self.process.poll() is not None

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def said(self):
        """The line in which the campaign told of its first finding; it goes on to look for more."""
        text = self.output.read_text(errors="replace") if self.output.exists() else ""
        return next((line for line in text.splitlines() if line.startswith(f"{self.machine.name}: ")), "")

    def finish(self, interrupted=False):
        """Takes the process's result; keeps its output if there was trouble."""
        self.took = self.elapsed()
        self.reported = self.read_report()
        self.trouble = self.what_it_said() if interrupted else self.what_went_wrong()
        if self.trouble:
            self.keep()
        self.progress()
        for path in (self.output, self.report, self.running):
            path.unlink(missing_ok=True)

    def read_report(self):
        """What the campaign reported at its end; nothing if it did not come so far."""
        text = self.report.read_text() if self.report.exists() else ""
        try:
            lines = [json.loads(line) for line in text.splitlines()]
        except ValueError:
            return {}
        return next((line for line in lines if line["machine"] == self.machine.name), {})

    def what_it_said(self):
        return f"a finding before it was interrupted: {self.said()}" if self.said() else ""

    def what_went_wrong(self):
        status = self.process.returncode
        if self.killed:
            return f"a hang: killed after {self.took:.0f} s, {self.seconds} were given"
        if status < 0:
            return f"a crash: {signal.Signals(-status).name}"
        if status:
            return f"failed with status {status}, {self.reported.get('findings', 0)} findings reported"
        if not self.reported:
            return "ended well, but no campaign of this name reported"
        return ""

    def keep(self):
        """Writes the output to target/findings, with what repeats it."""
        # The file stays behind when the process could not say which case it was.
        seed = self.progress()[0] if self.running.exists() else 0
        once = f"TENON_FUZZ_SEED={seed or self.seed}" + (" TENON_FUZZ_RUNS=1" if seed else f" TENON_FUZZ_SECONDS={self.seconds}")
        env = " ".join([once, *(f"{k}={v}" for k, v in self.machine.env.items())])
        command = f"{env} cargo test --profile {PROFILE} --test {self.machine.binary} -- --exact {self.machine.test} --include-ignored --nocapture"
        self.kept.mkdir(parents=True, exist_ok=True)
        self.kept = self.kept / f"{self.machine.name}-{self.seed}.log"
        text = self.output.read_text(errors="replace")
        self.kept.write_text(f"{self.machine.name}: {self.trouble}\nrepeat: {command}\n\n{text}")

    def executions(self):
        return self.reported.get("executions") or self.progress()[1]

    def findings(self):
        return max(self.reported.get("findings", 0), 1 if self.trouble else 0)

#!/usr/bin/env python3
"""The driver's own ways to fail: whatever becomes of a machine, the status says so and the output stays, with what repeats it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import hunting
import machines
import seeded
import soak

FAKE = Path(__file__).resolve().parent / "fake.sh"


def fakes(names):
    return [machines.Machine(name, "fake", name, machines.PATHS) for name in names]


def drive(root, names, *flags):
    """In a process of its own: the driver with machines that are none, quick, and in a folder of its own."""
    hunting.ROOT, hunting.OUT, hunting.GRACE = root, root / "target/hunt", 0.5
    hunting.build = lambda *_, **__: {"fake": FAKE}
    machines.MACHINES[:] = fakes(names)
    soak.PAUSE = 0.02
    sys.argv = ["soak.py", "0.01", "--seed", "40", "--no-edges", "--no-peer", *flags]
    soak.command()


class Driver(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def start(self, *names):
        call = f"import pathlib, test_driver; test_driver.drive(pathlib.Path({str(self.root)!r}), {names!r})"
        command = [sys.executable, "-B", "-c", call]
        return subprocess.Popen(command, cwd=FAKE.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def soak(self, *names):
        """Status, table and messages of a soak with these machines."""
        process = self.start(*names)
        table, messages = process.communicate(timeout=60)
        return process.returncode, table, messages

    def kept(self, name, seed=40):
        """What was kept of a machine: its first two lines, and its output."""
        trouble, repeat, _, *output = (self.root / f"target/findings/{name}-{seed}.log").read_text().split("\n")
        return trouble, repeat, "\n".join(output)

    def assert_finding(self, name, trouble, repeat, output=""):
        status, table, messages = self.soak(name, "good")
        self.assertEqual(status, 1, messages)
        self.assertIn(f"FINDING by {name}, seed 40: {trouble}", messages)
        self.assertRegex(table, r"(?m)^findings +1$")
        self.assertRegex(table, r"(?m)^good +5 +0 ")
        kept = self.kept(name)
        self.assertTrue(kept[0].startswith(f"{name}: {trouble}"), kept)
        self.assertEqual(kept[1], f"repeat: {repeat} cargo test --profile soak --test fake -- --exact {name} --include-ignored --nocapture")
        self.assertEqual(kept[2].strip(), output)
        self.assertEqual(os.listdir(self.root / "target/hunt"), [], "only what was found is kept")

    def test_a_soak_without_findings_ends_well_and_keeps_nothing(self):
        status, table, messages = self.soak("good")
        self.assertEqual(status, 0, messages)
        self.assertRegex(table, r"(?m)^good +5 +0 .* things 1/2$")
        self.assertRegex(table, r"(?m)^path operations +5 of 167  SHORT$")
        self.assertEqual(os.listdir(self.root / "target/findings"), [])

    def test_a_crash_is_a_finding_with_the_case_that_ran(self):
        self.assert_finding("crash", "a crash: SIGSEGV", "TENON_FUZZ_SEED=7 TENON_FUZZ_RUNS=1")

    def test_a_hang_is_killed_and_is_a_finding_with_the_case_that_ran(self):
        self.assert_finding("hang", "a hang: killed after", "TENON_FUZZ_SEED=9 TENON_FUZZ_RUNS=1")

    def test_a_binary_that_runs_no_test_is_a_finding(self):
        self.assert_finding("silent", "ended well, but no campaign", "TENON_FUZZ_SEED=40 TENON_FUZZ_SECONDS=1", "running 0 tests")

    def test_a_finding_is_counted_as_reported(self):
        trouble, repeat = "failed with status 101, 1 findings", "TENON_FUZZ_SEED=40 TENON_FUZZ_SECONDS=1"
        self.assert_finding("finding", trouble, repeat, "finding: two sums differ")

    def test_a_test_that_fails_outside_of_its_campaign_is_a_finding(self):
        self.assert_finding("panic", "failed with status 101, 0 findings", "TENON_FUZZ_SEED=40 TENON_FUZZ_RUNS=1", "the machine itself is broken")

    def test_a_report_that_broke_off_is_a_finding(self):
        self.assert_finding("torn", "ended well, but no campaign", "TENON_FUZZ_SEED=40 TENON_FUZZ_RUNS=1")

    def test_a_test_that_is_not_there_fails_before_the_hunt(self):
        status, table, messages = self.soak("good", "missing")
        self.assertEqual((status, table), (1, ""))
        self.assertIn("machine missing: fake has no test missing", messages)

    def interrupt(self, *names, sent=signal.SIGINT):
        """Status and table of a soak that is interrupted as soon as these machines run."""
        process = self.start(*names)
        running = [self.root / f"target/findings/running-{name}" for name in names]
        while not all(path.exists() and path.read_text() for path in running):
            self.assertIsNone(process.poll(), "it ended before it was interrupted")
            time.sleep(0.01)
        time.sleep(0.1)  # For what is printed right after.
        process.send_signal(sent)
        table, messages = process.communicate(timeout=60)
        for name in names:
            with self.assertRaises(ProcessLookupError, msg="it goes on"):
                os.kill(int((self.root / f"pid-{name}").read_text()), 0)
        return process.returncode, table, messages

    def test_an_interrupted_soak_says_so_and_shows_its_table(self):
        for sent in (signal.SIGINT, signal.SIGTERM):
            status, table, messages = self.interrupt("slow", sent=sent)
            self.assertEqual(status, 130, messages)
            self.assertIn("SEED=40, interrupted", table)
            self.assertEqual(os.listdir(self.root / "target/findings"), [])

    def test_what_was_found_before_an_interruption_is_a_finding(self):
        status, table, messages = self.interrupt("late")
        self.assertEqual(status, 1, messages)
        self.assertRegex(table, r"(?m)^findings +1$")
        trouble, repeat, output = self.kept("late")
        self.assertEqual(trouble, "late: a finding before it was interrupted: late: two sums differ")
        self.assertIn("TENON_FUZZ_SEED=40 ", repeat)
        self.assertIn("late: two sums differ", output)

    def test_an_hour_that_did_too_little_fails(self):
        run = mock.patch.object(soak.Soak, "run", lambda _: None)
        built = mock.patch.object(hunting, "build", lambda *_, **__: {"fake": FAKE})
        listed = mock.patch.object(soak, "MACHINES", fakes(["good"]))
        with run, built, listed, mock.patch("builtins.print"), mock.patch.object(sys, "argv", ["soak.py", "60", "--no-edges", "--no-peer"]):
            self.assertEqual(soak.main(), 2)


class Seeded(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name)
        for where, name, value in [(hunting, "OUT", root / "hunt"), (hunting, "GRACE", 0.2), (seeded, "TREE", root)]:
            patch = mock.patch.object(where, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def hunt(self, name):
        return seeded.hunt(fakes([name])[0], FAKE, 1, 40)

    def test_a_bug_is_found_by_a_finding_or_a_crash(self):
        self.assertEqual(self.hunt("finding").found, "finding: two sums differ")
        self.assertEqual(self.hunt("late").found, "late: two sums differ")
        self.assertEqual(self.hunt("crash").found, "a crash: SIGSEGV")

    def test_nothing_else_is_taken_for_finding_a_bug(self):
        for name in ("silent", "panic", "hang", "torn"):
            result = self.hunt(name)
            self.assertEqual(result.found, "", name)
            self.assertNotEqual(result.broke, "", name)
        good = self.hunt("good")
        self.assertEqual((good.found, good.broke, good.executions), ("", "", 5))

    def test_a_bug_that_does_not_fit_or_changes_nothing_is_refused(self):
        patch = hunting.OUT.parent / "bug.patch"
        for text, why in [("-gone\n+put in\n", "no longer fits"), ("-target\n+target\n", "changes nothing")]:
            patch.write_text(f"bug: none\nmachine: paths\n\n--- a/.gitignore\n+++ b/.gitignore\n@@ -1 +1 @@\n{text.replace('target', '/target')}")
            with self.assertRaisesRegex(hunting.Failure, why):
                seeded.patched(seeded.Bug(patch), hunting.OUT.parent / "patched")

    def test_a_library_that_was_built_before_is_not_taken_for_one_with_a_bug(self):
        for fresh in ("true", "false"):
            cargo = hunting.OUT.parent / f"cargo-{fresh}"
            lines = [artifact("tenon", '"cdylib","rlib"', '"lib"', fresh), artifact("fake", '"bin"', '"test"', "false")]
            cargo.write_text("#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines))
            cargo.chmod(0o755)
            with mock.patch.dict(os.environ, {"CARGO": str(cargo)}):
                if fresh == "true":
                    self.assertRaisesRegex(hunting.Failure, "anew", hunting.build, ["fake"], hunting.OUT.parent, anew=True)
                    self.assertRaisesRegex(hunting.Failure, "no test other", hunting.build, ["other"], hunting.OUT.parent)
                else:
                    self.assertEqual(hunting.build(["fake"], hunting.OUT.parent, anew=True), {"fake": FAKE})


def artifact(name, crates, kinds, fresh):
    """A line that cargo prints about something it has built."""
    target = f'{{"name":"{name}","kind":[{kinds}],"crate_types":[{crates}]}}'
    return f'{{"reason":"compiler-artifact","target":{target},"fresh":{fresh},"executable":"{FAKE}"}}'


if __name__ == "__main__":
    unittest.main()

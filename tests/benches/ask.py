"""Processes that answer commands with numbers, asked in turn."""

import os
import statistics
import subprocess
import tempfile
import time


class Failure(Exception):
    """A measurement that cannot be made; the text says why."""


class Server:
    """A harness that reads a command per line and answers each with a number."""

    def __init__(self, name, command, cwd=None, env=None):
        self.name = name
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, env={**os.environ, **(env or {})}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)

    def ask(self, command):
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
            return float(answer)
        except (ValueError, OSError):
            raise Failure(f"{self.name} fails at '{command}': {self.last_words()}") from None

    def last_words(self):
        status = self.process.wait()
        self.errors.seek(0)
        text = self.errors.read().decode(errors="replace").strip()
        return (text[-1500:] or "no message") + f" (exit status {status})"

    def close(self):
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except OSError:
                pass
        self.process.wait()
        self.errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Native:
    """A native program: every run is a process, which times itself."""

    def __init__(self, name, command, cwd=None):
        self.name, self.command, self.cwd = name, [str(word) for word in command], cwd
        self.output = b""

    def ask(self, _):
        done = subprocess.run(self.command, cwd=self.cwd, capture_output=True)
        line = [text for text in done.stderr.decode().splitlines() if text.startswith("#ms ")]
        if done.returncode or not line:
            raise Failure(f"{self.name}: {done.stderr.decode()[-500:]} (exit status {done.returncode})")
        self.output = done.stdout
        return float(line[0].split()[1])

    def close(self):
        pass


def interleaved(servers, command, rounds, budget=None):
    """Medians by name. Everybody answers once per round, so that what disturbs one disturbs all. The first round warms up and
    does not count, unless it alone takes longer than `budget` seconds; no round begins after that time."""
    answers = {name: [] for name in servers}
    began = time.monotonic()
    for turn in range(rounds + 1):
        if turn and budget and time.monotonic() - began > budget:
            break
        for name, server in servers.items():
            answers[name].append(server.ask(command))
    return {name: statistics.median(list_[1:] or list_) for name, list_ in answers.items()}


def geometric_mean(values):
    return statistics.geometric_mean(values)

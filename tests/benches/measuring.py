"""What is measured, and how."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import building
from ask import Failure, Native, Server, interleaved
from building import HERE, OUT, say

# In a folder of this many entries. Buffers are of a mebibyte: libwasmtime reads the whole folder at every call, and would
# take twenty minutes with the 4 KiB of wasi-libc's readdir.
ENTRIES = 100_000
# What the WASI guest is asked to do, and how often in a run; `readdir` once, for all entries.
IO = {
    "read4k": 50_000,
    "read64k": 10_000,
    "write4k": 50_000,
    "write64k": 10_000,
    "small": 10_000,
    "readdir": ENTRIES,
    "clock": 1_000_000,
}
# Programs that run for seconds, which the quick mode leaves out.
LONG = ["shootout-ed25519", "shootout-seqhash", "shootout-fib2"]
C_FIGURES = ["call_checked", "call_unchecked", "host_checked", "host_unchecked", "trap", "instance"]
GO_FIGURES = {
    "tenon": ["typed_call", "typed_long", "func_call", "typed_host", "untyped_host", "trap", "instance", "cancel", "empty_cgo", "work", "work_cancellable"],
    "wasmtime": ["func_call", "typed_host", "untyped_host", "trap", "instance", "cancel"],
    "wazero": ["typed_call", "func_call", "typed_host", "untyped_host", "trap", "instance", "cancel"],
}


@dataclass
class Program:
    name: str
    wasm: Path
    native: Path | None = None
    expected: bytes | None = None
    args: list = field(default_factory=list)
    flags: list = field(default_factory=list)


class Bench:
    """Builds what a group needs, measures it, and keeps medians in `results`."""

    def __init__(self, args):
        self.args = args
        self.rounds, self.budget = (3, 2.0) if args.quick else (10, 60.0)
        self.results = {}
        OUT.mkdir(parents=True, exist_ok=True)
        if not building.LIBRARY.exists() and not args.lib:
            raise Failure("target/release/libtenon.so is not there: run `make lib`")
        self.hosts = building.c_harnesses(building.libwasmtime())
        self.env = {"LD_LIBRARY_PATH": args.lib} if args.lib else {}
        self.go_made = None

    def go_hosts(self):
        self.go_made = self.go_made or building.go_hosts()
        return self.go_made

    def wanted(self, name):
        return self.args.programs is None or name in self.args.programs

    def programs(self):
        found = []
        for name in filter(self.wanted, building.GUESTS):
            found.append(Program(name, *building.c_guest(name, ["-msimd128"] if name == "simd" else [])))
        if self.wanted("gotext"):
            found.append(Program("gotext", building.go_guest("gotext")))
        if self.wanted("wat"):
            found.append(Program("wat", self.text("wat")))
        found += [Program(name, wasm, expected=expected) for name, wasm, expected in building.corpora() if self.wanted(name)]
        if self.args.quick and self.args.programs is None:
            found = [program for program in found if program.name not in LONG]
            say(f"quick: without {', '.join(LONG)}; medians of up to {self.rounds} rounds")
        names = [program.name for program in found]
        if len(set(names)) < len(names):
            raise Failure(f"two programs have the same name: {sorted(names)}")
        return found

    def text(self, name, source=None):
        return building.text_guest(name, self.hosts["guest", "tenon"], source)

    def guest(self, engine, program, cwd, label="", flags=()):
        out = OUT / f"out-{engine}{label}"
        command = [self.hosts["guest", engine], "--out", out, *program.flags, *flags, program.wasm.name, *program.args]
        return Server(f"{engine}{label}, {program.name}", command, cwd, self.env if engine == "tenon" else None), out

    def go_guest(self, binding, program):
        out = OUT / f"out-go-{binding}"
        server = Server(f"{binding} in Go, {program.name}", [self.go_hosts()[binding], program.wasm.name], program.wasm.parent,
                        {"GUEST_STDOUT": str(out)})
        return server, out

    def measure_exec(self):
        programs = self.programs()
        with_go = "go" in self.args.groups
        self.results["exec"] = {}
        for i, program in enumerate(programs):
            figures = self.run_program(program, with_go)
            self.results["exec"][program.name] = figures
            run = figures["run"]
            say(f"{i + 1}/{len(programs)} {program.name}: {run['tenon']:.1f} ms, {run['tenon'] / run['wasmtime']:.2f} of libwasmtime's")

    def run_program(self, program, with_go):
        """Medians of running, compiling and loading a program on every engine."""
        made = {name: self.guest(name, program, program.wasm.parent) for name in ("tenon", "wasmtime")}
        made["epoch"] = self.guest("tenon", program, program.wasm.parent, "-epoch", ["--epoch"])
        if with_go:
            made["go"], made["wazero"] = self.go_guest("tenon", program), self.go_guest("wazero", program)
        servers = {name: server for name, (server, _) in made.items()}
        if program.native:
            servers["native"] = Native(f"native {program.name}", [program.native])
        # Whoever answers has compiled the program. Otherwise one engine would be timed while others still compile.
        for server in servers.values():
            server.ask("run")
        try:
            figures = {"run": interleaved(servers, "run", self.rounds, self.budget)}
            self.compare_outputs(program, {name: out.read_bytes() for name, (_, out) in made.items()})
            pair = {name: servers[name] for name in ("tenon", "wasmtime")}
            figures["compile"] = interleaved(pair, "compile", self.rounds, self.budget / 2)
            figures["load"] = interleaved(pair, "load", self.rounds, self.budget / 2)
        finally:
            for server in servers.values():
                server.close()
        return figures

    def compare_outputs(self, program, outputs):
        expected = program.expected if program.expected is not None else outputs["wasmtime"]
        for name, output in outputs.items():
            if output != expected:
                raise Failure(f"{program.name}: {name} prints {output[:200]!r}, expected {expected[:200]!r}")

    def measure_gc(self):
        self.results["gc"] = {}
        for name in filter(self.wanted, building.GC_GUESTS):
            program = Program(name, self.text(name), flags=["--gc"])
            servers = {engine: self.guest(engine, program, program.wasm.parent)[0] for engine in ("tenon", "wasmtime")}
            try:
                figures = interleaved(servers, "run", self.rounds, self.budget)
            finally:
                for server in servers.values():
                    server.close()
            self.results["gc"][name] = figures
            say(f"{name}: {figures['tenon']:.1f} ms, {figures['tenon'] / figures['wasmtime']:.2f} of libwasmtime's")

    def measure_calls(self):
        servers = {
            engine: Server(f"{engine}, single operations", [self.hosts["micro", engine], "--serve"], None, self.env if engine == "tenon" else None)
            for engine in ("tenon", "wasmtime")
        }
        self.results["calls"] = self.measure_figures(servers, C_FIGURES)
        # Once: what comes later finds memory that the allocator has kept.
        self.results["resident"] = interleaved(servers, "resident", 0)
        for server in servers.values():
            server.close()

    def measure_figures(self, servers, names):
        figures = {}
        for name in names:
            figures[name] = interleaved(servers, name, self.rounds)
            say(f"{name}: " + ", ".join(f"{engine} {value:.0f} ns" for engine, value in figures[name].items()))
        return figures

    def measure_wasi(self):
        self.results["wasi"] = {}
        folder = OUT / "io"
        folder.mkdir(exist_ok=True)
        wasm, native = building.c_guest("io")
        self.fill(folder / "many")
        for what, count in IO.items():
            if not self.wanted(what) and self.args.programs is not None:
                continue
            program = Program("io", Path("../guests") / wasm.name, args=[what, str(count)])
            servers = {}
            for engine in ("tenon", "wasmtime"):
                command = [self.hosts["guest", engine], "--out", OUT / f"out-{engine}", wasm, what, count]
                servers[engine] = Server(f"{engine}, io {what}", command, folder, self.env if engine == "tenon" else None)
            servers["native"] = Native(f"native io {what}", [native, *program.args], folder)
            try:
                figures = interleaved(servers, "run", self.rounds, self.budget)
                self.compare_outputs(program, {**{e: (OUT / f"out-{e}").read_bytes() for e in ("tenon", "wasmtime")},
                                               "native": servers["native"].output})
            finally:
                for server in servers.values():
                    server.close()
            figures = {name: value * 1e6 / count for name, value in figures.items()}
            self.results["wasi"][what] = {"ns": figures, "count": count}
            say(f"{what}: " + ", ".join(f"{engine} {value:.0f} ns" for engine, value in figures.items()))

    def fill(self, many):
        if (many / f"entry-{ENTRIES - 1:06}").exists():
            return
        say(f"making a folder of {ENTRIES:,} entries")
        many.mkdir(exist_ok=True)
        for i in range(ENTRIES):
            (many / f"entry-{i:06}").touch()

    def measure_go(self):
        hosts = self.go_hosts()
        self.write_binaries()
        env = {"GUEST_BINARIES": str(OUT / "guests")}
        servers = {name: Server(f"{name} in Go, single operations", [path], None, env) for name, path in hosts.items()}
        figures = {}
        for name in GO_FIGURES["tenon"]:
            asked = {engine: servers[engine] for engine, names in GO_FIGURES.items() if name in names}
            figures.update(self.measure_figures(asked, [name]))
        allocations = {name: servers["tenon"].ask(f"allocs {name}") for name in ("typed_call", "typed_host")}
        self.results["go"] = figures
        self.results["allocations"] = allocations
        for server in servers.values():
            server.close()

    def write_binaries(self):
        """The texts in the Go harness as binaries, for the binding that reads no text."""
        source = (HERE / "host/go/common.go").read_text()
        for name in ("micro", "small", "spin"):
            self.text(name, re.search(rf"{name}Guest\s*= `([^`]*)`", source).group(1))

    def measure_size(self):
        self.results["size"] = building.stripped_size()

"""Fetches the peers and builds guests and harnesses into target/bench."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from ask import Failure

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "target" / "bench"
LIBRARY = ROOT / "target" / "release" / "libtenon.so"
CORPORA = Path(os.environ.get("TENON_CORPORA", ROOT.parent / "shared" / "corpora")) / "bench"

WASMTIME = "50.0.1"
# The newest of each that the module proxy has.
GO_PEERS = {
    "wasmtime": ("github.com/bytecodealliance/wasmtime-go/v44", "v44.0.0"),
    "wazero": ("github.com/tetratelabs/wazero", "v1.12.0"),
}
GUESTS = ["integer", "float", "memory", "calls", "indirect", "branches", "simd", "strings", "sorting", "hashing", "patterns", "matrix"]
GC_GUESTS = ["gc-trees", "gc-lists", "gc-arrays", "gc-objects"]


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run(command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise Failure(f"{' '.join(str(word) for word in command)}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def tool(name):
    """The words of a tool's command."""
    done = subprocess.run([ROOT / "tests/setup/tool.sh", name], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure(f"no {name}")
    return done.stdout.split()


def is_newer(target, *sources):
    """Whether `target` exists and nothing it is made from has changed since."""
    return target.exists() and all(Path(s).stat().st_mtime <= target.stat().st_mtime for s in sources)


def libwasmtime():
    """libwasmtime from its Python wheel."""
    library = OUT / "peers" / f"libwasmtime-{WASMTIME}.so"
    if library.exists():
        return library
    say(f"fetching wasmtime=={WASMTIME} from PyPI")
    wheels = OUT / "peers" / "wheel"
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run(pip + ["--version"], capture_output=True).returncode:
        venv = OUT / "venv"
        run([sys.executable, "-m", "venv", venv])
        pip = [venv / "bin/python", "-m", "pip"]
    run(pip + ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "-d", wheels, f"wasmtime=={WASMTIME}"])
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith("_libwasmtime.so"))
        library.parent.mkdir(parents=True, exist_ok=True)
        library.with_suffix(".part").write_bytes(wheel.read(name))
    library.with_suffix(".part").rename(library)
    return library


def c_harnesses(peer):
    """Paths of the C harnesses by (program, engine)."""
    made = {}
    cc = None
    for engine, library in (("tenon", LIBRARY), ("wasmtime", peer)):
        for program in ("micro", "guest"):
            source, target = HERE / "host" / f"{program}.c", OUT / f"{program}-{engine}"
            if not is_newer(target, source, ROOT / "include/wasmtime/func.h"):
                cc = cc or tool("cc")
                run(cc + ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-I", ROOT / "include", "-o", target, source, library,
                          "-lpthread", f"-Wl,-rpath,{library.parent}"])
            made[program, engine] = target
    return made


def c_guest(name, flags=()):
    """A guest in C: (wasm, native program)."""
    source, header = HERE / "guests" / f"{name}.c", HERE / "guests" / "bench.h"
    wasm, native = OUT / "guests" / f"{name}.wasm", OUT / "guests" / f"{name}-native"
    wasm.parent.mkdir(parents=True, exist_ok=True)
    if not is_newer(wasm, source, header):
        say(f"building {name}.wasm")
        run(tool("wasicc") + ["-O2", "-s", *flags, "-o", wasm, source])
    if not is_newer(native, source, header):
        run(tool("cc") + ["-O2", "-o", native, source, "-lm"])
    return wasm, native


def go_guest(name):
    folder, wasm = HERE / "guests" / name, OUT / "guests" / f"{name}.wasm"
    if not is_newer(wasm, folder / "main.go"):
        say(f"building {name}.wasm")
        run(tool("go") + ["build", "-o", wasm, "."], cwd=folder, env={**os.environ, "GOOS": "wasip1", "GOARCH": "wasm"})
    return wasm


def text_guest(name, harness, source=None):
    """A guest in the text format, from the guests or from `source`."""
    wasm = OUT / "guests" / f"{name}.wasm"
    path = HERE / "guests" / f"{name}.wat"
    wasm.parent.mkdir(parents=True, exist_ok=True)
    if source is not None:
        path = OUT / "guests" / f"{name}.wat"
        if not path.exists() or path.read_text() != source:
            path.write_text(source)
    if not is_newer(wasm, path):
        run([harness, "--wat2wasm", path, wasm])
    return wasm


def corpora():
    """Programs of the shared corpora, in a copy of their folders: (name, wasm, expected output or None)."""
    if not CORPORA.is_dir():
        say(f"{CORPORA} is not there: only this repository's guests are run")
        return []
    copy = OUT / "corpora"
    if not copy.exists():
        shutil.copytree(CORPORA, copy, copy_function=shutil.copyfile)
    found = []
    for wasm in sorted(copy.glob("*/*.wasm")):
        expected = wasm.with_suffix(".stdout.expected")
        name = wasm.parent.name if wasm.stem == "benchmark" else wasm.stem
        found.append((name, wasm, expected.read_bytes() if expected.exists() else None))
    return found


def go_hosts():
    """Programs by binding. Each is its own module, built outside of the repository's folders."""
    go = tool("go")
    peers = {"tenon": None, **GO_PEERS}
    made = {}
    for name, peer in peers.items():
        folder, target = OUT / "go" / name, OUT / f"go-{name}"
        sources = [HERE / "host/go/common.go", *sorted((HERE / "host/go").glob(f"{name}*.go"))]
        made[name] = target
        # Our own package changes: Go knows best whether anything did.
        if peer and is_newer(target, *sources):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for source in sources:
            shutil.copy2(source, folder)
        lines = ["module host", "go 1.26"]
        if peer:
            say(f"fetching {peer[0]}@{peer[1]} from the Go module proxy")
            lines += [f"require {peer[0]} {peer[1]}"]
        else:
            lines += ["require github.com/tenon-wasm/tenon-go v0.0.0", f"replace github.com/tenon-wasm/tenon-go => {ROOT / 'go-bindings'}"]
        (folder / "go.mod").write_text("\n".join(lines) + "\n")
        env = {**os.environ, "GOFLAGS": "-mod=mod", "CGO_ENABLED": "1"}
        run(go + ["build", "-o", target, "."], cwd=folder, env=env)
    return made


def stripped_size():
    """Bytes of the library without symbols and debug information; None without `strip`."""
    if not shutil.which("strip"):
        return None
    copy = OUT / "stripped.so"
    run(["strip", "-o", copy, LIBRARY])
    return copy.stat().st_size
